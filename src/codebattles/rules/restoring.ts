import type { TestRun } from "./judging.ts";

/** Files that say how tests are run. They are the base's, whatever an entry makes of them. */
const RUNNER = [
  // Packages and what installs them.
  /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|bunfig\.toml|deno\.(jsonc?|lock)|\.npmrc|\.yarnrc(\.yml)?|\.pnp\.(c?js|loader\.mjs))$/,
  /(^|\/)(requirements[\w.-]*\.txt|uv\.(lock|toml)|poetry\.lock|Pipfile(\.lock)?|Cargo\.(toml|lock)|rust-toolchain(\.toml)?|go\.(mod|sum|work)|mix\.(exs|lock)|composer\.(json|lock)|Gemfile(\.lock)?)$/,
  // Runners, compilers and their settings.
  /(^|\/)(vite|vitest|jest|ava|karma|cypress|playwright|babel|tap|wallaby|mocha|nyc|jasmine)[.-](conf|config|setup|workspace)([.-]\w+)*\.(json|json5|ya?ml|toml|[cm]?[jt]sx?)$/i,
  /(^|\/)(\.mocharc(\.\w+)?|\.taprc|\.swcrc|\.nycrc(\.\w+)?|\.c8rc(\.\w+)?|\.babelrc(\.\w+)?|jest\.[\w.]*\.?json|tsconfig[\w.-]*\.json|jsconfig\.json|nx\.json|turbo\.json|\.env\.test)$/,
  /(^|\/)(\.?pytest\.(ini|toml)|conftest\.py|sitecustomize\.py|usercustomize\.py|setup\.(py|cfg)|tox\.(ini|toml)|noxfile\.py|pyproject\.toml|\.coveragerc)$/,
  /(^|\/)(pom\.xml|build\.gradle(\.kts)?|settings\.gradle(\.kts)?|gradle\.properties|gradlew|phpunit(\.xml(\.dist)?|\.dist\.xml)|Rakefile|\.rspec|build\.rs|build\.zig|meson\.build|CMakeLists\.txt|CTestTestfile\.cmake|[^/]+\.cmake)$/,
  // What calls them.
  /(^|\/)([Mm]akefile|GNUmakefile|[^/]+\.mk|[Jj]ustfile|[Tt]askfile\.ya?ml|setup\.sh)$/,
  /(^|\/)(run[-_]?(all[-_]?)?(tests?|specs?)|(tests?|specs?)[-_]?(run(ner)?|all|setup))(\.\w+)?$/i,
  /(^|\/)(pre|post)?tests?\.(sh|bash|zsh|bat|cmd|ps1)$/,
  /(^|\/)(\.cargo|\.mvn|gradle|node_modules|\.venv|venv)\//,
] as const;

/** Files that tests are made of: what the runners look for when they are told nothing, and the habits of the languages. */
const TESTS = [
  /(^|\/)(tests?|__tests__|__mocks__|__snapshots__|specs?|testdata|fixtures)\//,
  /(^|\/)test[-_][^/]*\.(py|rb|[cm]?[jt]sx?)$/,
  /[._-](test|spec)\.[cm]?[jt]sx?$/,
  /(^|\/)(tests?|specs?)\.(py|rb|[cm]?[jt]sx?)$/,
  /_test\.(py|go|rb|exs|dart|c|cc|cpp)$/,
  /_spec\.rb$/,
  /(Tests?|TestCase|IT|Spec)\.(java|kt|scala|cs|php)$/,
  /(^|\/)(Test|IT)[A-Z][^/]*\.(java|kt|scala|cs|php)$/,
] as const;

export const isRunnerFile = (path: string) => RUNNER.some((pattern) => pattern.test(path));
export const isTestFile = (path: string) => TESTS.some((pattern) => pattern.test(path));

/** What of a base is its own: its files, those that its test command calls, and tests that are none by their names. */
export type Owned = { paths: readonly string[]; called: ReadonlySet<string>; tests: ReadonlySet<string> };

/** What is put back before an entry is tested: the base's files, and what the entry added beside them goes. */
export function restoration({ paths, called, tests }: Owned, entryPaths: readonly string[], withTests: boolean) {
  const isTest = (path: string) => isTestFile(path) || tests.has(path);
  const isBases = (path: string) => isRunnerFile(path) || called.has(path) || (withTests && isTest(path));
  const known = new Set(paths);
  return { restore: paths.filter(isBases), remove: entryPaths.filter((path) => isBases(path) && !known.has(path)) };
}

/** Words after which comes what is run. */
const LEADS =
  /^(?:\S*\/)?(?:sh|bash|dash|zsh|node|nodejs|bun|deno|tsx|ts-node|python[\d.]*|ruby|perl|php|lua|source|\.|exec|env|time|run|make|gmake|npx|bunx|uv|poetry|c8|nyc|cross-env|if|then|else|do|!|-?include)$/;
const FILE_FLAGS = /^(?:-[cfmr]|--(?:config|conf|require|import|loader|file|makefile|rcfile|setup-?files?|preload))$/i;
const PACKAGE_MANAGERS = /^(?:npm|yarn|pnpm|bun)$/;

