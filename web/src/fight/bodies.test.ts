import { expect, test } from "vitest";
import { bodiesOf, seamOf, type Body } from "./bodies.ts";
import type { Exchange, Fight } from "./use-exchanges.ts";
import type { Phase } from "./timeline.ts";

const fight = {
  state: { fighters: [0, 1].map((side) => ({ side, hp: 0, hpMax: 100, stamina: 0, roundWins: 0, bankMs: 0 })) },
} as unknown as Fight;
const exchange = (round: number, number: number, ...[a, b]: [taken: number, hp: number][]) =>
  ({
    round,
    number,
    sides: [a, b].map((side, index) => ({ side: index, taken: side?.[0], hp: side?.[1], stamina: 50 })),
  }) as unknown as Exchange;

const exchanges = [
  exchange(1, 1, [0, 100], [20, 80]),
  exchange(1, 2, [0, 100], [80, 0]),
  exchange(2, 1, [10, 90], [0, 100]),
];
const rounds = [{ round: 1, roundWins: [1, 0] }];
const shown = (at: number, phase: Phase) =>
  bodiesOf({ fight, exchanges, rounds, at, phase }).map(({ hp, lost, struck, roundWins }) => [
    hp,
    lost,
    struck,
    roundWins,
  ]);

test.each<[string, number, Phase, number[][]]>([
  // [HP, hatched loss, struck for, rounds won] of A and B
  [
    "nothing of the exchange shows before the reveal",
    1,
    "anticipate",
    [
      [100, 0, 0, 0],
      [80, 0, 0, 0],
    ],
  ],
  [
    "cards turn while the bars stand",
    1,
    "reveal",
    [
      [100, 0, 0, 0],
      [80, 0, 0, 0],
    ],
  ],
  [
    "the blow lands before the bar falls",
    1,
    "impact",
    [
      [100, 0, 0, 0],
      [80, 0, 80, 0],
    ],
  ],
  [
    "the loss stays hatched while it drains",
    0,
    "drain",
    [
      [100, 0, 0, 0],
      [80, 20, 20, 0],
    ],
  ],
  [
    "the hatch closes as it settles, and the round counts",
    1,
    "settle",
    [
      [100, 0, 0, 1],
      [0, 0, 80, 0],
    ],
  ],
  [
    "a still frame holds everything",
    0,
    "still",
    [
      [100, 0, 0, 0],
      [80, 20, 20, 0],
    ],
  ],
  [
    "a new round opens with full bars",
    2,
    "anticipate",
    [
      [100, 0, 0, 1],
      [100, 0, 0, 0],
    ],
  ],
  [
    "fresh bars wait for the round after one that ended",
    1,
    "waiting",
    [
      [100, 0, 0, 1],
      [100, 0, 0, 0],
    ],
  ],
])("%s", (_sentence, at, phase, expected) => {
  expect(shown(at, phase)).toEqual(expected);
});

const standing = (hpA: number, hpB: number, lostB = 0) =>
  [
    { hp: hpA, hpMax: 100, lost: 0 },
    { hp: hpB, hpMax: 100, lost: lostB },
  ] as unknown as Body[];

test.each<[number, number, number, Phase, number]>([
  // HP A, HP B, hatched loss of B, phase, seam: 50 % and 17 for the whole difference of HP
  [100, 100, 0, "waiting", 50],
  [100, 50, 0, "settle", 58.5],
  [50, 100, 0, "settle", 41.5],
  [100, 20, 0, "waiting", 62],
  [100, 50, 50, "drain", 50],
  [60, 0, 0, "still", 100],
  [0, 60, 0, "settle", 0],
  [0, 0, 0, "still", 50],
])("with %i and %i HP, %i of it draining, the seam in the phase %s is right", (hpA, hpB, lost, phase, seam) => {
  expect(seamOf(standing(hpA, hpB, lost), phase)).toBeCloseTo(seam, 5);
});
