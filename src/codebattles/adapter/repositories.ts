import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, utimes, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { findHost } from "../../platform/find-host.ts";
import {
  FETCH_MAX_MS,
  isCommitId,
  isLink,
  isRevision,
  judgeTree,
  placeOf,
  refusalOf,
  REPOSITORY_MIB_MAX,
  type Entry,
  type Place,
  type RepositoryRefusal,
  type TreeFacts,
} from "../rules/repository.ts";
import { discoverSetup, READ_FILES, type Setup } from "../rules/setup.ts";
import { runGit, type GitCall, type GitEnded } from "./git.ts";
import { boundMirrors, type Kept } from "./mirrors.ts";
import { SandboxError, type Sandbox } from "./sandbox.ts";

/** Bare copies of repositories, kept by this server alone. */
export type RepositoryStore = {
  folder: string;
  /** In development: servers of this machine and plain http. */
  isPrivateAllowed: boolean;
  /** All mirrors of a server together; what was used longest ago goes. */
  mibMax: number;
  fetchMaxMs?: number;
};

/** Which repository at what, and the header with which its server lets us in. */
export type Wanted = { url: string; revision: string | null; authorization: string | null };

/** What gladiators get: one commit without a past, with the tree of the source; `gitlinks` are where it names other repositories. */
export type Base = {
  repository: string;
  source: string;
  commit: string;
  ref: string;
  gitlinks: readonly string[];
  facts: TreeFacts;
  setup: Setup;
};

const LISTING_BYTES_MAX = 32 * 1_048_576;
const ANSWER_BYTES_MAX = 4 * 1_048_576;
const LINK_BYTES_MAX = 4_096;
const TEXT_BYTES_MAX = 262_144;
const LOCAL_MAX_MS = 30_000;
const CHECKOUT_MAX_MS = 60_000;

