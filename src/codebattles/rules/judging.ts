import type { Outcome } from "./gladiator.ts";

/** How one test came out; ABSENT where a run has no such test. */
export const TEST_RESULTS = ["PASSED", "FAILED", "SKIPPED", "ABSENT"] as const;
export type TestResult = (typeof TEST_RESULTS)[number];
/** `files`: where it is written, as far as the report says so. */
export type TestRun = { name: string; result: Exclude<TestResult, "ABSENT">; files?: readonly string[] };

/** A test as a report has it. */
export type Reported = { path: readonly string[]; result: TestRun["result"]; file?: string };

export const TESTS_MAX = 2_000;
export const TEST_NAME_MAX = 300;

/** A line of the matrix: the same test on the base, on the entry, and on the entry with the base's tests restored. */
export type MatrixRow = { name: string; base: TestResult; own: TestResult; restored: TestResult };

/** What decides, in the published order; less is better from `regressions` on. */
export type Score = {
  checksPassed: number;
  testsPassed: number;
  regressions: number;
  diffLines: number;
  timeMs: number;
  tokens: number;
};

/** What is kept of a judged entry beside what decides. */
export type Report = { score: Score; matrix: MatrixRow[]; checks: { name: string; passed: boolean }[] };

const byName = (runs: readonly TestRun[]) => new Map(runs.map(({ name, result }) => [name, result]));

/** The matrix of an entry, in the order of the base's tests, then the entry's own. */
export function matrixOf(base: readonly TestRun[], own: readonly TestRun[], restored: readonly TestRun[]): MatrixRow[] {
  const [before, after, again] = [byName(base), byName(own), byName(restored)];
  const names = [...new Set([...before.keys(), ...again.keys(), ...after.keys()])].slice(0, TESTS_MAX);
  return names.map((name) => ({
    name,
    base: before.get(name) ?? "ABSENT",
    own: after.get(name) ?? "ABSENT",
    restored: again.get(name) ?? "ABSENT",
  }));
}

/** Tests that pass with the base's tests restored: what an entry did to the tests counts for nothing. */
export const passedOf = (matrix: readonly MatrixRow[]) => matrix.filter(({ restored }) => restored === "PASSED").length;

/** Tests that passed on the base and do not any more. */
export const regressionsOf = (matrix: readonly MatrixRow[]) =>
  matrix.filter(({ base, restored }) => base === "PASSED" && restored !== "PASSED").length;

/** One entry as the ranking sees it; null scores have lost. */
export type Judged = { entryId: string; outcome: Outcome; score: Score | null };

const MS_A_SECOND = 1_000;

/** Less is better: the published order. Times count in whole seconds, so that the machine's mood decides nothing. */
const keys = ({ checksPassed, testsPassed, regressions, diffLines, timeMs, tokens }: Score): number[] => [
  -checksPassed,
  -testsPassed,
  regressions,
  diffLines,
  Math.floor(timeMs / MS_A_SECOND),
  tokens,
];

function compare(a: Judged, b: Judged): number {
  if (!a.score || !b.score) return Number(a.score === null) - Number(b.score === null);
  const [left, right] = [keys(a.score), keys(b.score)];
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Placements, 1 is best; what cannot be told apart shares one, as those who lost do. */
export function rank(judged: readonly Judged[]): { entryId: string; placement: number }[] {
  return judged.map((one) => ({
    entryId: one.entryId,
    placement: 1 + judged.filter((other) => compare(other, one) < 0).length,
  }));
}
