import { scriptsIn } from "../rules/testing.ts";
import type { TestRun } from "../rules/judging.ts";
import { isInSource, NAMED_MAX, namedIn, testsNamed, testsReported } from "../rules/named.ts";
import type { Entry } from "../rules/repository.ts";
import {
  CALLED_MAX,
  callsIn,
  DECLARED_MAX,
  declaredIn,
  isScript,
  isTestFile,
  meantBy,
  treeOf,
  type Declared,
  type Owned,
  type Tree,
} from "../rules/restoring.ts";
import { listTree, readBlobs, type Base } from "./repositories.ts";

/** What of a base entries are measured with: what is its own, and the tests that it declares. */
export type Standard = Owned & { tree: Tree; files: readonly Entry[]; declared: readonly Declared[] };

const TEXT_BYTES_MAX = 262_144;
const TEXTS_BYTES_MAX = 8 * 1_048_576;
/** Words and names of scripts that are looked up: what is called by more is not followed any further. */
const WORDS_MAX = 2_000;

/** Reads a base's standard; what it calls is followed through scripts and makefiles. */
export async function standardOf({ repository, commit }: Base, test: string): Promise<Standard> {
  const { entries } = await listTree(repository, commit);
  const paths = entries.map(({ path }) => path);
  const tree = treeOf(paths);
  const read = reader(repository, entries);
  const scripts = scriptsIn((await read(["package.json"])).get("package.json") ?? "");
  const called = new Set<string>();
  const seen = new Set<string>();
  const named = new Set<string>();
  let texts = [test];
  while (texts.length > 0 && called.size < CALLED_MAX && seen.size < WORDS_MAX) {
    const fresh = new Set<string>();
    const own: unknown[] = [];
    for (const text of texts) {
      for (const word of namedIn(text)) if (named.size < NAMED_MAX) named.add(asPath(word));
      const calls = callsIn(text);
      for (const word of newIn(calls.words.map(asPath), seen))
        for (const path of meantBy(word, tree)) if (!called.has(path) && fresh.size < CALLED_MAX) fresh.add(path);
      for (const name of newIn(
        calls.scripts.map((each) => `script ${each}`),
        seen,
      ))
        own.push(...["pre", "", "post"].map((when) => scripts[`${when}${name.slice("script ".length)}`]));
    }
    for (const path of fresh) called.add(path);
    const followed = [...(await read([...fresh]))].filter(([path, text]) => isScript(path, text));
    texts = [...own.filter((text) => typeof text === "string"), ...followed.map(([, text]) => text)];
  }
  const tests = testsNamed([...named], tree);
  const declaring = (await read(paths.filter((path) => isTestFile(path) || tests.has(path)))).values();
  const declared = [...declaring].flatMap(declaredIn).slice(0, DECLARED_MAX);
  return { paths, tree, files: entries, called, tests, declared };
}

/** As paths are: each of a name's bytes is a letter. */
export const asPath = (word: string) => Buffer.from(word).toString("latin1");

/** Those that were not seen before, as long as there is room for them. */
function newIn(words: readonly string[], seen: Set<string>): string[] {
  return words.filter((word) => {
    const isNew = seen.size < WORDS_MAX && !seen.has(word);
    if (isNew) seen.add(word);
    return isNew;
  });
}

/** All of a base's tests that are none by their names: those that its test command names, and those that its own run reported. */
export async function testsOf({ repository }: Base, { tests, tree, files }: Standard, base: readonly TestRun[]) {
  const reported = [...testsReported(base, tree)].filter((path) => !isTestFile(path) && !tests.has(path));
  const texts = await reader(repository, files)(reported);
  return new Set([...tests, ...reported.filter((path) => !isInSource(texts.get(path) ?? ""))]);
}

/** Reads files that are not too large, as far as all together are not. */
function reader(repository: string, entries: readonly Entry[]) {
  const files = new Map(entries.map((entry) => [entry.path, entry]));
  return (paths: readonly string[]): Promise<Map<string, string>> => {
    let left = TEXTS_BYTES_MAX;
    const wanted = paths.flatMap((path) => {
      const file = files.get(path);
      const fits = file?.mode.startsWith("100") && file.bytes <= Math.min(left, TEXT_BYTES_MAX);
      if (!file || !fits) return [];
      left -= file.bytes;
      return [file];
    });
    return readBlobs(repository, wanted);
  };
}
