import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { BUNDLE_BYTES_MAX, DIFF_BYTES_MAX, type Outcome } from "../rules/gladiator.ts";
import { inFresh, runShell, type Arena } from "./arena.ts";
import { git, gitlinksOf, listTree, Refused, type Base } from "./repositories.ts";
import { runGit } from "./git.ts";
import { SandboxError, type Sandbox } from "./sandbox.ts";

/** What a gladiator left, as a commit on the base. */
export type Entry = {
  commit: string;
  files: readonly { path: string; added: number; removed: number }[];
  paths: readonly string[];
  diff: string;
};
export type Collected = { bundle: Buffer; entry: Entry };
export type NotTaken = Extract<Outcome, "NO_CHANGE" | "TOO_LARGE" | "UNSAFE_FILES">;

const PACK = "tar -C repository --ignore-case --exclude=.git -cf - .";
const UNCHANGED = 3;
/** Everything under the base's own .git: nothing that the gladiator made is read as git's. */
const COLLECT = `
set -eu
cd repository
find . -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +
tar -xf - >&2
chmod -R u+rwX .
base=$(git rev-parse HEAD)
git add --all -- . >&2
git commit --quiet --allow-empty --no-verify -m "A gladiator's work" >&2
[ "$(git rev-parse 'HEAD^{tree}')" != "$(git rev-parse "$base^{tree}")" ] || exit ${UNCHANGED}
git update-ref refs/heads/entry HEAD
git bundle create --quiet - "$base..refs/heads/entry"
`;
const IDENTITY = {
  GIT_AUTHOR_NAME: "Agon",
  GIT_AUTHOR_EMAIL: "arena@agon.invalid",
  GIT_COMMITTER_NAME: "Agon",
  GIT_COMMITTER_EMAIL: "arena@agon.invalid",
};

/**
 * Takes a gladiator's files out of its sandbox into a second one with a clean copy of the base, where git makes a commit of
 * them; what comes out is a bundle. Host git sees it only there, in a bare repository.
 */
export async function collect(arena: Arena, from: Sandbox): Promise<Collected | NotTaken> {
  const bundle = await inFresh(arena, (into) => bundleOf(arena, from, into));
  if (typeof bundle === "string") return bundle;
  const entry = await importEntry(arena.base, bundle);
  return typeof entry === "string" ? entry : { bundle, entry };
}

async function bundleOf(
  { limits: { diskMiB }, stop }: Arena,
  from: Sandbox,
  into: Sandbox,
): Promise<Buffer | NotTaken> {
  const pipe = new PassThrough();
  const limits = { timeMaxMs: 120_000, stop };
  // A file with holes has no end worth waiting for: what is too large is not read on.
  const enough = new AbortController();
  const packedMax = diskMiB * 1_048_576;
  let packedBytes = 0;
  const packing = from.run({
    ...{ argv: ["sh", "-c", PACK], environment: {}, input: null, outputBytesMax: Infinity, ...limits },
    stop: AbortSignal.any([stop, enough.signal]),
    onOutput: async (bytes, stream) => {
      packedBytes += bytes.length;
      if (packedBytes > packedMax) return enough.abort();
      if (stream !== "stdout" || pipe.destroyed || pipe.write(bytes)) return;
      const { signal, abort } = listening();
      await Promise.race([once(pipe, "drain", { signal }), once(pipe, "close", { signal })]).finally(abort);
    },
  });
  const packed = packing.finally(() => pipe.end());
  const taking = runShell(into, COLLECT, {
    ...limits,
    input: pipe,
    environment: IDENTITY,
    outputMax: BUNDLE_BYTES_MAX,
  });
  const taken = taking.finally(() => pipe.destroy());
  const [packEnded, { by, exitCode, droppedBytes, stdout }] = await Promise.all([packed, taken]);
  stop.throwIfAborted();
  if (packedBytes > packedMax || droppedBytes > 0) return "TOO_LARGE";
  if (packEnded.by !== "EXIT" || by === "TIME")
    throw new SandboxError(`a gladiator's work was not taken out (${packEnded.by}, ${by})`);
  if (by === "EXIT" && exitCode === UNCHANGED) return "NO_CHANGE";
  return by === "EXIT" && exitCode === 0 && packEnded.exitCode === 0 ? stdout : "UNSAFE_FILES";
}

