import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bonusesOf,
  capped,
  COMPLEXITIES,
  isFast,
  meanQuality,
  PRIMARY_ACTIONS,
  thousandthsOf,
  xpOfBout,
  xpOfWork,
  type Bonus,
  type Work,
} from "./formula.ts";

const plain: Work = {
  kind: "WORK",
  action: "TASK_COMPLETION",
  complexity: "SIMPLE",
  success: true,
  durationMs: null,
  attempt: 1,
  quality: null,
  custom: 100,
};

// Worked out by hand: (base × complexity × success + bonuses) × (0.5 + 0.5 × quality) × custom.
test.each<[string, Partial<Work>, Bonus[], number]>([
  ["a simple task: 10", {}, [], 10],
  ["a medium one: 15", { complexity: "MEDIUM" }, [], 15],
  ["a complex one: 20", { complexity: "COMPLEX" }, [], 20],
  ["an expert one with its bonus: 30 + 25", { complexity: "EXPERT" }, ["COMPLEXITY"], 55],
  ["a failed simple task: 2.5, half up", { success: false }, [], 3],
  ["a failed medium one: 3.75", { success: false, complexity: "MEDIUM" }, [], 4],
  ["a failed expert one, no bonus: 7.5", { success: false, complexity: "EXPERT" }, [], 8],
  ["an error resolved: 20", { action: "ERROR_RESOLUTION" }, [], 20],
  [
    "an expert error, everything: 60 + 5 + 15 + 25",
    { action: "ERROR_RESOLUTION", complexity: "EXPERT", quality: 1_000 },
    ["SPEED", "QUALITY", "COMPLEXITY"],
    105,
  ],
  [
    "the same, three times as much: 315",
    { action: "ERROR_RESOLUTION", complexity: "EXPERT", quality: 1_000, custom: 300 },
    ["SPEED", "QUALITY", "COMPLEXITY"],
    315,
  ],
  ["no quality at all halves: 5", { quality: 0 }, [], 5],
  ["quality 0.5: 10 × 0.75 = 7.5", { quality: 500 }, [], 8],
  ["quality 0.499: 10 × 0.7495 = 7.495", { quality: 499 }, [], 7],
  ["quality 0.9 with its bonus: 25 × 0.95 = 23.75", { quality: 900 }, ["QUALITY"], 24],
  ["fast: 15", {}, ["SPEED"], 15],
  ["a tenth: 1", { custom: 10 }, [], 1],
  ["a tenth of 15: 1.5", { complexity: "MEDIUM", custom: 10 }, [], 2],
  ["failed, no quality, a tenth: 0.125", { success: false, quality: 0, custom: 10 }, [], 0],
  ["a quarter is rounded once, not step by step: 2.5 × 0.6 = 1.5", { success: false, quality: 200 }, [], 2],
])("%s", (_sentence, work, bonuses, xp) => expect(xpOfWork({ ...plain, ...work }, bonuses)).toBe(xp));

test.each<[string, Parameters<typeof xpOfBout>[0], number]>([
  ["a win against an equal: 20", { kind: "BOUT", result: "WIN", advantage: 0, quality: null }, 20],
  ["a win against a weaker one: 20", { kind: "BOUT", result: "WIN", advantage: -300, quality: null }, 20],
  ["a win against one 100 above: 25", { kind: "BOUT", result: "WIN", advantage: 100, quality: null }, 25],
  ["a win against one 400 above: twice", { kind: "BOUT", result: "WIN", advantage: 400, quality: null }, 40],
  ["never more than twice", { kind: "BOUT", result: "WIN", advantage: 2_000, quality: null }, 40],
  ["a draw: 10", { kind: "BOUT", result: "DRAW", advantage: 0, quality: null }, 10],
  ["a loss: 5", { kind: "BOUT", result: "LOSS", advantage: 0, quality: null }, 5],
  ["a loss to one 200 above: 7.5", { kind: "BOUT", result: "LOSS", advantage: 200, quality: null }, 8],
  ["a code battle won with a score of 0.6: 20 × 0.8", { kind: "BOUT", result: "WIN", advantage: 0, quality: 600 }, 16],
])("%s", (_sentence, bout, xp) => expect(xpOfBout(bout)).toBe(xp));

test.each([
  [29_999, [], true],
  [30_000, [], false],
  [50_000, [100_000], true],
  [50_001, [100_000], false],
  // The median of an even number of durations is the mean of the middle two: 150 here.
  [75, [100, 200], true],
  [76, [100, 200], false],
  [50, [1_000_000, 100, 1], true],
  [51, [1_000_000, 100, 1], false],
])("%i ms after %j is fast: %s", (durationMs, history, fast) => expect(isFast(durationMs, history)).toBe(fast));