/** Whether a file's text is a script, in which others are called by their names. */
export const isScript = (path: string, text: string) =>
  /\.(sh|bash|zsh|mk)$|(^|\/)(GNUm|[Mm])akefile$/.test(path) || (/(^|\/)[^./]+$/.test(path) && /^#!.*sh\b/.test(text));

/** What a script, or a makefile, runs: words that may be files, and names of package.json's scripts. */
export function callsIn(script: string): { words: string[]; scripts: string[] } {
  const [words, scripts]: [string[], string[]] = [[], []];
  for (const command of script.replaceAll("\\\n", " ").split(/[\n;&|(){}`]+/)) {
    const parts = command.split(/[\s"']+/).filter((part) => part !== "" && !/^\w+=/.test(part));
    let isNext = true;
    for (const [index, part] of parts.entries()) {
      const word = part.replace(/^[@+-]+(?=[\w./]*\/)/, "");
      const [flag = "", value] = word.split("=", 2);
      if (value !== undefined && FILE_FLAGS.test(flag)) words.push(value);
      if (word.startsWith("-")) continue;
      if (isNext || FILE_FLAGS.test(parts[index - 1] ?? "")) words.push(word);
      if (PACKAGE_MANAGERS.test(word)) scripts.push(...parts.slice(index + 1, index + 3));
      isNext &&= LEADS.test(word);
    }
  }
  return { words, scripts };
}

const ENDINGS = ["", ".js", ".mjs", ".cjs", ".ts", ".sh", ".py", "/index.js", "/__main__.py"] as const;

/** The files of a base, found by how their paths begin and by how they end without a look at all of them. */
export type Tree = { paths: readonly string[]; known: ReadonlySet<string>; sorted: string[]; reversed: string[] };

export const treeOf = (paths: readonly string[]): Tree => ({
  paths,
  known: new Set(paths),
  sorted: paths.toSorted(inOrder),
  reversed: paths.map(backwards).toSorted(inOrder),
});
const inOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
/** Paths are bytes, each a letter. */
const backwards = (path: string) => Buffer.from(Buffer.from(path, "latin1").toReversed()).toString("latin1");

/** Those of a sorted list that begin so, at most so many. */
function beginning(sorted: readonly string[], start: string, most: number): string[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < start) low = middle + 1;
    else high = middle;
  }
  const found = sorted.slice(low, low + most);
  const after = found.findIndex((each) => !each.startsWith(start));
  return after < 0 ? found : found.slice(0, after);
}

/** The files of a folder. */
export const below = ({ sorted }: Tree, folder: string) => beginning(sorted, `${folder}/`, sorted.length);

/** How many files one word means at most. */
export const CALLED_MAX = 256;

/** The files that a word of a script means; where none is called so, those in whatever folder. */
export function meantBy(word: string, { known, reversed }: Tree): string[] {
  const name = word.replace(/^(?:\.{0,2}\/)+/, "");
  if (name === "" || name.length > WORD_LENGTH_MAX) return [];
  const names = [...new Set([name, name.replaceAll(".", "/")])].flatMap((each) => ENDINGS.map((end) => each + end));
  const exact = names.filter((each) => known.has(each));
  if (exact.length > 0) return exact;
  return names.flatMap((each) => beginning(reversed, backwards(`/${each}`), CALLED_MAX).map(backwards));
}
const WORD_LENGTH_MAX = 1_024;

// Each part has a bound: a text of a stranger must not be read again and again from each of its letters.
const JS_TEST = /(?:\b(?:test|it|specify)(?:\.[a-z]{1,20}){0,4}|\))\s*\(\s*(["'`])((?:\\.|(?!\1)[^\\\n])+)\1/g;
const CODE_TEST = /^[ \t]*(?:async +)?(?:def|func|fn|function) +(test\w+)/gim;
const PLACE = /%[sdifjop#]|\$\{[^}]{0,100}\}|\$\w+/;
export const DECLARED_MAX = 5_000;

/** Tests that a text declares, by their names; `exact` is false for one that stands for many. */
export type Declared = { name: string; exact: boolean };

/** The names of tests that a test file declares, as far as its text tells. */
export function declaredIn(text: string): Declared[] {
  const quoted = [...text.matchAll(JS_TEST)].map(([, , name = ""]): Declared => {
    const pieces = name.replaceAll(/\\(.)/g, "$1").split(PLACE);
    const longest = pieces.reduce((one, other) => (other.length > one.length ? other : one));
    return { name: longest, exact: pieces.length === 1 };
  });
  const named = [...text.matchAll(CODE_TEST)].map(([, name = ""]): Declared => ({ name, exact: true }));
  return [...quoted, ...named];
}

/** A test's own name: without its suites, and without the case of a table. */
const ownName = (name: string) => (name.split(" › ").at(-1) ?? name).replace(/(?<=^\w+)[[/].*$/, "");

/**
 * Of an entry's tests those that count: what the base's run has, and what the base's test files declare, each as often as they
 * do. An entry that registers tests of its own, wherever, adds none.
 */
export function counting(
  base: readonly TestRun[],
  declared: readonly Declared[],
  restored: readonly TestRun[],
): TestRun[] {
  const known = new Set(base.map(({ name }) => name));
  const left = new Map<string, number>();
  for (const { name, exact } of declared) if (exact) left.set(name, (left.get(name) ?? 0) + 1);
  const tables = new Set(declared.filter(({ exact }) => !exact));
  const take = (run: TestRun): boolean => {
    const name = ownName(run.name);
    const count = left.get(name) ?? 0;
    if (count > 0) left.set(name, count - 1);
    const table = count > 0 ? undefined : [...tables].find((each) => name.includes(each.name));
    if (table) tables.delete(table);
    return count > 0 || table !== undefined;
  };
  const isBases = ({ name }: TestRun) => known.has(name);
  for (const run of restored.filter(isBases)) take(run);
  const added = new Set(restored.filter((run) => !isBases(run) && take(run)));
  return restored.filter((run) => isBases(run) || added.has(run));
}
