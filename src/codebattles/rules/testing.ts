import { SCRIPT_LENGTH_MAX } from "./battle.ts";
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

/** The text of the base's own scripts: package managers need not be there, and no entry can change it. One too long to be read stays its manager's. */
export function scriptOf(command: string, packageJson: string | null): string {
  if (packageJson === null || !PACKAGE_RUNNERS.test(command.trim())) return command;
  const scripts = scriptsIn(packageJson);
  const text = (name: string) => {
    const script = scripts[name];
    return typeof script === "string" ? script : null;
  };
  const test = text("test");
  const script = test === null ? command : [text("pretest"), test].filter((each) => each !== null).join(" && ");
  return script.length > SCRIPT_LENGTH_MAX ? command : script;
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

/** Where a script calls a runner: where its word begins, and where it has all that a flag may stand behind. */
type Call = { at: number; end: number };

/** A runner: how it is found, and what it gets so that it writes a report. */
type Runner = Pick<TestPlan, "report" | "from"> & {
  calls: (script: string) => Call[];
  flags: string;
  variables?: Record<string, string>;
};

const word = (called: RegExp) => (script: string) =>
  [...script.matchAll(called)].map(({ index, 0: text }) => ({ at: index, end: index + text.length }));

const NODE = /(?<=^|[\s(/])node(?=\s)/;
const NODE_TESTS = /(?<=\s)--test(?=$|[\s;&|)])/;

/** `node … --test`, looked for once in each command: one expression for both words tries every pair of them. */
function nodeTests(script: string): Call[] {
  let began = 0;
  return script.split(/(?<=[|;&])/).flatMap((command) => {
    const start = began;
    began += command.length;
    const node = NODE.exec(command)?.index ?? command.length;
    const flag = NODE_TESTS.exec(command.slice(node));
    return flag ? [{ at: start + node, end: start + node + flag.index + flag[0].length }] : [];
  });
}

const RUNNERS: readonly Runner[] = [
  {
    calls: word(/(?<=^|[\s;&|(/])vitest(?:\s+(?:run|watch|dev|related))?(?=$|[\s;&|)])/g),
    flags: ` --reporter=junit --outputFile=${JUNIT_FILE}`,
    ...{ report: "JUNIT", from: "FILE" },
  },
  {
    calls: nodeTests,
    flags: " --test-reporter=junit --test-reporter-destination=stdout",
    ...{ report: "JUNIT", from: "OUTPUT" },
  },
  {
    calls: word(/(?<=^|[\s;&|(/])(?:pytest|py\.test)(?=$|[\s;&|)])/g),
    ...{ flags: "", variables: { PYTEST_ADDOPTS: `--junitxml=${JUNIT_FILE}` } },
    ...{ report: "JUNIT", from: "FILE" },
  },
  {
    calls: word(/(?<=^|[\s;&|(/])go\s+test(?=$|[\s;&|)])/g),
    ...{ flags: " -json", variables: { GOFLAGS: "-mod=mod", GOCACHE: "/tmp/go" } },
    ...{ report: "GO", from: "OUTPUT" },
  },
];

/** How the base's test command is run. Reporters are asked for by what the command calls. */
export function planTests(command: string, packageJson: string | null): TestPlan {
  const script = scriptOf(command, packageJson);
  for (const { calls, flags, variables = {}, report, from } of RUNNERS) {
    const found = calls(script);
    const [first] = found;
    if (!first) continue;
    const asked = found.toReversed().reduce((text, { end }) => text.slice(0, end) + flags + text.slice(end), script);
    const environment = { ...PATH, ...variables };
    return { shell: silenced(asked, first.at), environment, report, from, reports: found.length };
  }
  return { shell: script, environment: PATH, report: "EXIT_CODE", from: "OUTPUT", reports: 0 };
}

/** Whether an entry could win by ending with exit code 0: nothing else says how it came out. */
export const isByExitCodeAlone = ({ report }: Pick<TestPlan, "report">, checks: readonly unknown[]) =>
  report === "EXIT_CODE" && checks.length === 0;

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
  const files = new Map<string, Set<string>>();
  for (const { path, result, file } of reported.slice(0, TESTS_MAX)) {
    const called = path.filter((part) => part !== "").join(" › ");
    const name = holdable(called.slice(0, TEST_NAME_MAX)) || command;
    if (file !== undefined) files.set(name, (files.get(name) ?? new Set()).add(holdable(file)));
    const known = runs.get(name);
    if (known === undefined || worst.indexOf(result) < worst.indexOf(known)) runs.set(name, result);
  }
  const isKilled = exitCode === null || exitCode >= KILLED_FROM;
  const isContradicted = isKilled || (exitCode !== 0 && ![...runs.values()].includes("FAILED"));
  if (runs.size === 0) return byExitCode(command, exitCode);
  const where = (name: string) => (files.has(name) ? { files: [...(files.get(name) ?? [])] } : {});
  return [...runs].map(([name, result]) => ({ name, result: isContradicted ? "FAILED" : result, ...where(name) }));
}

/** A run without the report that was asked for has failed, whatever its exit code: a program that ends early leaves none. */
export const unreported = ({ report }: TestPlan, command: string, exitCode: number | null): TestRun[] =>
  byExitCode(command, report === "EXIT_CODE" ? exitCode : null);

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