test.each<[string, Partial<Work>, readonly number[], Bonus[]]>([
  ["nothing special earns nothing", {}, [], []],
  ["a quick one earns SPEED", { durationMs: 1_000 }, [], ["SPEED"]],
  ["a quick one that was begun again does not", { durationMs: 1_000, attempt: 2 }, [], []],
  ["a quick failure does not", { durationMs: 1_000, success: false }, [], []],
  ["half of the own median does", { durationMs: 500 }, [1_000], ["SPEED"]],
  ["0.9 earns QUALITY", { quality: 900 }, [], ["QUALITY"]],
  ["0.899 does not", { quality: 899 }, [], []],
  ["an expert success earns COMPLEXITY", { complexity: "EXPERT" }, [], ["COMPLEXITY"]],
  ["an expert failure does not", { complexity: "EXPERT", success: false }, [], []],
  ["all three", { complexity: "EXPERT", durationMs: 1, quality: 1_000 }, [], ["SPEED", "QUALITY", "COMPLEXITY"]],
])("%s", (_sentence, work, history, bonuses) => expect(bonusesOf({ ...plain, ...work }, history)).toEqual(bonuses));

test.each([
  [0, 0],
  [1, 1_000],
  [0.9, 900],
  [0.29, 290],
  [0.9999, 999],
  [-0.001, null],
  [1.001, null],
  [Number.NaN, null],
])("a score of %d is %s thousandths", (score, thousandths) => expect(thousandthsOf(score)).toBe(thousandths));

test.each([
  [[], null],
  [[900], 900],
  [[900, 899], 899],
  [[1_000, 1_000, 700], 900],
  [[1_000, 1_000, 699], 899],
])("the mean of %j is %s, floored", (scores, mean) => expect(meanQuality(scores)).toBe(mean));

test.each([
  [10, 0, 10],
  [500, 0, 500],
  [501, 0, 500],
  [10, 4_995, 5],
  [10, 5_000, 0],
  [10, 6_000, 0],
])("of %i XP on a day that has %i, %i are added", (xp, today, added) => expect(capped(xp, today)).toBe(added));

const works = fc.record({
  kind: fc.constant("WORK" as const),
  action: fc.constantFrom(...PRIMARY_ACTIONS),
  complexity: fc.constantFrom(...COMPLEXITIES),
  success: fc.boolean(),
  durationMs: fc.option(fc.nat({ max: 10_000_000 })),
  attempt: fc.integer({ min: 1, max: 3 }),
  quality: fc.option(fc.nat({ max: 1_000 })),
  custom: fc.integer({ min: 10, max: 300 }),
});

describe("whatever was seen,", () => {
  test("the XP are what exact arithmetic gives, rounded half up once", () => {
    const base = { TASK_COMPLETION: 10n, ERROR_RESOLUTION: 20n };
    const factor = { SIMPLE: 100n, MEDIUM: 150n, COMPLEX: 200n, EXPERT: 300n };
    const extra = { SPEED: 5n, QUALITY: 15n, COMPLEXITY: 25n };
    fc.assert(
      fc.property(works, (work) => {
        const bonuses = bonusesOf(work, []);
        const sum = bonuses.reduce((all, bonus) => all + extra[bonus], 0n);
        const product =
          (base[work.action] * factor[work.complexity] * (work.success ? 100n : 25n) + sum * 10_000n) *
          (1_000n + BigInt(work.quality ?? 1_000)) *
          BigInt(work.custom);
        expect(BigInt(xpOfWork(work, bonuses))).toBe((2n * product + 2_000_000_000n) / 4_000_000_000n);
      }),
    );
  });
  test("success, more quality and a greater multiplier never give less", () => {
    fc.assert(
      fc.property(works, (work) => {
        const xp = (other: Partial<Work>) => {
          const seen = { ...work, ...other };
          return xpOfWork(seen, bonusesOf(seen, []));
        };
        expect(xp({ success: true })).toBeGreaterThanOrEqual(xp({ success: false }));
        expect(xp({ quality: Math.min(1_000, (work.quality ?? 1_000) + 100) })).toBeGreaterThanOrEqual(
          xp({ quality: work.quality ?? 1_000 }),
        );
        expect(xp({ custom: Math.min(300, work.custom + 10) })).toBeGreaterThanOrEqual(xp({}));
        expect(xp({})).toBeLessThanOrEqual(500);
      }),
    );
  });
});
