import { expect, test } from "vitest";
import { scoresAt } from "./footage.ts";

// Of a real round of two: the second falls, which gives the first a point and takes none.
const TOLD = [
  { atMs: 4_000, side: 0, score: 1 },
  { atMs: 9_000, side: 1, score: 1 },
  { atMs: 12_000, side: 0, score: 2 },
];

test.each<[number, [number, number][]]>([
  [3_999, []],
  [4_000, [[0, 1]]],
  [
    11_999,
    [
      [0, 1],
      [1, 1],
    ],
  ],
  [
    30_000,
    [
      [0, 2],
      [1, 1],
    ],
  ],
])("at %i ms a replay shows the scores that were told by then", (atMs, scores) => {
  expect([...scoresAt(TOLD, atMs)]).toEqual(scores);
});
