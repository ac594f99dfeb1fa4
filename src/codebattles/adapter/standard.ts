import { callsIn, declaredIn, DECLARED_MAX, isScript, isTestFile, meantBy, type Declared } from "../rules/restoring.ts";
import type { Entry } from "../rules/repository.ts";
import { scriptsIn } from "../rules/testing.ts";
import { listTree, readBlobs, type Base } from "./repositories.ts";

/** What of a base entries are measured with: its files, those that its test command calls, and the tests that it declares. */
export type Standard = { paths: readonly string[]; called: ReadonlySet<string>; declared: readonly Declared[] };

const TEXT_BYTES_MAX = 262_144;
const TEXTS_BYTES_MAX = 8 * 1_048_576;
const CALLED_MAX = 256;

/** Reads a base's standard; what it calls is followed through scripts and makefiles. */
export async function standardOf({ repository, commit }: Base, test: string): Promise<Standard> {
  const { entries } = await listTree(repository, commit);
  const paths = entries.map(({ path }) => path);
  const read = reader(repository, entries);
  const scripts = scriptsIn((await read(["package.json"])).get("package.json") ?? "");
  const called = new Set<string>();
  const ran = new Set<string>();
  let texts = [test];
  while (texts.length > 0 && called.size < CALLED_MAX) {
    const calls = texts.map(callsIn);
    const names = calls.flatMap((each) => each.scripts).filter((name) => !ran.has(name));
    const words = calls.flatMap((each) => each.words).map((word) => Buffer.from(word).toString("latin1")); // as paths are
    const found = words.flatMap((word) => meantBy(word, paths));
    const fresh = [...new Set(found)].filter((path) => !called.has(path)).slice(0, CALLED_MAX);
    for (const name of names) ran.add(name);
    for (const path of fresh) called.add(path);
    const own = names.flatMap((name) => [`pre${name}`, name, `post${name}`]).map((name) => scripts[name]);
    const followed = [...(await read(fresh))].filter(([path, text]) => isScript(path, text)).map(([, text]) => text);
    texts = [...own.filter((text) => typeof text === "string"), ...followed];
  }
  const tests = (await read(paths.filter(isTestFile))).values();
  return { paths, called, declared: [...tests].flatMap(declaredIn).slice(0, DECLARED_MAX) };
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
