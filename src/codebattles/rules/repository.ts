/** What a battle takes of a repository. */
export const REPOSITORY_MIB_MAX = 500;
export const FILE_MIB_MAX = 50;
export const FILES_MAX = 50_000;
export const FETCH_MAX_MS = 120_000;

/** Why a repository is not taken. */
export const REPOSITORY_REFUSALS = [
  "BAD_REPOSITORY_URL",
  "PRIVATE_ADDRESS",
  "REPOSITORY_NOT_FOUND",
  "REPOSITORY_DENIED",
  "COMMIT_NOT_FOUND",
  "REPOSITORY_UNREACHABLE",
  "REPOSITORY_REDIRECTED",
  "REPOSITORY_TOO_LARGE",
  "FILE_TOO_LARGE",
  "TOO_MANY_FILES",
  "UNSAFE_OBJECTS",
  "LINK_LEAVES_REPOSITORY",
  "REPOSITORY_TOO_SLOW",
  "GIT_UNUSABLE",
] as const;
export type RepositoryRefusal = (typeof REPOSITORY_REFUSALS)[number];

/** Where a repository is, taken apart. Nothing of it is ever read as an option or as another way of git to get data. */
export type Place = { url: string; host: string; port: number };

/** A URL that git may be given, or why not. `isPrivateAllowed`: in development servers of this machine are as good as others. */
export function placeOf(text: string, isPrivateAllowed: boolean): Place | RepositoryRefusal {
  const url = URL.parse(text);
  const known = url?.protocol === "https:" || (isPrivateAllowed && url?.protocol === "http:");
  // Only as it was written: what a URL parser repairs, git reads otherwise.
  const plain = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/[A-Za-z0-9._~/-]+$/.test(text) && !text.includes("..");
  if (!url || !known || !plain) return "BAD_REPOSITORY_URL";
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { url: text, host: url.hostname, port };
}

