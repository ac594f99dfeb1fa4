import type { HiddenCheck } from "../rules/battle.ts";
import { matrixOf, type MatrixRow, type TestRun } from "../rules/judging.ts";
import { counting, isTestFile, restoration } from "../rules/restoring.ts";
import { byExitCode, planTests, readReport, REPORT, scriptOf, unreported, type TestPlan } from "../rules/testing.ts";
import { inFresh, layDown, mustRun, runShell, type Arena } from "./arena.ts";
import type { Collected } from "./collect.ts";
import { git } from "./repositories.ts";
import type { Sandbox } from "./sandbox.ts";
import { asPath, standardOf, testsOf, type Standard } from "./standard.ts";

/** What entries are judged by; `script` is what the test command really runs, `plan` how. All of it is the base's. */
export type Court = Arena & {
  test: string;
  checks: readonly HiddenCheck[];
  script: string;
  plan: TestPlan;
  standard: Standard;
};

/** Reads of a base once what all its entries are judged by. */
export async function openCourt(
  arena: Arena,
  { test, checks }: { test: string; checks: readonly HiddenCheck[] },
): Promise<Court> {
  const { repository, commit } = arena.base;
  const packageJson = await textOf(repository, commit, "package.json");
  const standard = await standardOf(arena.base, test);
  const plan = planTests(test, packageJson);
  return { ...arena, test, checks, script: scriptOf(test, packageJson), plan, standard };
}

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

/** A shell's codes for a command that it cannot run. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Judges an entry: its tests as it left them, again with the base's test files restored (once where it left them alone), and
 * the owner's checks; each in a fresh sandbox, with the base's runner configuration.
 */
export async function judgeEntry(court: Court, base: readonly TestRun[], collected: Collected): Promise<Verdict> {
  const { paths, called, declared } = court.standard;
  const tests = await testsOf(court.base, court.standard, base);
  const isTest = (path: string) => isTestFile(path) || tests.has(asPath(path));
  // What the set-up left comes last: an entry may have files of its own where its programs are.
  const inPrepared = <T>(withTests: boolean, work: (sandbox: Sandbox) => Promise<T>) =>
    inFresh({ ...court, layer: null }, async (sandbox) => {
      await enter(
        court,
        sandbox,
        collected.bundle,
        restoration({ paths, called, tests }, collected.entry.paths, withTests),
      );
      await layDown(court, sandbox);
      return work(sandbox);
    });
  const run = (withTests: boolean): Promise<TestRun[]> =>
    inPrepared(withTests, async (sandbox) => {
      const { runs, exitCode } = await runTests(court, sandbox);
      return runs ?? unreported(court.plan, court.test, exitCode);
    });
  const own = await run(false);
  const restored = collected.entry.files.some(({ path }) => isTest(path)) ? await run(true) : own;
  const checks = court.checks.length === 0 ? [] : await inPrepared(true, (sandbox) => runChecks(court, sandbox));
  return { matrix: matrixOf(base, own, counting(base, declared, restored)), checks };
}

/** Lays an entry over the base, takes away what it added of the base's kinds of files, and puts the base's own back. */
const ENTER = `
set -eu
cat > .all
head -c "$ENTRY_BYTES" .all > .entry
tail -c "+$((ENTRY_BYTES + 1))" .all | head -c "$REMOVE_BYTES" > .remove
tail -c "$KEEP_BYTES" .all > .keep
rm .all
cd repository
git fetch --quiet "$PWD/../.entry" refs/heads/entry
git reset --quiet --hard FETCH_HEAD
xargs -0 -r rm -rf -- < ../.remove
[ ! -s ../.keep ] || git checkout --quiet "$BASE" --pathspec-from-file=../.keep --pathspec-file-nul
rm ../.entry ../.remove ../.keep
`;

/** One program for all of it: each is a sandbox's start. */
async function enter(
  { base, stop }: Court,
  sandbox: Sandbox,
  bundle: Buffer,
  { restore: kept, remove }: ReturnType<typeof restoration>,
): Promise<void> {
  const list = (paths: readonly string[]) => Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const parts = [bundle, list(remove), list(kept)] as const;
  const [ENTRY_BYTES, REMOVE_BYTES, KEEP_BYTES] = parts.map(({ length }) => String(length)) as [string, string, string];
  const environment = { GIT_LITERAL_PATHSPECS: "1", BASE: base.commit, ENTRY_BYTES, REMOVE_BYTES, KEEP_BYTES };
  await mustRun(sandbox, ENTER, { input: Buffer.concat(parts), environment, stop });
}

type Tested = { runs: TestRun[] | null; exitCode: number | null };

async function runTests({ plan, test, stop }: Court, sandbox: Sandbox): Promise<Tested> {
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
