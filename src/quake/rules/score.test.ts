import { expect, test } from "vitest";
import { judge, killsPerDeath, type Blindness, type Kill } from "./score.ts";

const SEATS = [
  { botId: "ann", slot: 0 },
  { botId: "bob", slot: 1 },
];
const ROCKET = 6;
const LAVA = 16;
const WORLD = 1_022;

/** Deaths as the log and both clients tell them: who did it, to whom. */
function deaths(pairs: readonly (readonly [killer: 0 | 1 | null, victim: 0 | 1])[]) {
  const nameOf = (slot: 0 | 1) => SEATS[slot]?.botId ?? "";
  const kills = pairs.map(
    ([killer, victim], index): Kill => ({
      killer: killer === null ? null : nameOf(killer),
      victim: nameOf(victim),
      means: killer === null ? LAVA : ROCKET,
      suicide: killer === null || killer === victim,
      atMs: index * 1_000,
    }),
  );
  const obituaries = SEATS.flatMap(({ botId }) =>
    pairs.map(([killer, victim]) => ({
      witness: botId,
      killer: killer ?? WORLD,
      victim,
      means: killer === null ? LAVA : ROCKET,
    })),
  );
  return { kills, obituaries };
}

const A_KILLS_B = [0, 1] as const;
const B_KILLS_A = [1, 0] as const;
const A_IN_LAVA = [null, 0] as const;
const B_IN_LAVA = [null, 1] as const;
const A_BLOWS_UP = [0, 0] as const;

test.each([
  // As real servers told them of rounds of two on dm4ish, which has lava.
  [
    "five kills, one own rocket; the other's two falls into lava are points",
    [...Array(5).fill(A_KILLS_B), ...Array(3).fill(B_KILLS_A), B_IN_LAVA, B_IN_LAVA, A_BLOWS_UP],
    [7, 3],
    [7, 4],
    true,
  ],
  [
    "four kills, and three falls of the other",
    [...Array(4).fill(A_KILLS_B), B_KILLS_A, B_IN_LAVA, B_IN_LAVA, B_IN_LAVA, A_IN_LAVA],
    [7, 2],
    [7, 2],
    true,
  ],
  ["kills alone", [A_KILLS_B, A_KILLS_B, B_KILLS_A], [2, 1], [2, 1], true],
  ["a point that nobody made", [A_KILLS_B], [2, 0], [2, 0], false],
  ["a point more than the log told", [A_KILLS_B], [1, 0], [2, 0], false],
  ["two points for one fall", [B_IN_LAVA], [0, 0], [2, 0], false],
])("%s", (_sentence, pairs, told, finals, agree) => {
  const scores = (points: readonly number[]) => new Map(points.map((point, slot) => [slot, point]));
  const results = judge({
    blindness: [],
    died: new Map(),
    seats: SEATS,
    ...deaths(pairs as (readonly [0 | 1 | null, 0 | 1])[]),
    scores: scores(told),
    finals: scores(finals),
    startedAtMs: 0,
    endedAtMs: 60_000,
  });
  expect(results?.map(({ score }) => score) ?? null).toEqual(agree ? finals.toSorted((a, b) => b - a) : null);
});

const blind = (witness: string, fromMs: number, toMs: number): Blindness => ({ witness, fromMs, toMs });

test.each<[string, Blindness[], boolean]>([
  ["nobody was blind", [], false],
  ["both were", [blind("ann", 900, 1_200), blind("bob", 900, 1_200)], true],
  ["both were, each at a time of its own", [blind("ann", 500, 1_010), blind("bob", 1_300, 1_900)], true],
  ["one was not", [blind("ann", 900, 1_200)], false],
  ["both were, long before", [blind("ann", 100, 400), blind("bob", 100, 400)], false],
  ["both were, long after", [blind("ann", 1_600, 1_900), blind("bob", 1_600, 1_900)], false],
])("a death that no client saw counts only when it was hidden from each of them: %s", (_when, blindness, counts) => {
  const kill: Kill = { killer: "ann", victim: "bob", means: ROCKET, suicide: false, atMs: 1_000 };
  const scores = new Map([
    [0, 1],
    [1, 0],
  ]);
  const seen = { kills: [kill], obituaries: [], blindness, died: new Map<number, number>() };
  const results = judge({ seats: SEATS, ...seen, scores, finals: scores, startedAtMs: 0, endedAtMs: 60_000 });
  expect(results !== null).toBe(counts);
});

test.each([
  [6, 3, 2],
  [5, 0, 5],
  [0, 0, 0],
  [0, 4, 0],
])("%i kills and %i deaths are %d a death", (kills, died, ratio) => expect(killsPerDeath(kills, died)).toBe(ratio));