/** A repository is not taken; carries the name of the reason through the calls that lead to it. */
export class Refused extends Error {
  readonly refusal: RepositoryRefusal;
  constructor(refusal: RepositoryRefusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** Fetches one commit of a repository and makes it a base; or says why not. No program of the repository runs. */
export async function fetchBase(store: RepositoryStore, wanted: Wanted): Promise<Base | RepositoryRefusal> {
  try {
    const remote = await remoteOf(store, wanted);
    const revision = await resolve(store, remote, wanted.revision);
    const repository = await openMirror(store, wanted.url);
    const source = await fetchCommit(store, repository, remote, revision);
    const { entries, facts } = await listTree(repository, source);
    const ref = `refs/agon/base/${source}`;
    const commit = await commitClean(repository, source, ref);
    const gitlinks = gitlinksOf(entries);
    return { repository, source, commit, ref, gitlinks, facts, setup: await readSetup(repository, entries) };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

export type Remote = NonNullable<GitCall["remote"]>;

export async function remoteOf({ isPrivateAllowed }: RepositoryStore, wanted: Wanted): Promise<Remote> {
  const place = placeOf(wanted.url, isPrivateAllowed);
  if (typeof place === "string" || (wanted.revision !== null && !isRevision(wanted.revision)))
    throw new Refused(typeof place === "string" ? place : "COMMIT_NOT_FOUND");
  const authorization = wanted.authorization;
  return { ...place, address: isPrivateAllowed ? null : await publicAddress(place), authorization };
}

async function publicAddress({ host }: Place): Promise<string> {
  const found = await findHost(host, false);
  if (found.ok) return found.address;
  throw new Refused(found.fault === "UNREACHABLE" ? "REPOSITORY_UNREACHABLE" : found.fault);
}

/** The object that a branch or a tag is now. Also for a commit the server is asked: what lies here is not for everybody. */
async function resolve({ fetchMaxMs }: RepositoryStore, remote: Remote, revision: string | null): Promise<string> {
  const isId = revision !== null && isCommitId(revision);
  const names = revision === null || isId ? ["HEAD"] : [`refs/heads/${revision}`, `refs/tags/${revision}`];
  const args = ["ls-remote", "--quiet", "--", remote.url, ...names];
  const text = (await git({ args, repository: null, remote, timeMaxMs: fetchMaxMs ?? FETCH_MAX_MS })).toString();
  const [found] = text.split(/\s/);
  if (isId) return revision;
  if (!found || !isCommitId(found)) throw new Refused("COMMIT_NOT_FOUND");
  return found;
}

/** Servers say NOT_FOUND of what one may not see. */
export const isHiding = (refusal: RepositoryRefusal) =>
  refusal === "REPOSITORY_DENIED" || refusal === "REPOSITORY_NOT_FOUND";

/** Whether a repository's server hides it from who brings this. One that does not answer has not said so. */
export async function isHidden(store: RepositoryStore, url: string, authorization: string | null): Promise<boolean> {
  try {
    await resolve(store, await remoteOf(store, { url, revision: null, authorization }), null);
    return false;
  } catch (error) {
    if (error instanceof Refused) return isHiding(error.refusal);
    throw error;
  }
}

/** What is as large is fetched into no more: a repository that is used all the time would else never be small again. */
const MIRROR_BYTES_MAX = 4 * REPOSITORY_MIB_MAX * 1_048_576;

/** The mirror that takes what is fetched of a repository: a full one is left to those who use it now, and goes like all others. */
function mirrorOf(stem: string, kept: readonly Kept[]): string {
  const own = kept.filter(({ path }) => path.startsWith(stem));
  const roomy = own.find(({ bytes }) => bytes < MIRROR_BYTES_MAX);
  const taken = new Set(own.map(({ path }) => path));
  let number = 0;
  const name = () => (number === 0 ? `${stem}.git` : `${stem}-${number}.git`);
  while (taken.has(name())) number++;
  return roomy?.path ?? name();
}

/** The bare repository of a URL. Made beside and moved into place, so that it is there wholly or not at all. */
async function openMirror({ folder, mibMax }: RepositoryStore, url: string): Promise<string> {
  const now = new Date();
  const kept = await boundMirrors(folder, mibMax, now.getTime());
  const repository = mirrorOf(join(folder, createHash("sha256").update(url).digest("hex")), kept);
  const isThere = await utimes(repository, now, now).then(
    () => true,
    () => false,
  );
  if (isThere) return repository;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = `${repository}.${randomUUID()}`;
  await git({ args: ["init", "--quiet", "--bare", "--template=", made] });
  await rename(made, repository).catch(() => rm(made, { recursive: true })); // another was first
  return repository;
}

async function fetchCommit(store: RepositoryStore, repository: string, remote: Remote, id: string): Promise<string> {
  const only = ["--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", "--no-write-fetch-head"];
  const args = ["fetch", "--quiet", ...only, "--", remote.url, `+${id}:refs/agon/source/${id}`];
  await git({ args, repository, remote, timeMaxMs: store.fetchMaxMs ?? FETCH_MAX_MS });
  return (await git({ args: ["rev-parse", "--verify", "--end-of-options", `${id}^{commit}`], repository }))
    .toString()
    .trim();
}

/** Every file of a commit, with where its links lead. A tree of trees that names itself is cut off by the length of its list. */
export async function listTree(repository: string, commit: string): Promise<{ entries: Entry[]; facts: TreeFacts }> {
  const args = ["ls-tree", "-r", "-l", "-z", "--full-tree", commit];
  const ended = await runGit({ ...LOCAL, args, repository, outputBytesMax: LISTING_BYTES_MAX });
  if (ended.code !== 0) throw new Refused(ended.timedOut || ended.signal ? "TOO_MANY_FILES" : "UNSAFE_OBJECTS");
  // Paths are bytes to git: each letter here is one, so that a name that is no text comes back as it was.
  const listed = ended.stdout.toString("latin1").split("\0").filter(Boolean).map(entryOf);
  const links = await readBlobs(
    repository,
    listed.filter((entry) => isLink(entry) && entry.bytes <= LINK_BYTES_MAX),
  );
  const entries = listed.map((entry) => ({
    ...entry,
    linksTo: isLink(entry) ? (links.get(entry.path) ?? null) : null,
  }));
  const facts = judgeTree(entries);
  if (typeof facts === "string") throw new Refused(facts);
  const shown = facts.agentSettings.map((path) => Buffer.from(path, "latin1").toString());
  return { entries, facts: { ...facts, agentSettings: shown } };
}

export const gitlinksOf = (entries: readonly Entry[]) =>
  entries.filter(({ mode }) => mode === "160000").map(({ path }) => path);

function entryOf(line: string): Entry {
  const tab = line.indexOf("\t");
  const [mode = "", , id = "", bytes = ""] = line.slice(0, tab).split(/ +/);
  return { mode, id, bytes: bytes === "-" ? 0 : Number(bytes), path: line.slice(tab + 1), linksTo: null };
}

/** The texts of some files by their paths. */
export async function readBlobs(repository: string, entries: readonly Entry[]): Promise<Map<string, string>> {
  if (entries.length === 0) return new Map();
  const input = entries.map(({ id }) => `${id}\n`).join("");
  const outputBytesMax = LISTING_BYTES_MAX;
  const bytes = await git({ args: ["cat-file", "--batch"], repository, input, outputBytesMax });
  const texts = new Map<string, string>();
  let at = 0;
  for (const { path } of entries) {
    const end = bytes.indexOf(10, at);
    const size = Number(bytes.subarray(at, end).toString().split(" ")[2]);
    texts.set(path, bytes.subarray(end + 1, end + 1 + size).toString());
    at = end + 1 + size + 1;
  }
  return texts;
}

/** Agents read the future from a history: the commit that they get has none, and says nothing of where it is from. */
async function commitClean(repository: string, source: string, ref: string): Promise<string> {
  const args = ["commit-tree", "-m", "The base of a code battle", `${source}^{tree}`];
  const commit = (await git({ args, repository })).toString().trim();
  await git({ args: ["update-ref", ref, commit], repository });
  return commit;
}

async function readSetup(repository: string, entries: readonly Entry[]): Promise<Setup> {
  const read = entries.filter(
    ({ path, mode, bytes }) =>
      READ_FILES.some((name) => name === path) && mode.startsWith("100") && bytes <= TEXT_BYTES_MAX,
  );
  const texts = await readBlobs(repository, read);
  const names = [...new Set(entries.map(({ path }) => path.split("/")[0] ?? ""))];
  return discoverSetup({ names, text: (name) => texts.get(name) ?? null });
}

const CHECKOUT = `
set -eu
cat > .base
git init --quiet --initial-branch=main repository
git -C repository fetch --quiet "$PWD/.base" "$1"
git -C repository reset --quiet --hard FETCH_HEAD
rm .base repository/.git/FETCH_HEAD
`;

/** Puts a base into a sandbox, as /workspace/repository. What git runs for a checkout runs there and nowhere else. */
export async function checkOut(base: Base, sandbox: Sandbox): Promise<void> {
  const said: string[] = [];
  const { by, exitCode } = await sandbox.run({
    argv: ["sh", "-c", CHECKOUT, "checkout", base.ref],
    environment: {},
    // Opened before: what is not there fails here, and not where nobody listens.
    input: (await openBundle(base)).createReadStream(),
    timeMaxMs: CHECKOUT_MAX_MS,
    outputBytesMax: LINK_BYTES_MAX,
    onOutput: (bytes) => void said.push(bytes.toString()),
    stop: null,
  });
  if (by !== "EXIT" || exitCode !== 0)
    throw new SandboxError(`the base cannot be checked out (${by}): ${said.join("")}`);
}

/** A base as a bundle, made once for all the sandboxes of a battle: it lies in the mirror for ten minutes, as whatever is called so. */
async function openBundle({ repository, source, ref }: Base): Promise<FileHandle> {
  const bundle = join(repository, `bundle-${source}`);
  const known = await open(bundle).catch(() => null);
  if (known) return known;
  const made = `${bundle}-${randomUUID()}`;
  try {
    await git({ args: ["bundle", "create", "--quiet", made, ref], repository });
    await rename(made, bundle);
  } finally {
    await rm(made, { force: true });
  }
  return open(bundle);
}

const LOCAL = {
  repository: null,
  input: null,
  remote: null,
  timeMaxMs: LOCAL_MAX_MS,
  fileMiBMax: REPOSITORY_MIB_MAX,
  outputBytesMax: ANSWER_BYTES_MAX,
} as const;

/** Runs git and gives what it wrote; a failure is a named refusal. */
export async function git(call: Partial<GitCall> & Pick<GitCall, "args">): Promise<Buffer> {
  const ended: GitEnded = await runGit({ ...LOCAL, ...call });
  if (ended.code !== 0) throw new Refused(refusalOf(ended));
  return ended.stdout;
}
