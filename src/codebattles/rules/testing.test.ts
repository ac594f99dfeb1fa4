import { expect, test } from "vitest";
import { believed, isByExitCodeAlone, planTests, readGo, readReport, unreported } from "./testing.ts";

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
  ["node a.js; x --test", null, "node a.js; x --test", "EXIT_CODE"],
  [
    "node --test a; node b --test --test",
    null,
    "node --test --test-reporter=junit --test-reporter-destination=stdout a; node b --test --test-reporter=junit --test-reporter-destination=stdout --test",
    "JUNIT",
  ],
  ["npm test", scripts(`node --test ${"a ".repeat(2_000)}`), "npm test", "EXIT_CODE"],
])("%s is run so that a machine can read it", (command, packageJson, shell, report) => {
  const plan = planTests(command, packageJson);
  expect([plan.shell, plan.report]).toEqual([shell, report]);
});

test("of four megabytes that call node over and over nothing is looked at", () => {
  const plan = planTests("npm test", scripts("node ".repeat(800_000)));
  expect([plan.shell, plan.report]).toEqual(["npm test", "EXIT_CODE"]);
});

test("a script as long as it may be is looked through once", () => {
  const plan = planTests("node ".repeat(800), null);
  expect(plan.report).toBe("EXIT_CODE");
});

test.each([
  ["make check", 0, true],
  ["make check", 1, false],
  ["node --test", 0, false],
])("%s with %i hidden checks lets an exit code alone decide: %s", (command, checks, alone) => {
  expect(isByExitCodeAlone(planTests(command, null), Array(checks).fill({}))).toBe(alone);
});

test.each([
  ["make check", 0, "PASSED"],
  ["make check", 1, "FAILED"],
  ["node --test", 0, "FAILED"],
  ["pytest", 0, "FAILED"],
])("%s that ends with %i and leaves no report has %s", (command, exitCode, result) => {
  expect(unreported(planTests(command, null), command, exitCode)).toEqual([{ name: command, result }]);
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

test("where a test is written is kept, of each of one name", () => {
  const cases = ["a.mjs", "b.mjs", "a.mjs"].map((file) => ({ path: ["x"], result: "PASSED" as const, file }));
  expect(believed(cases, "npm test", 0)).toEqual([{ name: "x", result: "PASSED", files: ["a.mjs", "b.mjs"] }]);
});

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
