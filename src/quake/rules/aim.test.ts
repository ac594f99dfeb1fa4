import { expect, test } from "vitest";
import { accuracyOf, readAim, totalOf, withAward, NO_AWARDS } from "./aim.ts";

const NONE = Array.from({ length: 24 }, () => 0);
const told = (numbers: Record<number, number>) =>
  `accs ${NONE.map((none, place) => numbers[place] ?? none).join(" ")} `;

test.each([
  // As OpenArena 0.8.8 answered players whose ammunition was counted beside it.
  ["a machine gun alone", told({ 0: 173, 1: 29 }), [{ weapon: 2, shots: 173, hits: 29 }]],
  [
    "two weapons",
    told({ 0: 2, 2: 9, 3: 1 }),
    [
      { weapon: 2, shots: 2, hits: 0 },
      { weapon: 3, shots: 9, hits: 1 },
    ],
  ],
  [
    "a lightning gun",
    told({ 0: 56, 1: 11, 8: 58, 9: 14 }),
    [
      { weapon: 2, shots: 56, hits: 11 },
      { weapon: 6, shots: 58, hits: 14 },
    ],
  ],
  ["nobody who shot", told({}), []],
  ["another command", "scores 1 0 0 7000 0 1", null],
  ["words of a player", 'print "accs 1 2"', null],
  ["too few numbers", "accs 1 2 3", null],
  ["what is no number", told({}).replace("0", "x"), null],
])("the game's answer tells of %s", (_sentence, command, aim) => expect(readAim(command)).toEqual(aim));

test("awards of the log are counted by name, and those of team games are none of ours", () => {
  const awards = ["EXCELLENT", "GAUNTLET", "CAPTURE", "EXCELLENT", "IMPRESSIVE"].reduce(withAward, NO_AWARDS);
  expect(awards).toEqual({ excellent: 2, impressive: 1, gauntlet: 1 });
});

test.each([
  [173, 29, 29 / 173],
  [1, 1, 1],
  [4, 0, 0],
  [0, 0, null],
  [null, null, null],
])("%d shots and %d hits are an accuracy of %d", (shots, hits, accuracy) =>
  expect(accuracyOf(shots, hits)).toBe(accuracy),
);

test("shots of all weapons sum up", () => {
  const aim = [
    { weapon: 2, shots: 56, hits: 11 },
    { weapon: 6, shots: 58, hits: 14 },
  ];
  expect(totalOf(aim)).toEqual({ shots: 114, hits: 25 });
});
