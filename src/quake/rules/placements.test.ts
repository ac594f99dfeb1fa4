import { expect, test } from "vitest";
import { WORLD } from "./console.ts";
import { judge, type Kill, type Obituary } from "./score.ts";

const seats = [
  { botId: "a", slot: 0 },
  { botId: "b", slot: 1 },
  { botId: "c", slot: 2 },
];
const death = (killer: string | null, victim: string, atMs = 1_000): Kill => ({
  killer,
  victim,
  means: 3,
  suicide: killer === null || killer === victim,
  atMs,
});
const saw = (witness: string, killer: number, victim: number): Obituary => ({ witness, killer, victim, means: 3 });

/** Judges final scores that the log told, too. */
const judged = (scores: number[], kills: Kill[], obituaries: Obituary[]) => {
  const bySlot = new Map(scores.map((score, slot) => [slot, score]));
  const present = seats.slice(0, scores.length);
  return judge({
    seats: present,
    kills,
    obituaries,
    blindness: [],
    died: new Map(),
    scores: bySlot,
    finals: bySlot,
    startedAtMs: 0,
    endedAtMs: 120_000,
  });
};

test.each<[string, number[], Kill[], Obituary[], [string, number][] | null]>([
  [
    "nobody killed: all are first",
    [0, 0, 0],
    [],
    [],
    [
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ],
  ],
  [
    "equal scores are equal placements",
    [1, 0, 1],
    [death("a", "b"), death("c", "b")],
    [saw("a", 0, 1), saw("a", 2, 1)],
    [
      ["a", 1],
      ["c", 1],
      ["b", 3],
    ],
  ],
  [
    "a suicide may cost a point",
    [-1, 0, 0],
    [death("a", "a")],
    [saw("b", 0, 0)],
    [
      ["b", 1],
      ["c", 1],
      ["a", 3],
    ],
  ],
  [
    "or not",
    [0, 0, 0],
    [death(null, "a")],
    [saw("b", WORLD, 0)],
    [
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ],
  ],
  [
    "where two play, a suicide gives the other a point",
    [2, 0],
    [death("a", "b"), death(null, "b")],
    [saw("b", 0, 1), saw("b", WORLD, 1)],
    [
      ["a", 1],
      ["b", 2],
    ],
  ],
  ["but no more than one", [2, 0], [death(null, "b")], [saw("b", WORLD, 1)], null],
  ["and where three play it does not", [1, 0, 0], [death(null, "b")], [saw("b", WORLD, 1)], null],
  ["more points than kills", [1, 0, 0], [], [], null],
  ["fewer points than kills less suicides", [0, 0, 0], [death("a", "b")], [saw("a", 0, 1)], null],
  [
    "what two clients saw in part counts together",
    [2, 0, 0],
    [death("a", "b"), death("a", "c")],
    [saw("b", 0, 1), saw("c", 0, 2)],
    [
      ["a", 1],
      ["b", 2],
      ["c", 2],
    ],
  ],
  [
    "what two clients saw is not counted twice",
    [1, 0, 0],
    [death("a", "b")],
    [saw("b", 0, 1), saw("c", 0, 1)],
    [
      ["a", 1],
      ["b", 2],
      ["c", 2],
    ],
  ],
  ["one death too many in a client's eyes", [1, 0, 0], [death("a", "b")], [saw("b", 0, 1), saw("b", 0, 1)], null],
  [
    "a death at the very end may stay unseen",
    [1, 0, 0],
    [death("a", "b", 119_800)],
    [],
    [
      ["a", 1],
      ["b", 2],
      ["c", 2],
    ],
  ],
])("%s", (_sentence, scores, kills, obituaries, places) =>
  expect(judged(scores, kills, obituaries)?.map(({ botId, placement }) => [botId, placement]) ?? null).toEqual(places),
);
