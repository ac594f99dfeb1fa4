import { expect, test } from "vitest";
import { brief, exact, north, perMille, typedUnits, whole, winnerTakes } from "./amount.ts";

test.each([
  // base units, exact, whole, brief
  ["0", "0 NORTH", "0", "0"],
  ["1", "0.000000000000000001 NORTH", "<1", "0"],
  ["500000000000000000", "0.5 NORTH", "<1", "0"],
  ["999000000000000000000", "999 NORTH", "999", "999"],
  ["1000000000000000000000", "1,000 NORTH", "1,000", "1k"],
  ["1009999999999999999999", "1,009.999999999999999999 NORTH", "1,009", "1k"],
  ["50000000000000000000000", "50,000 NORTH", "50,000", "50k"],
  ["999999000000000000000000", "999,999 NORTH", "999,999", "999k"],
  ["1250000500000000000000000", "1,250,000.5 NORTH", "1,250,000", "1.25M"],
  ["14850000000000000000000000", "14,850,000 NORTH", "14,850,000", "14.8M"],
  ["100000000000000000000000000000", "100,000,000,000 NORTH", "100,000,000,000", "100B"],
  ["100000000000000000000000000001", "100,000,000,000.000000000000000001 NORTH", "100,000,000,000", "100B"],
])("%s base units are shown to the unit, whole, and briefly", (units, asExact, asWhole, asBrief) => {
  expect([exact(BigInt(units)), whole(BigInt(units)), brief(BigInt(units))]).toEqual([asExact, asWhole, asBrief]);
});

test.each([
  ["50,000", "50000000000000000000000"],
  ["50k", "50000000000000000000000"],
  [" 1.25M ", "1250000000000000000000000"],
  ["0.000000000000000001", "1"],
  ["50000.000000000000000001", "50000000000000000000001"],
  ["100b", "100000000000000000000000000000"],
  ["0.0000000000000000001", null],
  ["-5", null],
  ["1e5", null],
  ["1,250,000.5", "1250000500000000000000000"],
  ["0,5", null],
  ["1,5m", null],
  ["5,0,0", null],
  ["1234,567", null],
  ["", null],
  [".5", null],
  ["5.", null],
])("%j typed is %j base units", (text, units) => {
  expect(typedUnits(text)?.toString() ?? null).toBe(units);
});

test("the winner takes both stakes less 3 %, the house's part rounded down", () => {
  expect(winnerTakes(north(100_000))).toBe(north(194_000));
  // 2 × 17 = 34, of which 1.02 is the house's: 1.
  expect(winnerTakes(17n)).toBe(33n);
  expect(winnerTakes(16n)).toBe(32n);
});

test("shares are in per mille, and nothing is halved", () => {
  expect([perMille(1n, 3n), perMille(2n, 2n), perMille(0n, 0n)]).toEqual([333, 1_000, 500]);
});
