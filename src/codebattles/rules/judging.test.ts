import { expect, test } from "vitest";
import {
  isRunnerFile,
  isTestFile,
  matrixOf,
  passedOf,
  rank,
  regressionsOf,
  restoration,
  type Judged,
  type Score,
} from "./judging.ts";
import { believed, planTests, readGo } from "./testing.ts";

const even: Score = { checksPassed: 1, testsPassed: 3, regressions: 0, diffLines: 10, timeMs: 5_000, tokens: 100 };
const entry = (entryId: string, change: Partial<Score> | null): Judged =>
  change ? { entryId, outcome: "JUDGED", score: { ...even, ...change } } : { entryId, outcome: "TIME", score: null };
const places = (...entries: Judged[]) =>
  rank(entries)
    .map(({ entryId, placement }) => `${entryId}${placement}`)
    .join(" ");

test.each([
  ["hidden checks come before tests", [entry("a", { checksPassed: 0, testsPassed: 9 }), entry("b", {})], "a2 b1"],
  ["tests come before regressions", [entry("a", { testsPassed: 4, regressions: 1 }), entry("b", {})], "a1 b2"],
  ["regressions come before the diff", [entry("a", { regressions: 1, diffLines: 1 }), entry("b", {})], "a2 b1"],
  ["a smaller diff comes before less time", [entry("a", { diffLines: 9, timeMs: 9_000 }), entry("b", {})], "a1 b2"],
  ["less time comes before fewer tokens", [entry("a", { timeMs: 3_000, tokens: 999 }), entry("b", {})], "a1 b2"],
  ["a part of a second is no time", [entry("a", { timeMs: 5_999, tokens: 99 }), entry("b", {})], "a1 b2"],
  ["fewer tokens decide last", [entry("a", { tokens: 101 }), entry("b", {})], "a2 b1"],
  [
    "equals share a place, and the next one is behind both",
    [entry("a", {}), entry("b", {}), entry("c", { tokens: 999 })],
    "a1 b1 c3",
  ],
  [
    "who ran out of time is behind the worst",
    [entry("a", null), entry("b", { checksPassed: 0, testsPassed: 0 })],
    "a2 b1",
  ],
  ["those who lost share the last place", [entry("a", null), entry("b", {}), entry("c", null)], "a2 b1 c2"],
])("%s", (_sentence, entries, expected) => expect(places(...entries)).toBe(expected));

const run = (text: string) =>
  text
    .split(" ")
    .map((each) => ({ name: each.slice(1), result: each[0] === "+" ? ("PASSED" as const) : ("FAILED" as const) }));

test("an entry that weakens a test passes it only until the base's is back", () => {
  const matrix = matrixOf(run("+a -b"), run("+a +b +new"), run("+a -b"));
  expect(matrix.map(({ name, base, own, restored }) => [name, base, own, restored].join(" "))).toEqual([
    "a PASSED PASSED PASSED",
    "b FAILED PASSED FAILED",
    "new ABSENT PASSED ABSENT",
  ]);
  expect([passedOf(matrix), regressionsOf(matrix)]).toEqual([1, 0]);
});

test.each([
  ["a test that fails now", "+a +b", "+a -b", 1],
  ["a test that is gone", "+a +b", "+a", 1],
  ["a test that failed before", "+a -b", "+a -b", 0],
])("%s counts as so many regressions", (_what, base, after, count) =>
  expect(regressionsOf(matrixOf(run(base), run(after), run(after)))).toBe(count),
);

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
  ["test/sums.test.js", false, true],
  ["src/sums.spec.tsx", false, true],
  ["src/__tests__/sums.js", false, true],
  ["pkg/sums_test.go", false, true],
  ["test_sums.py", false, true],
  ["src/test/java/SumsTest.java", false, true],
  ["src/sums.js", false, false],
  ["src/latest.js", false, false],
  ["src/contest/rules.ts", false, false],
  ["README.md", false, false],
])("%s is of the runner: %s, is a test: %s", (path, runner, tested) =>
  expect([isRunnerFile(path), isTestFile(path)]).toEqual([runner, tested]),
);

test("what an entry added beside the runner's files goes, what it took away comes back", () => {
  const base = ["package.json", "sums.js", "test/a.test.js"];
  const after = ["package.json", "sums.js", "vitest.config.ts", "test/b.test.js"];
  expect(restoration(base, after, false)).toEqual({ restore: ["package.json"], remove: ["vitest.config.ts"] });
  expect(restoration(base, after, true)).toEqual({
    restore: ["package.json", "test/a.test.js"],
    remove: ["vitest.config.ts", "test/b.test.js"],
  });
});

const scripts = (command: string) => JSON.stringify({ scripts: { pretest: "node build.js", test: command } });
const JUNIT = "/workspace/report/junit.xml";
test.each([
  [
    "npm test",
    scripts("node --test"),
    `node build.js && node --test --test-reporter=junit --test-reporter-destination=${JUNIT}`,
    "JUNIT",
  ],
  ["npm test", scripts("vitest run"), `node build.js && vitest run --reporter=junit --outputFile=${JUNIT}`, "JUNIT"],
  ["npm test", scripts("mocha"), "node build.js && mocha", "EXIT_CODE"],
  ["npm test", "no JSON", "npm test", "EXIT_CODE"],
  ["pytest -q", null, "pytest -q", "JUNIT"],
  ["go test ./...", null, "go test -json ./...", "GO"],
  ["make check", scripts("x"), "make check", "EXIT_CODE"],
])("%s is run so that a machine can read it", (command, packageJson, shell, report) => {
  const plan = planTests(command, packageJson);
  expect([plan.shell, plan.report]).toEqual([shell, report]);
});

const reported = (text: string) => run(text).map(({ name, result }) => ({ path: ["suite", name], result }));
test.each([
  ["a report that the exit code bears out", "+a -b", 1, ["suite › a PASSED", "suite › b FAILED"]],
  ["passes that end in a failure", "+a +b", 1, ["suite › a FAILED", "suite › b FAILED"]],
  ["a run that was killed", "+a", null, ["suite › a FAILED"]],
  ["the worst of one name", "+a -a", 1, ["suite › a FAILED"]],
])("%s is believed so", (_what, text, exitCode, expected) =>
  expect(believed(reported(text), "npm test", exitCode).map(({ name, result }) => `${name} ${result}`)).toEqual(
    expected,
  ),
);

test.each([
  [0, "PASSED"],
  [1, "FAILED"],
  [null, "FAILED"],
])("without a report, exit code %s is one test that %s", (exitCode, result) =>
  expect(believed([], "make check", exitCode)).toEqual([{ name: "make check", result }]),
);

test("go's events are read among what the tests print", () => {
  const text =
    '{"Action":"run","Package":"p","Test":"TestA"}\nhello\n{"Action":"pass","Package":"p","Test":"TestA"}\n{"Action":"fail","Package":"p","Test":"TestB"}\n{"Action":"pass","Package":"p"}\n';
  expect(readGo(text)).toEqual([
    { path: ["p", "TestA"], result: "PASSED" },
    { path: ["p", "TestB"], result: "FAILED" },
  ]);
});
