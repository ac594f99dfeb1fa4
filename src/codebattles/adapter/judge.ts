import type { HiddenCheck } from "../rules/battle.ts";
import { matrixOf, type MatrixRow, type TestRun } from "../rules/judging.ts";
import { counting, isTestFile, restoration } from "../rules/restoring.ts";
import { byExitCode, planTests, readReport, REPORT, scriptOf } from "../rules/testing.ts";
import { inFresh, layDown, mustRun, runShell, type Arena } from "./arena.ts";
import type { Collected } from "./collect.ts";
import { git } from "./repositories.ts";
import type { Sandbox } from "./sandbox.ts";
import { standardOf } from "./standard.ts";

/** What entries are judged by. */
export type Court = Arena & { test: string; checks: readonly HiddenCheck[] };

/** What came of an entry. */
export type Verdict = { matrix: MatrixRow[]; checks: { name: string; passed: boolean }[] };

export const TEST_MAX_MS = 300_000;
const CHECK_MAX_MS = 60_000;
const REPORT_BYTES_MAX = 4 * 1_048_576;
const CHECK_BYTES_MAX = 65_536;

/**
 * The base's own tests, in a sandbox of their own; null where its test command cannot even be started, or is content without the
 * report that it was asked for: entries could not be told apart.
 */
export const judgeBase = (court: Court): Promise<TestRun[] | null> =>
  inFresh(court, async (sandbox) => {
    const { runs, exitCode } = await runTests(court, sandbox);
    if (exitCode === NOT_EXECUTABLE || exitCode === NOT_FOUND) return null;
    return runs === null && exitCode === 0 ? null : (runs ?? byExitCode(court.test, exitCode));
  });

/** What the base's test command really runs, for those who want to try. */
export const testScript = async ({ base, test }: Pick<Court, "base" | "test">): Promise<string> =>
  scriptOf(test, await textOf(base.repository, base.commit, "package.json"));

/** A shell's codes for a command that it cannot run. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Judges an entry: its tests as it left them, again with the base's test files restored (once where it left them alone), and
 * the owner's checks; each in a fresh sandbox, with the base's runner configuration.
 */
export async function judgeEntry(court: Court, base: readonly TestRun[], collected: Collected): Promise<Verdict> {
  const standard = await standardOf(court.base, court.test);
  // What the set-up left comes last: an entry may have files of its own where its programs are.
  const inPrepared = <T>(withTests: boolean, work: (sandbox: Sandbox) => Promise<T>) =>
    inFresh({ ...court, layer: null }, async (sandbox) => {
      await enter(court, sandbox, collected);
      await restore(court, sandbox, restoration(standard, collected.entry.paths, withTests));
      await layDown(court, sandbox);
      return work(sandbox);
    });
  const run = (withTests: boolean): Promise<TestRun[]> =>
    inPrepared(withTests, async (sandbox) => {
      const { runs, exitCode } = await runTests(court, sandbox);
      return runs ?? byExitCode(court.test, exitCode);
    });
  const own = await run(false);
  const restored = collected.entry.files.some(({ path }) => isTestFile(path)) ? await run(true) : own;
  const checks = court.checks.length === 0 ? [] : await inPrepared(true, (sandbox) => runChecks(court, sandbox));
  return { matrix: matrixOf(base, own, counting(base, standard.declared, restored)), checks };
}

const ENTER = `
set -eu
cat > .entry
cd repository
git fetch --quiet "$PWD/../.entry" refs/heads/entry
git reset --quiet --hard FETCH_HEAD
rm ../.entry
`;

async function enter({ stop }: Court, sandbox: Sandbox, { bundle }: Collected): Promise<void> {
  await mustRun(sandbox, ENTER, { input: bundle, stop });
}

type Restoration = ReturnType<typeof restoration>;

async function restore({ base, stop }: Court, sandbox: Sandbox, { restore: kept, remove }: Restoration): Promise<void> {
  const list = (paths: readonly string[]) => Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const environment = { GIT_LITERAL_PATHSPECS: "1", BASE: base.commit };
  if (remove.length > 0) await mustRun(sandbox, "cd repository && xargs -0 rm -rf --", { input: list(remove), stop });
  if (kept.length > 0)
    await mustRun(sandbox, 'cd repository && git checkout --quiet "$BASE" --pathspec-from-file=- --pathspec-file-nul', {
      input: list(kept),
      environment,
      stop,
    });
}

type Tested = { runs: TestRun[] | null; exitCode: number | null };

async function runTests({ base, test, stop }: Court, sandbox: Sandbox): Promise<Tested> {
  const plan = planTests(test, await textOf(base.repository, base.commit, "package.json"));
  const { by, exitCode, stdout } = await runShell(sandbox, `mkdir -p ${REPORT}; cd repository\n${plan.shell}`, {
    environment: plan.environment,
    timeMaxMs: TEST_MAX_MS,
    outputMax: REPORT_BYTES_MAX,
    stop,
  });
  const ended = by === "EXIT" ? exitCode : null;
  if (plan.from === "OUTPUT") return { runs: readReport(plan, stdout.toString(), test, ended), exitCode: ended };
  const read = await runShell(sandbox, `cat ${REPORT}/junit.xml`, { outputMax: REPORT_BYTES_MAX, stop });
  return { runs: readReport(plan, read.stdout.toString(), test, ended), exitCode: ended };
}

/** Each check is a process of its own. What it must print never enters the sandbox, so that no entry can print it for it. */
async function runChecks({ checks, stop }: Court, sandbox: Sandbox): Promise<Verdict["checks"]> {
  const results: Verdict["checks"] = [];
  for (const { name, command, prints } of checks) {
    const { by, exitCode, stdout, droppedBytes } = await runShell(sandbox, `cd repository\n${command}`, {
      environment: { PATH: "node_modules/.bin:/opt/agon:/usr/local/bin:/usr/bin:/bin" },
      timeMaxMs: CHECK_MAX_MS,
      outputMax: CHECK_BYTES_MAX,
      stop,
    });
    const isRight = stdout.toString().trim() === prints.trim();
    results.push({ name, passed: by === "EXIT" && exitCode === 0 && droppedBytes === 0 && isRight });
  }
  return results;
}

async function textOf(repository: string, commit: string, path: string): Promise<string | null> {
  const found = (await git({ args: ["ls-tree", "-z", commit, "--", path], repository })).toString();
  const [, id] = /^100\d{3} blob ([0-9a-f]{40})\t/.exec(found) ?? [];
  return id === undefined ? null : (await git({ args: ["cat-file", "blob", id], repository })).toString();
}
