import { expect, test } from "vitest";
import { betterOf, forwards, offsetOf, type Offset } from "./database-clock.ts";

test.each([
  // asked, the database's clock, answered; ahead by, wrong by at most
  ["a database on this machine", [1_000, 1_000, 1_000], { aheadMs: 0, errorMs: 1 }],
  ["one that is ten seconds ahead", [1_000, 11_005, 1_010], { aheadMs: 10_000, errorMs: 6 }],
  ["one that is behind, far away", [50_000, 40_100, 50_400], { aheadMs: -10_100, errorMs: 201 }],
] as const)("%s", (_sentence, [asked, database, answered], offset) => {
  expect(offsetOf(asked, database, answered)).toEqual({ ...offset, atMs: answered });
});

const known: Offset = { aheadMs: 100, errorMs: 2, atMs: 10_000 };

test.each([
  ["a quicker answer is better", { aheadMs: 101, errorMs: 1, atMs: 11_000 }, "seen"],
  ["a slow answer that says the same is not", { aheadMs: 130, errorMs: 40, atMs: 11_000 }, "known"],
  [
    "a slow answer is, once what was known is a minute and a half old",
    { aheadMs: 130, errorMs: 40, atMs: 100_000 },
    "seen",
  ],
  ["a slow answer that contradicts is: a clock was set", { aheadMs: 3_000, errorMs: 40, atMs: 11_000 }, "seen"],
  ["also backwards", { aheadMs: -3_000, errorMs: 2_000, atMs: 11_000 }, "seen"],
] as const)("%s", (_sentence, seen, better) => {
  expect(betterOf(known, seen)).toBe(better === "seen" ? seen : known);
});

test.each([
  ["it goes on", 10_000, 10_001, 10_001],
  ["corrected back by little it stands", 10_000, 9_960, 10_000],
  ["set back it follows", 10_000, 8_000, 8_000],
  ["as it does forwards, however far", 10_000, 90_000, 90_000],
  ["it begins anywhere", 0, 1_795_886_418_631, 1_795_886_418_631],
])("%s", (_sentence, lastMs, ms, told) => {
  expect(forwards(lastMs, ms)).toBe(told);
});
