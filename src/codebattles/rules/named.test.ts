import { expect, test } from "vitest";
import { isInSource, namedIn, testsNamed, testsReported } from "./named.ts";
import { treeOf } from "./restoring.ts";

test.each([
  ['node --test "checks/**/*.mjs"', "checks/**/*.mjs"],
  ["node build.js && node --import tsx --test ./checks/", "checks"],
  ["eslint 'src/**/*.js' && mocha 'checks/*.js'", "checks/*.js"],
  ["c8 --include 'src/**' node_modules/.bin/mocha --recursive --spec=checks/a.js", "checks/a.js"],
  ["jest --collectCoverageFrom 'lib/**' --config=ci/jest.js units", "units"],
  [".venv/bin/pytest -q checks/sums.py::test_adds --cov=sums", "checks/sums.py"],
  ["bun test checks/{a,b}.ts", "checks/{a,b}.ts"],
  ["vitest --coverage units", "units"],
  ["jest --findRelatedTests server/a.js", ""],
  ["pytest --doctest-modules sums", ""],
  ["node checks/a.js", ""],
])("%s names %j as its tests", (script, words) => expect(namedIn(script).join(" ")).toBe(words));

const TREE = treeOf([
  ...["checks/a.mjs", "checks/deep/b.mjs", "checks/data.json", "src/a.mjs", "src/sums.check.mjs", "src/c/d.mjs"],
  ...["units/a.test.js", "units/b.test.js", "units/tool.js"],
  ...[
    "sums/core.py",
    "sums/test_core.py",
    "sums/test_more.py",
    "web/checks/a.mjs",
    "a.py",
    "sums/checks/core_check.py",
  ],
]);
test.each([
  ["checks/**/*.mjs", "checks/a.mjs checks/deep/b.mjs"],
  ["checks/*.mjs", "checks/a.mjs"],
  ["checks/?.[m]js", "checks/a.mjs"],
  ["{checks,none}/*.{mjs,js}", "checks/a.mjs"],
  ["web/**", "web/checks/a.mjs"],
  ["deep/*.mjs", "checks/deep/b.mjs"],
  ["**/*.check.mjs", "src/sums.check.mjs"],
  ["checks/a.mjs", "checks/a.mjs"],
  ["units", "units/a.test.js units/b.test.js units/tool.js"],
  // The code that the battle is about.
  ["src/**/*.mjs", ""],
  ["**/*.mjs", ""],
  ["src", ""],
  ["sums", ""],
  ["src/a.mjs", ""],
  ["a.py", ""],
  ["none", ""],
])("of the base's files %j names %j", (word, files) => expect([...testsNamed([word], TREE)].join(" ")).toBe(files));

test.each([
  ["/workspace/repository/checks/a.mjs", "checks/a.mjs"],
  ["checks/a.mjs", "checks/a.mjs"],
  ["sums.checks.core_check.TestSums", "sums/checks/core_check.py"],
  ["src/a.mjs", ""],
  ["/usr/lib/a.mjs", ""],
  ["test", ""],
])("a report that names %j says that %j is a test", (file, expected) => {
  const runs = [{ name: "adds", result: "FAILED", files: [file] } as const];
  expect([...testsReported(runs, TREE)].join(" ")).toBe(expected);
});

test.each([
  ["stars in a name", `checks/${"*a".repeat(90)}`, `checks/${"a".repeat(255)}`],
  ["any folders", `checks/${"**/a/".repeat(38)}b`, `checks/${"a/".repeat(2_000)}c`],
  ["braces in a row", `checks/${"{a,b,c}".repeat(25)}`, "checks/aa"],
])("a glob of %s is looked for among 5,000 paths that it almost is", (_what, glob, path) => {
  const tree = treeOf(Array.from({ length: 5_000 }, (_none, at) => `${path}${at}`));
  expect([...testsNamed([glob], tree)]).toEqual([]);
});

const SERVER = treeOf(["server/a.js", "server/b.js", "server/a.spec.js", "server/deep/c.js"]);
test("a glob of a folder that holds tests by their names and the code beside them names nothing", () =>
  expect([...testsNamed(["server/**/*.js"], SERVER)]).toEqual([]));

test.each([
  ["import { test } from 'node:test';\nimport { add } from '../server/a.js';\ntest('adds', () => add(1, 2));", false],
  [
    "import pytest\n\n@pytest.fixture\ndef sums():\n    return 1\n\ndef test_adds(sums):\n    def one():\n        return 1\n",
    false,
  ],
  ["class TestSums:\n    def helper(self):\n        return 1\n", false],
  ["export const add = (a, b) => a + b;\nif (import.meta.vitest) {}", true],
  ["import test from 'node:test';\nexport function add() {}\ntest('adds', () => add());", true],
  ["const test = require('node:test');\nmodule.exports = { add };", true],
  ["def add(a, b):\n    return a + b\n\ndef test_adds():\n    assert add(1, 2) == 3\n", true],
  ["class Sums:\n    pass\n\ndef test_adds():\n    pass\n", true],
])("a reported file %j holds the code, too: %s", (text, expected) => expect(isInSource(text)).toBe(expected));
