import { expect, test } from "vitest";
import type { Exchange } from "./use-exchanges.ts";
import { told, verdictOf } from "./words.ts";

type Move = [action: string, dealt: number, taken: number, hp: number];
const exchange = (...moves: [Move, Move]) =>
  ({
    round: 2,
    number: 7,
    sides: moves.map(([action, dealt, taken, hp], side) => ({ side, action, dealt, taken, hp })),
  }) as unknown as Exchange;
const NAMES = ["Knifework", "GlassAbbot"];

test.each([
  [
    "one lands",
    exchange(["SWEEP_LOW", 20, 0, 50], ["GRAB", 0, 20, 25]),
    "Sweep low lands",
    "Exchange 7. Sweep low beats grab. GlassAbbot loses 20, 25 left.",
  ],
  [
    "the other lands",
    exchange(["RECOVER", 0, 35, 65], ["SPECIAL", 35, 0, 105]),
    "Special lands",
    "Exchange 7. Special beats recover. Knifework loses 35, 65 left.",
  ],
  [
    "both land",
    exchange(["JAB_HIGH", 10, 5, 95], ["KICK_LOW", 5, 10, 90]),
    "Both land",
    "Exchange 7. Jab high and kick low both land. Knifework loses 5, 95 left. GlassAbbot loses 10, 90 left.",
  ],
  [
    "nothing lands",
    exchange(["BLOCK_LOW", 0, 0, 100], ["KICK_LOW", 0, 0, 105]),
    "Nothing lands",
    "Exchange 7. Block low against kick low: nothing lands.",
  ],
])("when %s, the verdict and the spoken sentence say so", (_sentence, given, verdict, sentence) => {
  expect(verdictOf(given)).toBe(verdict);
  expect(told(given, [], NAMES, null)).toBe(sentence);
});

const knockout = exchange(["SWEEP_LOW", 20, 0, 50], ["GRAB", 0, 20, 0]);
const SAID = "Exchange 7. Sweep low beats grab. GlassAbbot loses 20, 0 left.";

test.each([
  [[1, 1], "Round 2 to GlassAbbot, 1 to 1.", null],
  [[1, 0], "Round 2 is drawn, 1 to 0.", null],
  [[2, 0], "Round 2 to Knifework, 2 to 0. Knifework wins the fight.", { winner: "Knifework" }],
  [[1, 1], "Round 2 to GlassAbbot, 1 to 1. Nobody wins the fight.", { winner: null }],
])("a knock-out that leaves %j rounds won also tells the round, and the fight", (roundWins, sentence, ended) => {
  const rounds = [
    { round: 1, roundWins: [1, 0] },
    { round: 2, roundWins },
  ];
  expect(told(knockout, rounds, NAMES, ended)).toBe(`${SAID} ${sentence}`);
});
