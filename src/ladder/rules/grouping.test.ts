import { expect, test } from "vitest";
import { group } from "./grouping.ts";
import type { Waiting } from "./pairing.ts";

const SIZE = { min: 2, max: 4, patienceMs: 5_000 };

/** Bots by name: their owner, Elo, for how many seconds they have waited at the second 100, and the owner's teams. */
const waits = (
  bots: Record<string, readonly [owner: string, elo: number, waitedS: number, ...teams: string[]]>,
): Waiting[] =>
  Object.entries(bots).map(([botId, [ownerId, elo, waitedS, ...teams]]) => ({
    entryId: botId,
    botId,
    ownerId,
    teams,
    elo,
    joinedAtMs: 100_000 - waitedS * 1_000,
    lastOpponentId: null,
  }));

test.each<[string, Parameters<typeof waits>[0], string[]]>([
  ["one alone waits, however long", { a: ["u", 1000, 90] }, []],
  ["two wait for more at first", { a: ["u", 1000, 4], b: ["v", 1000, 3] }, []],
  ["after five seconds two go", { a: ["u", 1000, 5], b: ["v", 1000, 0] }, ["a b"]],
  ["three go, too", { a: ["u", 1000, 5], b: ["v", 1000, 1], c: ["w", 1000, 2] }, ["a c b"]],
  ["four go at once", { a: ["u", 1000, 1], b: ["v", 1000, 0], c: ["w", 1000, 0], d: ["x", 1000, 0] }, ["a b c d"]],
  [
    "of five the farthest waits on",
    { a: ["u", 1000, 1], b: ["v", 1010, 0], c: ["w", 1020, 0], d: ["x", 990, 0], e: ["y", 1100, 0] },
    ["a b c d"],
  ],
  [
    "eight make two groups, each near in rating",
    {
      a: ["u", 1000, 9],
      b: ["v", 1001, 0],
      c: ["w", 1002, 0],
      d: ["x", 1003, 0],
      e: ["k", 1500, 9],
      f: ["l", 1501, 0],
      g: ["m", 1502, 0],
      h: ["n", 1503, 0],
    },
    ["a b c d", "e f g h"],
  ],
  ["a gap of 150 is too wide after four seconds", { a: ["u", 1000, 4], b: ["v", 1150, 4] }, []],
  ["but not after five", { a: ["u", 1000, 5], b: ["v", 1150, 5] }, ["a b"]],
  [
    "two of one owner do not both come where others are",
    { a: ["u", 1000, 6], b: ["u", 1000, 6], c: ["v", 1000, 0] },
    ["a c"],
  ],
  ["one's own bots are met where nobody else is", { a: ["u", 1000, 6], b: ["u", 1000, 0] }, ["a b allied"]],
  [
    "two of one team do not both come where others are",
    { a: ["u", 1000, 6, "t"], b: ["v", 1000, 6, "t"], c: ["w", 1000, 0] },
    ["a c"],
  ],
  [
    "of two teams one each comes, and whoever is in both waits on",
    { a: ["u", 1000, 6, "s"], b: ["v", 1000, 4, "s", "t"], c: ["w", 1000, 0, "t"], d: ["x", 1000, 0, "t"] },
    ["a c"],
  ],
  [
    "a team's own are met where nobody else is",
    { a: ["u", 1000, 6, "t"], b: ["v", 1000, 0, "t"], c: ["u", 1000, 0, "t"] },
    ["a b c allied"],
  ],
  ["and not before five seconds", { a: ["u", 1000, 4], b: ["u", 1000, 0] }, []],
])("%s", (_sentence, bots, groups) => {
  const found = group(waits(bots), 100_000, SIZE);
  const told = found.map(({ members, allied }) =>
    [...members.map(({ botId }) => botId), ...(allied ? ["allied"] : [])].join(" "),
  );
  expect(told).toEqual(groups);
});