/** A repository's name without its host: all that is said of one to those who may not see it. */
export const nameOf = (url: string) => new URL(url).pathname.replace(/^\//, "").replace(/\.git$/, "");

/** A branch, a tag or a commit, as git may be given it (git-check-ref-format). */
export const isRevision = (text: string) =>
  /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(text) && !/\.\.|\/\/|\.lock(\/|$)|\/\.|[./]$/.test(text);

export const isCommitId = (text: string) => /^[0-9a-f]{40}$/.test(text);

/** How a git that failed ended, with what it said. */
export type GitFailure = { code?: number | null; said: string; signal: string | null; timedOut: boolean };
/** How a shell ends that found no program, or none that it may start. */
const NOT_STARTED: readonly unknown[] = [126, 127];

const SIGNS: readonly (readonly [RegExp, RepositoryRefusal])[] = [
  [
    /File too large|File size limit|died of signal 25|exceeds|attempting to allocate|out of memory/i,
    "REPOSITORY_TOO_LARGE",
  ],
  [/fsck error|disallowed submodule|malformed/i, "UNSAFE_OBJECTS"],
  [/unable to update url base from redirection|redirect|error: 30\d/i, "REPOSITORY_REDIRECTED"],
  [/Authentication failed|could not read Username|error: 40[13]|terminal prompts disabled/i, "REPOSITORY_DENIED"],
  [/couldn't find remote ref|not our ref|did not contain|no such ref/i, "COMMIT_NOT_FOUND"],
  [/not found|error: 404|does not appear to be a git repository/i, "REPOSITORY_NOT_FOUND"],
  [/transport '.*' not allowed|protocol/i, "BAD_REPOSITORY_URL"],
];

/** Names a failure of git's. Its words are for the log, never for people: they may quote the server. */
export function refusalOf({ code, said, signal, timedOut }: GitFailure): RepositoryRefusal {
  if (NOT_STARTED.includes(code)) return "GIT_UNUSABLE";
  if (timedOut) return "REPOSITORY_TOO_SLOW";
  if (signal === "SIGXFSZ") return "REPOSITORY_TOO_LARGE";
  return SIGNS.find(([sign]) => sign.test(said))?.[1] ?? "REPOSITORY_UNREACHABLE";
}

/** One line of `git ls-tree -r -l`. `linksTo` is a symbolic link's target. */
export type Entry = { mode: string; id: string; bytes: number; path: string; linksTo: string | null };

export const isLink = ({ mode }: Pick<Entry, "mode">) => mode === "120000";
const isSubmodule = ({ mode }: Entry) => mode === "160000";

/** What the owner is told of a tree. */
export type TreeFacts = { files: number; bytes: number; submodules: number; agentSettings: readonly string[] };

/** Files that command line agents read as orders of their user. Adapters switch them off; the owner sees that they are there. */
const AGENT_SETTINGS =
  /(^|\/)(\.claude|\.codex|\.gemini|\.opencode|\.cursor)\/|(^|\/)(\.mcp\.json|opencode\.jsonc?|CLAUDE\.md|AGENTS\.md|GEMINI\.md)$/;
const AGENT_SETTINGS_SHOWN_MAX = 20;

/** Why a tree is not taken, or what there is in it. */
export function judgeTree(entries: readonly Entry[]): TreeFacts | RepositoryRefusal {
  if (entries.length > FILES_MAX) return "TOO_MANY_FILES";
  if (entries.some(({ bytes }) => bytes > FILE_MIB_MAX * 1_048_576)) return "FILE_TOO_LARGE";
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > REPOSITORY_MIB_MAX * 1_048_576) return "REPOSITORY_TOO_LARGE";
  const links = new Map(entries.filter(isLink).map(({ path, linksTo }) => [path, linksTo]));
  const steps: Steps = { left: LINK_LETTERS_MAX };
  if ([...links.keys()].some((path) => leaves(path, links, steps))) return "LINK_LEAVES_REPOSITORY";
  return {
    files: entries.length,
    bytes,
    submodules: entries.filter(isSubmodule).length,
    agentSettings: entries
      .map(({ path }) => path)
      .filter((path) => AGENT_SETTINGS.test(path))
      .slice(0, AGENT_SETTINGS_SHOWN_MAX),
  };
}

/** Letters of paths that are read for all links of a tree together: real ones need a quarter of it. */
const LINK_LETTERS_MAX = 40_000_000;
/** As many as Linux follows. */
const LINKS_FOLLOWED_MAX = 40;
type Steps = { left: number };

/**
 * Whether a link leads out of the tree, or into git's own folder, be it by way of other links of the tree. Where it cannot be
 * told, it does.
 */
function leaves(path: string, links: ReadonlyMap<string, string | null>, steps: Steps): boolean {
  const at = path.split("/");
  /** What is still to be gone, the next step last. */
  const way: string[] = [];
  for (let followed = 0, here = path; ; ) {
    const to = links.get(here);
    if (to !== undefined) {
      if (!isTold(to) || followed++ > LINKS_FOLLOWED_MAX) return true;
      at.pop();
      way.push(...stepsOf(to).toReversed());
    }
    const step = way.pop();
    if (step === undefined) return false;
    if (step === "..") {
      if (at.pop() === undefined) return true;
    } else at.push(step);
    // What a way ends at is no step of it: where that is a link, it is looked at by itself.
    here = step === ".." || way.length === 0 ? "" : at.join("/");
    steps.left -= here.length + 1;
    if (steps.left < 0 || step.toLowerCase() === ".git") return true;
  }
}

/** Whether a link's target can be followed: a path from where the link is, of bytes that were read as they are. */
const isTold = (to: string | null): to is string => to !== null && to !== "" && !/^\/|[\\\0\u{FFFD}]/u.test(to);

/** As paths are: each of a name's bytes is a letter. */
const stepsOf = (to: string) =>
  Buffer.from(to)
    .toString("latin1")
    .split("/")
    .filter((step) => step !== "" && step !== ".");
