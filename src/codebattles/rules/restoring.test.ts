import { expect, test } from "vitest";
import { callsIn, counting, declaredIn, isRunnerFile, isTestFile, meantBy, restoration, treeOf } from "./restoring.ts";

test.each([
  ["package.json", true, false],
  ["packages/a/package.json", true, false],
  ["vitest.config.ts", true, false],
  ["conftest.py", true, false],
  ["tests/conftest.py", true, true],
  ["pyproject.toml", true, false],
  ["Makefile", true, false],
  ["node_modules/x/index.js", true, false],
  [".npmrc", true, false],
  ["run_tests.sh", true, false],
  ["scripts/test.sh", true, false],
  ["tools/run-tests.js", true, false],
  ["mk/lint.mk", true, false],
  ["bunfig.toml", true, false],
  ["karma.conf.js", true, false],
  ["phpunit.xml.dist", true, false],
  ["CMakeLists.txt", true, false],
  ["jest-setup.js", true, false],
  ["vitest.config.ts", true, false],
  [".venv/bin/pytest", true, false],
  ["test/sums.test.js", false, true],
  // https://nodejs.org/api/test.html#running-tests-from-the-command-line
  ["a_test.js", false, true],
  ["a-test.mjs", false, true],
  ["test-x.cjs", false, true],
  ["lib/test.ts", false, true],
  ["test/deep/helper.js", false, true],
  // https://docs.pytest.org/en/stable/explanation/goodpractices.html#conventions-for-python-test-discovery
  ["sums_test.py", false, true],
  ["SumsTestCase.java", false, true],
  ["TestSums.java", false, true],
  ["src/sums.spec.tsx", false, true],
  ["src/__tests__/sums.js", false, true],
  ["pkg/sums_test.go", false, true],
  ["test_sums.py", false, true],
  ["src/test/java/SumsTest.java", false, true],
  ["src/sums.js", false, false],
  ["src/latest.js", false, false],
  ["src/contest/rules.ts", false, false],
  ["src/attest.js", false, false],
  ["src/testimony.py", false, false],
  ["vite-configuration.md", false, false],
  ["README.md", false, false],
])("%s is of the runner: %s, is a test: %s", (path, runner, tested) =>
  expect([isRunnerFile(path), isTestFile(path)]).toEqual([runner, tested]),
);

test("what an entry added beside the runner's files goes, what it took away comes back", () => {
  const base = ["package.json", "sums.js", "test/a.test.js", "check", "checks/a.mjs"];
  const after = ["package.json", "sums.js", "vitest.config.ts", "test/b.test.js", "checks/a.mjs"];
  const owned = { paths: base, called: new Set(["check"]), tests: new Set(["checks/a.mjs"]) };
  expect(restoration(owned, after, false)).toEqual({
    restore: ["package.json", "check"],
    remove: ["vitest.config.ts"],
  });
  expect(restoration(owned, after, true)).toEqual({
    restore: ["package.json", "test/a.test.js", "check", "checks/a.mjs"],
    remove: ["vitest.config.ts", "test/b.test.js"],
  });
});

test.each([
  ["./scripts/test.sh", "scripts/test.sh", ""],
  ["bash -e ./scripts/test.sh fast", "bash scripts/test.sh", ""],
  ["FAST=1 node --no-warnings tools/check.js src/sums.js", "node tools/check.js", ""],
  ["node build.js && npm run unit", "node build.js npm", "run unit"],
  ["jest --config ci/jest.js --coverage", "jest ci/jest.js", ""],
  ["jest --config=ci/jest.js src", "jest ci/jest.js", ""],
  ["python -m tools.check", "python tools.check", ""],
  ["cd tools && ./check", "cd check", ""],
  ["test:\n\t@./tools/check\n\t$(MAKE) -f mk/more.mk", "test: tools/check $ MAKE mk/more.mk", ""],
  ["include mk/a.mk", "include mk/a.mk", ""],
  ["eslint src/sums.js", "eslint", ""],
])("%j calls %j", (script, words, scripts) => {
  const calls = callsIn(script);
  expect([calls.words.map((word) => word.replace("./", "")).join(" "), calls.scripts.join(" ")]).toEqual([
    words,
    scripts,
  ]);
});

test.each([
  ["./tools/check.sh", "tools/check.sh"],
  ["tools/run", "tools/run.js"],
  ["tools.lint", "tools/lint.py"],
  ["check.sh", "tools/check.sh"],
  ["index.js", "index.js"],
  ["npm", ""],
  ["./", ""],
])("of the base's files %j means %j", (word, expected) => {
  const paths = ["tools/check.sh", "tools/run.js", "tools/lint.py", "index.js", "src/index.js"];
  expect(meantBy(word, treeOf(paths)).join()).toBe(expected);
});

test("ten thousand words are looked up among 50,000 files of the same name", () => {
  const tree = treeOf(Array.from({ length: 50_000 }, (_none, at) => `${at % 100}/${at}/run`));
  const found = Array.from({ length: 10_000 }, (_none, at) => meantBy(`${at}x/run`, tree));
  expect(found.flat()).toEqual([]);
  expect(meantBy("7/107/run", tree)).toEqual(["7/107/run"]);
  expect(meantBy("run", tree)).toHaveLength(256);
});

// Each had been read anew from each of its letters.
test.each([
  ["names of names", "it.".repeat(87_000), 0],
  ["one long name", `it.${"a".repeat(262_000)}`, 0],
  ["places in a name that end nowhere", `it("${"${".repeat(131_000)}")`, 1],
])("a file of 256 KiB of %s is read through", (_what, text, tests) => expect(declaredIn(text)).toHaveLength(tests));

test.each([
  [`test("adds", () => {}); it.only('subs \\'1\\'', f); describe("no", () => {})`, "adds|subs '1'"],
  [`test.each([[1, 2], [3, 4]])("%i and then %i", (a) => {})`, "~ and then "],
  ["it(`says ${word}`, f)", "~says "],
  ["def test_sums(x):\n    pass\n  async def test_more():", "test_sums|test_more"],
  ["func TestSums(t *testing.T) {", "TestSums"],
])("%s declares %j", (text, expected) =>
  expect(
    declaredIn(text)
      .map(({ name, exact }) => (exact ? name : `~${name}`))
      .join("|"),
  ).toBe(expected),
);

const run = (text: string) =>
  text
    .split(" ")
    .filter(Boolean)
    .map((each) => ({ name: each.slice(1), result: each[0] === "+" ? ("PASSED" as const) : ("FAILED" as const) }));

const declared = (text: string) =>
  text
    .split(" ")
    .filter(Boolean)
    .map((each) => ({ name: each.replace("~", ""), exact: !each.startsWith("~") }));
test.each([
  ["a test that the base's run has", "+a -b", "", "+a +b", "a b"],
  ["one that an entry invents", "+a", "a", "+a +x", "a"],
  ["one that could not be run on the base, and is in its files", "-file", "a b", "+a +x", "a"],
  ["a declared name that is used again", "+a", "a", "+a +s›a", "a"],
  ["a case of a table, once for each table", "-file", "~case", "+case1 +case2 +x", "case1"],
  ["a test of pytest or go with its case", "-file", "test_a", "+test_a[1] +test_a[2]", "test_a[1]"],
])("%s: what counts", (_what, base, names, restored, expected) =>
  expect(
    counting(run(base), declared(names), run(restored.replaceAll("›", " › ")))
      .map(({ name }) => name)
      .join(" "),
  ).toBe(expected),
);
