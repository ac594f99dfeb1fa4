import { readJunit } from "./junit.ts";
import { holdable } from "./stream.ts";
import { TEST_NAME_MAX, TESTS_MAX, type Reported, type TestRun } from "./judging.ts";

/** Where reports are written, outside of the repository. */
export const REPORT = "/workspace/report";

/** How tests are run so that a machine can read what came of them. */
export type TestPlan = {
  shell: string;
  environment: Readonly<Record<string, string>>;
  /** Of what kind the report is; by the exit code alone where nothing else is known. */
  report: "JUNIT" | "GO" | "EXIT_CODE";
  /** Where it is: a file that the runner writes when it is done, or what the command writes, which nobody can take back. */
  from: "FILE" | "OUTPUT";
  /** How often a runner is called. More reports than that were not all written by one. */
  reports: number;
};

const PACKAGE_RUNNERS = /^(?:npm (?:run )?test|npm t|yarn(?: run)? test|pnpm (?:run )?test|bun run test)$/;

/** The text of the base's own scripts: package managers need not be there, and no entry can change it. */
export function scriptOf(command: string, packageJson: string | null): string {
  if (packageJson === null || !PACKAGE_RUNNERS.test(command.trim())) return command;
  const scripts = scriptsIn(packageJson);
  const text = (name: string) => {
    const script = scripts[name];
    return typeof script === "string" ? script : null;
  };
  const test = text("test");
  return test === null ? command : [text("pretest"), test].filter((each) => each !== null).join(" && ");
}

/** The scripts of a package.json. */
export function scriptsIn(packageJson: string): Readonly<Record<string, unknown>> {
  try {
    const { scripts } = JSON.parse(packageJson) as { scripts?: Record<string, unknown> };
    return scripts ?? {};
  } catch {
    return {}; // not JSON: the command stands as it is
  }
}

const JUNIT_FILE = `${REPORT}/junit.xml`;
const PATH = { PATH: "node_modules/.bin:/opt/agon:/usr/local/bin:/usr/bin:/bin", CI: "1" };

/** A runner as a word of a command, and what it gets behind it so that it writes a report. */
type Runner = Pick<TestPlan, "report" | "from"> & { called: RegExp; flags: string; variables?: Record<string, string> };

const RUNNERS: readonly Runner[] = [
  {
    called: /(?<=^|[\s;&|(/])vitest(?:\s+(?:run|watch|dev|related))?(?=$|[\s;&|)])/g,
    flags: ` --reporter=junit --outputFile=${JUNIT_FILE}`,
    ...{ report: "JUNIT", from: "FILE" },
  },
  {
    called: /(?<=^|[\s;&|(/])node\s(?:[^|;&]*?\s)?--test(?=$|[\s;&|)])/g,
    flags: " --test-reporter=junit --test-reporter-destination=stdout",
    ...{ report: "JUNIT", from: "OUTPUT" },
  },
  {
    called: /(?<=^|[\s;&|(/])(?:pytest|py\.test)(?=$|[\s;&|)])/g,
    ...{ flags: "", variables: { PYTEST_ADDOPTS: `--junitxml=${JUNIT_FILE}` } },
    ...{ report: "JUNIT", from: "FILE" },
  },
  {
    called: /(?<=^|[\s;&|(/])go\s+test(?=$|[\s;&|)])/g,
    ...{ flags: " -json", variables: { GOFLAGS: "-mod=mod", GOCACHE: "/tmp/go" } },
    ...{ report: "GO", from: "OUTPUT" },
  },
];

/** How the base's test command is run. Reporters are asked for by what the command calls. */
export function planTests(command: string, packageJson: string | null): TestPlan {
  const script = scriptOf(command, packageJson);
  for (const { called, flags, variables = {}, report, from } of RUNNERS) {
    const reports = script.match(called)?.length ?? 0;
    if (reports === 0) continue;
    const shell = silenced(script, script.search(called)).replaceAll(called, `$&${flags}`);
    return { shell, environment: { ...PATH, ...variables }, report, from, reports };
  }
  return { shell: script, environment: PATH, report: "EXIT_CODE", from: "OUTPUT", reports: 0 };
}

/** What is done before the runner is called writes no report: its output is no answer. */
function silenced(script: string, at: number): string {
  const [, before, last] = /^([^"'`(){}<>#\n]+)&&([^&|;]*)$/.exec(script.slice(0, at)) ?? [];
  return before === undefined ? script : `{ ${before.trim()}; } >&2 &&${last}${script.slice(at)}`;
}

/** What a run without a report is: one test, by the command's name. */
export const byExitCode = (command: string, exitCode: number | null): TestRun[] => [
  { name: command.slice(0, TEST_NAME_MAX), result: exitCode === 0 ? "PASSED" : "FAILED" },
];

/** From here on a shell's exit codes say that a command was killed, or could not be run. */
const KILLED_FROM = 126;

/**
 * Named results of a report: bounded, each name once (the worst counts). A report that the command's exit code contradicts is
 * not believed: what says that all is well, and ended otherwise, has failed as a whole, as what was killed has.
 */
export function believed(reported: readonly Reported[], command: string, exitCode: number | null): TestRun[] {
  const worst = ["FAILED", "SKIPPED", "PASSED"] as const;
  const runs = new Map<string, TestRun["result"]>();
  for (const { path, result } of reported.slice(0, TESTS_MAX)) {
    const called = path.filter((part) => part !== "").join(" › ");
    const name = holdable(called.slice(0, TEST_NAME_MAX)) || command;
    const known = runs.get(name);
    if (known === undefined || worst.indexOf(result) < worst.indexOf(known)) runs.set(name, result);
  }
  const isKilled = exitCode === null || exitCode >= KILLED_FROM;
  const isContradicted = isKilled || (exitCode !== 0 && ![...runs.values()].includes("FAILED"));
  if (runs.size === 0) return byExitCode(command, exitCode);
  if (isContradicted) return [...runs.keys()].map((name) => ({ name, result: "FAILED" }));
  return [...runs].map(([name, result]) => ({ name, result }));
}

/**
 * What came of a run of tests: its report as far as its exit code bears it out, null where its runner wrote none. More reports
 * than runners are none.
 */
export function readReport(plan: TestPlan, text: string, command: string, exitCode: number | null): TestRun[] | null {
  if (plan.report === "EXIT_CODE") return byExitCode(command, exitCode);
  if (plan.report === "GO") return believed(readGo(text), command, exitCode);
  const { reports, cases } = readJunit(text);
  return reports > plan.reports || cases.length === 0 ? null : believed(cases, command, exitCode);
}

const GO_ENDED = /^\{.{0,200}"Action":"(?:pass|fail|skip)"/;

/** Reads `go test -json`: one line an event; of what the tests print themselves little looks like one. */
export function readGo(text: string): Reported[] {
  const ended = text.split("\n").filter((line) => GO_ENDED.test(line));
  return ended.slice(0, 2 * TESTS_MAX).flatMap((line): Reported[] => {
    try {
      const { Action, Package, Test } = JSON.parse(line) as Record<string, unknown>;
      const result = Action === "pass" ? "PASSED" : Action === "fail" ? "FAILED" : Action === "skip" ? "SKIPPED" : null;
      return result && typeof Test === "string" ? [{ path: [String(Package ?? ""), Test], result }] : [];
    } catch {
      return []; // what the tests print themselves
    }
  });
}