/** A signal that ends what still listens: of two that are waited for the other one would go on. */
function listening(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const SIZES: ReadonlySet<string> = new Set(["REPOSITORY_TOO_LARGE", "FILE_TOO_LARGE", "TOO_MANY_FILES"]);

/** Verifies a bundle: only a commit on the base, with objects and files as they must be. */
export const importEntry = (base: Base, bundle: Buffer): Promise<Entry | NotTaken> =>
  withEntry(base, bundle, (entry) => Promise.resolve(entry));

/**
 * Takes a bundle beside the mirror, into a repository of its own that stands on it and goes when `work` is done: entries would
 * else stay in the mirror for ever.
 */
export async function withEntry<T>(
  base: Base,
  bundle: Buffer,
  work: (entry: Entry, repository: string) => Promise<T>,
): Promise<T | NotTaken> {
  const repository = `${base.repository}.entry-${randomUUID()}`;
  try {
    await git({ args: ["init", "--quiet", "--bare", "--template=", repository] });
    await writeFile(join(repository, "objects/info/alternates"), `${join(base.repository, "objects")}\n`);
    // What the mirror has no past of has none here.
    await copyFile(join(base.repository, "shallow"), join(repository, "shallow")).catch(unlessAbsent);
    await git({ args: ["update-ref", "refs/heads/base", base.commit], repository });
    const entry = await takeIn(base, repository, bundle);
    return typeof entry === "string" ? entry : await work(entry, repository);
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
}

function unlessAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function takeIn(base: Base, repository: string, bundle: Buffer): Promise<Entry | NotTaken> {
  const file = join(repository, "bundle-entry");
  const ref = "refs/heads/entry";
  try {
    await writeFile(file, bundle);
    await git({ args: ["bundle", "verify", "--quiet", file], repository });
    // Before its version 2.46 git does not check what it fetches from a bundle: the pack in it is indexed as strictly as a fetched one.
    const pack = bundle.subarray(bundle.indexOf("\n\n") + 2);
    await git({ args: ["index-pack", "--stdin", "--fix-thin", "--strict"], repository, input: pack });
    const heads = (await git({ args: ["bundle", "list-heads", file, ref], repository })).toString();
    await git({ args: ["update-ref", ref, heads.slice(0, heads.indexOf(" "))], repository });
    const [commit = "", ...parents] = (await git({ args: ["rev-list", "--parents", "-n", "1", ref], repository }))
      .toString()
      .trim()
      .split(" ");
    if (parents.join(" ") !== base.commit) return "UNSAFE_FILES";
    return await describe(repository, base, commit);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return SIZES.has(error.refusal) ? "TOO_LARGE" : "UNSAFE_FILES";
  }
}

async function describe(repository: string, base: Base, commit: string): Promise<Entry | NotTaken> {
  const now = await listTree(repository, commit);
  const known = new Set(base.gitlinks);
  if (gitlinksOf(now.entries).some((path) => !known.has(path))) return "UNSAFE_FILES";
  // As text, whatever is in a file: a NUL in a program would make its whole change one line that nobody is shown.
  await mkdir(join(repository, "info"), { recursive: true });
  await writeFile(join(repository, "info/attributes"), "* diff\n");
  const plain = ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", base.commit, commit];
  const counted = (await git({ args: ["diff", "--numstat", "-z", ...plain], repository })).toString();
  const files = counted
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const [added = "", removed = "", ...path] = line.split("\t");
      return { path: path.join("\t"), added: Number(added), removed: Number(removed) };
    });
  return { commit, files, paths: now.entries.map(({ path }) => path), diff: await diffOf(repository, plain) };
}

/** The diff as people read it; one that is longer is cut behind its last whole file, which is said. */
async function diffOf(repository: string, plain: readonly string[]): Promise<string> {
  const ended = await runGit({
    ...{
      args: ["-c", "core.quotePath=false", "diff", ...plain],
      repository,
      input: null,
      remote: null,
      timeMaxMs: 30_000,
      fileMiBMax: 1,
    },
    outputBytesMax: DIFF_BYTES_MAX,
  });
  const text = ended.stdout.toString().replaceAll("\0", "\u{FFFD}");
  if (ended.code === 0) return text;
  const whole = text.slice(0, Math.max(text.lastIndexOf("\ndiff --git "), 0) || text.lastIndexOf("\n"));
  return `${whole}\n… the diff is longer than ${DIFF_BYTES_MAX} bytes and is cut here\n`;
}
