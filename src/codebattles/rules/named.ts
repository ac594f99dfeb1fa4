import type { TestRun } from "./judging.ts";
import { below, isTestFile, meantBy, type Tree } from "./restoring.ts";

/** Words behind which a command says what its tests are. */
const RUNNERS =
  /^(?:\S*\/)?(?:vitest|jest|mocha|ava|tap|tape|jasmine|uvu|playwright|pytest|py\.test|unittest|nose2|rspec|phpunit)$|^--test$/;
/** Commands by which a runner is told of the code instead. */
const ABOUT_CODE = /related|doctest/i;
/** Flags whose files are no tests. */
const OTHER_FLAGS = /^--?\S*(?:cov|include|exclude|ignore|omit|watch|deselect|report|output|dir|root|config)/i;
const OWN_FLAGS = /=|^--(?:cov|coverage|watch|watchAll)$/;
/** Folders that hold what is tested: by them alone nothing is named that must stay the base's. */
const CODE_FOLDERS: ReadonlySet<string> = new Set(["src", "lib", "app", "apps", "source", "pkg", "packages", ".", ""]);
const WORD_LENGTH_MAX = 200;
/** How many words of a script are looked at. */
export const NAMED_MAX = 32;
const ALTERNATIVES_MAX = 16;
/** Comparisons for all globs of a base together: beyond them they name nothing more. */
const STEPS_MAX = 10_000_000;

