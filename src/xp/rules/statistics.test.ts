import fc from "fast-check";
import { expect, test } from "vitest";
import { durationPlace, median, percentile, quantile, slopesOf, summarise, type Day } from "./statistics.ts";

test.each([
  [0, 1],
  [99, 1],
  [100, 2],
  [141, 2],
  [142, 3],
  [200, 4],
  [400, 6],
  [60_000, 20],
  [30 * 86_400_000, 48],
])("%i ms are counted at place %i", (ms, place) => expect(durationPlace(ms)).toBe(place));

test("a percentile read off the counts is at most half an octave off, from 100 ms on", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 100_000_000 }), { minLength: 1, maxLength: 200 }), (durations) => {
      const counts = Array.from({ length: 48 }, () => 0);
      for (const ms of durations) counts[durationPlace(ms) - 1] = (counts[durationPlace(ms) - 1] ?? 0) + 1;
      const sorted = durations.toSorted((a, b) => a - b);
      for (const part of [0.5, 0.95]) {
        const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
        const read = percentile(counts, part) ?? 0;
        expect(read).toBeGreaterThanOrEqual(Math.floor(exact / Math.SQRT2) - 1);
        expect(read).toBeLessThanOrEqual(Math.ceil(exact * Math.SQRT2) + 1);
      }
    }),
  );
});

test("nothing has no percentile", () => expect(percentile([0, 0], 0.5)).toBeNull());

test.each([
  [[1], 0.5, 1],
  [[1, 2], 0.5, 1.5],
  [[4, 1, 2, 3], 0.25, 1.75],
  [[10, 20, 30], 1, 30],
])("of %j the part %d is %d", (values, part, value) => expect(quantile(values, part)).toBe(value));

test("one wild value does not move the median of slopes", () => {
  const line = [0, 1, 2, 3, 4].map((x) => ({ x, y: x === 2 ? 100 : 2 * x }));
  expect(median(slopesOf(line))).toBe(2);
  expect(slopesOf(line, 4)).toEqual([2]);
});

const empty: Day = {
  day: "2026-11-01",
  tries: 0,
  successes: 0,
  wins: 0,
  draws: 0,
  losses: 0,
  qualitySum: 0,
  qualityCount: 0,
};
const none = { hours: [], complexities: [], durations: [] };

test("no days are no statistics", () => {
  expect(summarise([], none)).toMatchObject({
    tries: 0,
    successRate: null,
    quality: null,
    qualityTrend: null,
    p50Ms: null,
  });
});

test("days add up", () => {
  const first = { ...empty, tries: 3, successes: 2, wins: 1, qualitySum: 1_500, qualityCount: 2 };
  const second = { ...first, day: "2026-11-02", successes: 3, losses: 4 };
  const counts = { hours: [1, 4], complexities: [2, 1, 0, 3], durations: [0, 2] };
  expect(summarise([first, second], counts)).toMatchObject({
    tries: 6,
    successRate: 5 / 6,
    wins: 2,
    losses: 4,
    quality: 0.75,
    qualityTrend: null,
    p50Ms: 121,
    byHour: [1, 4, ...Array.from({ length: 22 }, () => 0)],
    byComplexity: { SIMPLE: 2, MEDIUM: 1, COMPLEX: 0, EXPERT: 3 },
  });
});

test("a quality that gains a hundredth a day has that trend, days without scores left out", () => {
  const days = [500, 510, 0, 530, 540].map((quality, index) => ({
    ...empty,
    day: `2026-11-0${index + 1}`,
    qualitySum: quality,
    qualityCount: quality === 0 ? 0 : 1,
  }));
  expect(summarise(days, none).qualityTrend).toBeCloseTo(0.01, 10);
});
