import { TEST_NAME_MAX, TESTS_MAX, type TestRun } from "./judging.ts";

/** Where reports are written, outside of the repository. */
export const REPORT = "/workspace/report";

/** How tests are run so that a machine can read what came of them. */
export type TestPlan = {
  shell: string;
  environment: Readonly<Record<string, string>>;
  /** Of what kind the report is; by the exit code alone where nothing else is known. */
  report: "JUNIT" | "GO" | "EXIT_CODE";
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

function scriptsIn(packageJson: string): Readonly<Record<string, unknown>> {
  try {
    const { scripts } = JSON.parse(packageJson) as { scripts?: Record<string, unknown> };
    return scripts ?? {};
  } catch {
    return {}; // not JSON: the command stands as it is
  }
}

const JUNIT_FILE = `${REPORT}/junit.xml`;

/** How the base's test command is run. Reporters are asked for by what the command calls. */
export function planTests(command: string, packageJson: string | null): TestPlan {
  const script = scriptOf(command, packageJson);
  const path = { PATH: "node_modules/.bin:/opt/agon:/usr/local/bin:/usr/bin:/bin", CI: "1" };
  if (/\bvitest\b/.test(script)) {
    const flags = `--reporter=junit --outputFile=${JUNIT_FILE}`;
    return { shell: `${script} ${flags}`, environment: path, report: "JUNIT" };
  }
  if (/\bnode\b[^|;&]*--test\b/.test(script)) {
    const flags = `--test-reporter=junit --test-reporter-destination=${JUNIT_FILE}`;
    return { shell: script.replace(/--test\b/, `--test ${flags}`), environment: path, report: "JUNIT" };
  }
  if (/\bpytest\b/.test(script))
    return { shell: script, environment: { ...path, PYTEST_ADDOPTS: `--junitxml=${JUNIT_FILE}` }, report: "JUNIT" };
  if (/\bgo test\b/.test(script))
    return {
      shell: script.replace(/\bgo test\b/, "go test -json"),
      environment: { ...path, GOFLAGS: "-mod=mod", GOCACHE: "/tmp/go" },
      report: "GO",
    };
  return { shell: script, environment: path, report: "EXIT_CODE" };
}

/** What a run without a report is: one test, by the command's name. */
export const byExitCode = (command: string, exitCode: number | null): TestRun[] => [
  { name: command.slice(0, TEST_NAME_MAX), result: exitCode === 0 ? "PASSED" : "FAILED" },
];

/** A test as a report has it. */
export type Reported = { path: readonly string[]; result: TestRun["result"] };

/**
 * Named results of a report: bounded, each name once (the worst counts). A report that the command's exit code contradicts is
 * not believed: what says that all is well, and ended otherwise, has failed as a whole.
 */
export function believed(reported: readonly Reported[], command: string, exitCode: number | null): TestRun[] {
  const worst = ["FAILED", "SKIPPED", "PASSED"] as const;
  const runs = new Map<string, TestRun["result"]>();
  for (const { path, result } of reported.slice(0, TESTS_MAX)) {
    const name =
      path
        .filter((part) => part !== "")
        .join(" › ")
        .slice(0, TEST_NAME_MAX) || command;
    const known = runs.get(name);
    if (known === undefined || worst.indexOf(result) < worst.indexOf(known)) runs.set(name, result);
  }
  const isContradicted = exitCode !== 0 && ![...runs.values()].includes("FAILED");
  if (runs.size === 0) return byExitCode(command, exitCode);
  if (isContradicted) return [...runs.keys()].map((name) => ({ name, result: "FAILED" }));
  return [...runs].map(([name, result]) => ({ name, result }));
}

/** Reads `go test -json`: one line an event. */
export function readGo(text: string): Reported[] {
  return text.split("\n").flatMap((line): Reported[] => {
    try {
      const { Action, Package, Test } = JSON.parse(line) as Record<string, unknown>;
      const result = Action === "pass" ? "PASSED" : Action === "fail" ? "FAILED" : Action === "skip" ? "SKIPPED" : null;
      return result && typeof Test === "string" ? [{ path: [String(Package ?? ""), Test], result }] : [];
    } catch {
      return []; // what the tests print themselves
    }
  });
}