const isWild = (text: string) => /[*?[]/.test(text);
const foldersOf = (word: string) => word.split("/").slice(0, -1);
const isOfTests = (folders: readonly string[]) => folders.some((each) => !isWild(each) && !CODE_FOLDERS.has(each));
/** Whether a pattern asks for more of a file's name than its ending. */
const asksForName = (pattern: string) => isWild(pattern) && /\w/.test(pattern.replace(/\.[\w*]+$/, ""));

/** The words of a script by which it tells a runner what its tests are: globs, folders and files. */
export function namedIn(script: string): string[] {
  const words: string[] = [];
  for (const command of script.replaceAll("\\\n", " ").split(/[\n;&|()`]+/)) {
    const parts = command.split(/[\s"']+/).filter((part) => part !== "");
    const runner = parts.findIndex((part, at) => RUNNERS.test(part) || (part === "test" && isBun(parts[at - 1])));
    if (runner < 0 || parts.some((part) => ABOUT_CODE.test(part))) continue;
    for (const [index, part] of parts.entries()) {
      if (words.length >= NAMED_MAX) return words;
      if (index <= runner || OTHER_FLAGS.test(part) || takesNext(parts[index - 1] ?? "")) continue;
      const value = part.startsWith("-") ? (part.split("=", 2)[1] ?? "") : part;
      const word = value.replace(/::.*$/, "").replace(/^(?:\.{0,2}\/)+|\/+$/g, "");
      if (word !== "" && word.length <= WORD_LENGTH_MAX) words.push(word);
    }
  }
  return words;
}

const takesNext = (part: string) => OTHER_FLAGS.test(part) && !OWN_FLAGS.test(part);
const isBun = (word: string | undefined) => word === "bun" || word === "deno";

/** The files that such words name as tests. What holds the code as well is left to the entries. */
export function testsNamed(words: readonly string[], tree: Tree): Set<string> {
  const match = globs();
  const found = words.flatMap(alternatives).flatMap((word) => {
    const folders = foldersOf(word);
    if (isWild(word)) {
      const isAboutNames = asksForName(word.slice(word.lastIndexOf("/") + 1));
      if (!isOfTests(folders) && !isAboutNames) return [];
      const exact = match(word, tree.paths);
      const matched = exact.length > 0 ? exact : match(`**/${word}`, tree.paths);
      // Some are tests by their own names: then the others are what those are about.
      return isAboutNames || !matched.some(isTestFile) || holdsTests(matched) ? matched : [];
    }
    const file = fileOf(word, tree).filter((path) => isOfTests(foldersOf(path)));
    if (file.length > 0) return file;
    const files = below(tree, word);
    return isOfTests(word.split("/")) && holdsTests(files) ? files : [];
  });
  return new Set(found);
}

const CODE = /\.(?:[cm]?[jt]sx?|py|rb|php)$/;
const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
/** What a test is about, as far as its name says. */
const subjectOf = (path: string) => nameOf(path).replace(/^test[-_]|[-_.](?:test|spec)$/g, "");

/** Whether a folder is one of tests and what they need: most of it are tests, and nothing in it is what one of them is about. */
function holdsTests(files: readonly string[]): boolean {
  const code = files.filter((path) => CODE.test(path));
  const tests = code.filter(isTestFile);
  const subjects = new Set(tests.map(subjectOf));
  const isSubject = (path: string) => !isTestFile(path) && subjects.has(nameOf(path));
  return tests.length * 2 > code.length && !code.some(isSubject);
}

type Steps = { left: number };
/** What a name that is looked at costs beside its letters. */
const ROW_STEPS = 8;

/** Finds the paths that a glob says; all that one finder does is bounded together. */
function globs(): (glob: string, paths: readonly string[]) => string[] {
  const steps: Steps = { left: STEPS_MAX };
  const inName = (pattern: readonly string[], name: string) => {
    const [first] = pattern;
    const isOther = first !== "*" && first !== "?" && first !== name[0];
    steps.left -= isOther ? 1 : name.length + ROW_STEPS;
    return (
      !isOther &&
      isLike({ pattern, any: "*" }, name.split(""), (part, letter) => part === letter || part === "?", steps)
    );
  };
  return (glob, paths) => {
    const parts = glob.replaceAll(/\[[^\]]{0,99}\]/g, "?").split("/");
    const pattern = parts.map((part) => (part === "**" ? part : part.split("")));
    const fits = (part: string | string[], name: string) => typeof part !== "string" && inName(part, name);
    return paths.filter((path) => steps.left > 0 && isLike({ pattern, any: "**" }, path.split("/"), fits, steps));
  };
}
type Pattern<Part> = { pattern: readonly Part[]; any: Part };

/** Whether a row is what a pattern says. Of its wildcards the last one alone gives way: that is enough, and nothing is tried twice. */
function isLike<Part>(
  { pattern, any }: Pattern<Part>,
  row: readonly string[],
  fits: (part: Part, each: string) => boolean,
  steps: Steps,
): boolean {
  let [at, place, wild, from] = [0, 0, -1, 0];
  while (at < row.length && steps.left-- > 0) {
    const part = pattern[place];
    if (part === any) [wild, from] = [place++, at];
    else if (part !== undefined && fits(part, row[at] ?? "")) [at, place] = [at + 1, place + 1];
    else if (wild >= 0) [at, place] = [++from, wild + 1];
    else return false;
  }
  return at === row.length && pattern.slice(place).every((part) => part === any);
}

/** A glob without its braces. */
function alternatives(glob: string): string[] {
  let all = [glob];
  for (let open = true; open && all.length <= ALTERNATIVES_MAX; ) {
    open = false;
    all = all.flatMap((each) => {
      const [whole, before, choices, after] = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(each) ?? [];
      if (whole === undefined) return [each];
      open = true;
      return (choices ?? "").split(",").map((choice) => `${before}${choice}${after}`);
    });
  }
  return all.slice(0, ALTERNATIVES_MAX);
}

const IN_SOURCE =
  /import\.meta\.vitest|^export\b|^(?:module\.)?exports\b|(?<!^@[^\n]{0,200}\n)^(?:async )?def (?!test)|^class (?!Test)/m;

/** Whether a file that a report names holds what others call, too: that file is the entries'. */
export const isInSource = (text: string): boolean => IN_SOURCE.test(text);

/** Where a sandbox has a repository, as a report names its files. */
const REPOSITORY = /^(?:file:\/\/)?\/workspace\/repository\//;

/** The files that a run's report names: whatever a runner's configuration says, these are tests. */
export function testsReported(runs: readonly TestRun[], tree: Tree): Set<string> {
  const named = new Set(runs.flatMap(({ files = [] }) => files));
  const files = [...named].flatMap((name) => fileOf(name.replace(REPOSITORY, ""), tree));
  return new Set(files.filter((path) => !path.includes("/") || isOfTests(foldersOf(path))));
}

/** A path, or a Python module with the classes in it. */
function fileOf(name: string, tree: Tree): string[] {
  if (tree.known.has(name)) return [name];
  const parts = name.split(".").slice(0, 16);
  for (let length = parts.length; length > 0; length--) {
    const path = `${parts.slice(0, length).join("/")}.py`;
    if (tree.known.has(path)) return [path];
  }
  return name.includes("/") ? meantBy(name, tree).filter((path) => path.endsWith(`/${name}`)) : [];
}
