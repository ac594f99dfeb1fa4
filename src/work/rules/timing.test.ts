import { expect, test } from "vitest";
import { backoffMs, refusePlan, restMs, type Plan } from "./timing.ts";

test.each([
  // attempt, jitter, pause
  [1, 0, 500],
  [1, 0.999_999, 1_000],
  [2, 0, 1_000],
  [3, 0.5, 3_000],
  [9, 0, 128_000],
  // 2^9 seconds are more than the five minutes that are the most.
  [10, 0, 150_000],
  [20, 0.999_999, 300_000],
])("after attempt %i with chance %d the next one waits %i ms", (attempt, jitter, expected) => {
  expect(backoffMs({ backoffMs: 1_000, backoffMaxMs: 300_000 }, attempt, jitter)).toBe(expected);
});

test("without a pause the next attempt is at once", () => {
  expect(backoffMs({ backoffMs: 0, backoffMaxMs: 300_000 }, 5, 0.9)).toBe(0);
});

test.each([
  [0, 1_000],
  [1, 2_000],
  [8, 256_000],
  // 2^9 seconds are more than the five minutes that are the most.
  [9, 300_000],
  [1_000_000, 300_000],
])("a run that could not go on %i times before rests %i ms", (before, expected) => {
  expect(restMs(before)).toBe(expected);
});

const plan: Plan = {
  maxAttempts: 3,
  heartbeatMs: 30_000,
  acceptMs: 15_000,
  scheduleToStartMs: null,
  startToCloseMs: null,
  backoffMs: 1_000,
  backoffMaxMs: 300_000,
};
test.each([
  ["the defaults are fine", {}, null],
  ["nobody tries it", { maxAttempts: 0 }, "maxAttempts"],
  ["more than 20 attempts", { maxAttempts: 21 }, "maxAttempts"],
  ["a heartbeat each half second", { heartbeatMs: 500 }, "heartbeatMs"],
  ["an hour between signs of life is the most", { heartbeatMs: 3_600_001 }, "heartbeatMs"],
  ["it may wait for 30 days", { scheduleToStartMs: 2_592_000_000 }, null],
  ["but not longer", { scheduleToStartMs: 2_592_000_001 }, "scheduleToStartMs"],
  ["no pause between attempts", { backoffMs: 0 }, null],
  ["a negative pause", { backoffMs: -1 }, "backoffMs"],
] as const)("%s", (_sentence, given, expected) => expect(refusePlan({ ...plan, ...given })).toBe(expected));
