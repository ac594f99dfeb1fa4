import fc from "fast-check";
import { expect, test } from "vitest";
import { expectedScore, isProvisional, ordinal, rate, roundZeroSum } from "./rating.ts";

const bot = (botId: string, elo: number, placement: number) => ({ botId, elo, mu: 25, sigma: 25 / 3, placement });
const deltas = (...players: [elo: number, placement: number][]) =>
  rate(players.map(([elo, placement], index) => bot(String(index), elo, placement))).map(
    ({ eloBefore, eloAfter }) => eloAfter - eloBefore,
  );

test.each([
  // hand-computed with a pocket calculator: 32 × (score − 1 / (1 + 10^(gap / 400)))
  [
    "equals: the winner takes half of K",
    [
      [1000, 1],
      [1000, 2],
    ],
    [16, -16],
  ],
  [
    "equals draw: nothing moves",
    [
      [1200, 1],
      [1200, 1],
    ],
    [0, 0],
  ],
  [
    "a favourite by 200 wins little (32 × 0.2403)",
    [
      [1200, 1],
      [1000, 2],
    ],
    [8, -8],
  ],
  [
    "an upset by 200 moves much (32 × 0.7597)",
    [
      [1000, 1],
      [1200, 2],
    ],
    [24, -24],
  ],
  [
    "three equals, one after the other",
    [
      [1000, 1],
      [1000, 2],
      [1000, 3],
    ],
    [16, 0, -16],
  ],
] as const)("%s", (_sentence, players, expected) => {
  expect(deltas(...(players as unknown as [number, number][]))).toEqual(expected);
});

test("the published expectation of a 400 point favourite is 10 to 1", () => {
  expect(expectedScore(1400, 1000)).toBeCloseTo(10 / 11, 12);
});

test("skill follows openskill's published two-player example", () => {
  // README of openskill: two new players, the first wins: mu 27.63…, sigma 8.07…
  const [winner] = rate([bot("a", 1000, 1), bot("b", 1000, 2)]);
  expect(winner?.muAfter).toBeCloseTo(27.6352, 3);
  expect(winner?.sigmaAfter).toBeCloseTo(8.0655, 3);
  expect(ordinal(25, 25 / 3)).toBeCloseTo(0, 9);
});

test.each([
  [9, 3, true],
  [10, 5, false],
  [10, 5.1, true],
] as const)("%i rated contests with sigma %d: provisional is %s", (games, sigma, provisional) => {
  expect(isProvisional(games, sigma)).toBe(provisional);
});

test("for any number of players and any placements Elo is conserved exactly", () => {
  const players = fc.array(fc.tuple(fc.integer({ min: 100, max: 3000 }), fc.integer({ min: 1, max: 8 })), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(fc.property(players, (all) => deltas(...all).reduce((sum, delta) => sum + delta, 0) === 0));
});

test("rounding gives the missing units to the largest remainders", () => {
  expect(roundZeroSum([1.6, -0.8, -0.8])).toEqual([2, -1, -1]);
});
