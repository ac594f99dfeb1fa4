import { expect, test } from "vitest";
import { believed, planTests, readGo, readReport } from "./testing.ts";

const run = (text: string) =>
  text
    .split(" ")
    .filter(Boolean)
    .map((each) => ({ name: each.slice(1), result: each[0] === "+" ? ("PASSED" as const) : ("FAILED" as const) }));

const scripts = (command: string) => JSON.stringify({ scripts: { pretest: "node build.js", test: command } });
const JUNIT = "/workspace/report/junit.xml";
test.each([
  [
    "npm test",
    scripts("node --test"),
    `{ node build.js; } >&2 && node --test --test-reporter=junit --test-reporter-destination=stdout`,
    "JUNIT",
  ],
  [
    "npm test",
    scripts("vitest run"),
    `{ node build.js; } >&2 && vitest run --reporter=junit --outputFile=${JUNIT}`,
    "JUNIT",
  ],
  ["npm test", scripts("mocha"), "node build.js && mocha", "EXIT_CODE"],
  ["npm test", "no JSON", "npm test", "EXIT_CODE"],
  ["pytest -q", null, "pytest -q", "JUNIT"],
  ["go test ./...", null, "go test -json ./...", "GO"],
  ["make check", scripts("x"), "make check", "EXIT_CODE"],
  // The runner's flags stand behind its own word, whatever comes after it.
  ["vitest run && tsc --noEmit", null, `vitest run --reporter=junit --outputFile=${JUNIT} && tsc --noEmit`, "JUNIT"],
  [
    "node --test-concurrency=1 --test",
    null,
    "node --test-concurrency=1 --test --test-reporter=junit --test-reporter-destination=stdout",
    "JUNIT",
  ],
  [
    "(cd a && node --test)",
    null,
    "(cd a && node --test --test-reporter=junit --test-reporter-destination=stdout)",
    "JUNIT",
  ],
  ["node test-vitest.js", null, "node test-vitest.js", "EXIT_CODE"],
])("%s is run so that a machine can read it", (command, packageJson, shell, report) => {
  const plan = planTests(command, packageJson);
  expect([plan.shell, plan.report]).toEqual([shell, report]);
});

const reported = (text: string) => run(text).map(({ name, result }) => ({ path: ["suite", name], result }));
test.each([
  ["a report that the exit code bears out", "+a -b", 1, ["suite › a PASSED", "suite › b FAILED"]],
  ["passes that end in a failure", "+a +b", 1, ["suite › a FAILED", "suite › b FAILED"]],
  ["a run that was killed", "+a", null, ["suite › a FAILED"]],
  ["a run that was killed while a report said something else", "+a -b", 137, ["suite › a FAILED", "suite › b FAILED"]],
  ["the worst of one name", "+a -a", 1, ["suite › a FAILED"]],
])("%s is believed so", (_what, text, exitCode, expected) =>
  expect(believed(reported(text), "npm test", exitCode).map(({ name, result }) => `${name} ${result}`)).toEqual(
    expected,
  ),
);

test("a test's name is kept as a table can hold it", () => {
  const name = `a\0${"x".repeat(297)}😀`;
  const runs = believed([{ path: [name], result: "PASSED" }], "npm test", 0);
  expect(runs).toEqual([{ name: `a\u{FFFD}${"x".repeat(297)}\u{FFFD}`, result: "PASSED" }]);
});

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

const report = `<testsuites><testcase name="a"/></testsuites>`;
test.each([
  ["one report of one runner", "node --test", report, "a"],
  ["two reports of two runners", "node --test a; node --test b", report + report, "a"],
  ["two reports of one runner, of which one was not the runner's", "node --test", report + report, null],
  ["no report", "node --test", "", null],
])("%s", (_what, command, text, names) => {
  const runs = readReport(planTests(command, null), text, command, 0);
  expect(runs?.map(({ name }) => name).join() ?? null).toBe(names);
});
