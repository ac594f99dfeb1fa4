import fc from "fast-check";
import { expect, test } from "vitest";
import { gapMax, pair, type Waiting } from "./pairing.ts";

const NOW = 1_000_000;
const bot = (name: string, elo: number, waitedS: number, more: Partial<Waiting> = {}): Waiting => ({
  entryId: name,
  botId: name,
  ownerId: `owner of ${name}`,
  elo,
  joinedAtMs: NOW - waitedS * 1_000,
  lastOpponentId: null,
  ...more,
});
const names = (waiting: Waiting[]) => pair(waiting, NOW).map(({ first, second }) => `${first.botId}-${second.botId}`);

test.each([
  [0, 100],
  [1, 110],
  [59, 690],
  [60, Infinity],
])("after %i s a bot accepts a gap of %d", (waitedS, gap) => {
  expect(gapMax(0, waitedS * 1_000)).toBe(gap);
});

test.each([
  ["nobody meets oneself", [bot("a", 1000, 90)], []],
  ["two within the gap meet", [bot("a", 1000, 0), bot("b", 1100, 0)], ["a-b"]],
  ["two beyond the gap wait on", [bot("a", 1000, 0), bot("b", 1101, 0)], []],
  ["patience closes any gap", [bot("a", 100, 60), bot("b", 2900, 0)], ["a-b"]],
  [
    "the longest wait chooses first, the nearest rating",
    [bot("a", 1000, 9), bot("b", 1050, 1), bot("c", 1020, 0), bot("d", 1060, 0)],
    ["a-c", "b-d"],
  ],
  [
    "another owner goes before a nearer rating",
    [bot("a", 1000, 9, { ownerId: "x" }), bot("b", 1001, 1, { ownerId: "x" }), bot("c", 1050, 0)],
    ["a-c"],
  ],
  [
    "the last opponent is avoided while there is another",
    [bot("a", 1000, 9, { lastOpponentId: "b" }), bot("b", 1001, 1), bot("c", 1050, 0)],
    ["a-c"],
  ],
  [
    "the last opponent is met when there is no other",
    [bot("a", 1000, 9, { lastOpponentId: "b" }), bot("b", 1001, 1)],
    ["a-b"],
  ],
] as [string, Waiting[], string[]][])("%s", (_sentence, waiting, expected) => {
  expect(names(waiting)).toEqual(expected);
});

test("bots of one owner meet when no other choice exists, and the pair says so", () => {
  const [only] = pair([bot("a", 1000, 1, { ownerId: "x" }), bot("b", 1000, 0, { ownerId: "x" })], NOW);
  expect(only?.sameOwner).toBe(true);
});

test("nobody is in two pairs, and no pair is wider than its patient side accepts", () => {
  const entries = fc.uniqueArray(fc.tuple(fc.integer({ min: 500, max: 2000 }), fc.integer({ min: 0, max: 70 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(entries, (all) => {
      const pairs = pair(
        all.map(([elo, waited], index) => bot(`b${index}`, elo, waited)),
        NOW,
      );
      const met = pairs.flatMap(({ first, second }) => [first.botId, second.botId]);
      expect(new Set(met).size).toBe(met.length);
      for (const { first, second } of pairs)
        expect(Math.abs(first.elo - second.elo)).toBeLessThanOrEqual(gapMax(first.joinedAtMs, NOW));
    }),
  );
});
