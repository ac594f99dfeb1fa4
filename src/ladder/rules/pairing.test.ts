import fc from "fast-check";
import { expect, test } from "vitest";
import { gapMax, pair, type Waiting } from "./pairing.ts";

const NOW = 1_000_000;
const bot = (name: string, elo: number, waitedS: number, more: Partial<Waiting> = {}): Waiting => ({
  entryId: name,
  botId: name,
  ownerId: `owner of ${name}`,
  teams: [],
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
    "a stranger goes before a team-mate of a nearer rating",
    [bot("a", 1000, 9, { teams: ["s", "t"] }), bot("b", 1001, 1, { teams: ["t"] }), bot("c", 1050, 0)],
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

test.each([
  ["owner", { ownerId: "x" }],
  ["team", { teams: ["t"] }],
])("bots of one %s meet when no other choice exists, and the pair says so", (_what, one) => {
  const [only] = pair([bot("a", 1000, 1, one), bot("b", 1000, 0, one)], NOW);
  expect(only?.allied).toBe(true);
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

/** The same rules read out loud, slowly: who waits longest takes the best of all who are free. */
function pairSlowly(waiting: readonly Waiting[], now: number): [string, string][] {
  const byWait = waiting.toSorted((a, b) => a.joinedAtMs - b.joinedAtMs);
  const byElo = byWait.toSorted((a, b) => a.elo - b.elo);
  const free = new Set(byWait);
  const pairs: [string, string][] = [];
  for (const first of byWait) {
    if (!free.has(first)) continue;
    const row = byElo.filter((entry) => free.has(entry));
    const place = row.indexOf(first);
    const near = [...row.slice(0, place).toReversed().slice(0, 16), ...row.slice(place + 1).slice(0, 16)];
    const gap = (other: Waiting) => Math.abs(other.elo - first.elo);
    const allied = (other: Waiting) =>
      other.ownerId === first.ownerId ||
      new Set([...other.teams, ...first.teams]).size < other.teams.length + first.teams.length;
    const met = (other: Waiting) => first.lastOpponentId === other.botId || other.lastOpponentId === first.botId;
    const [second] = near
      .filter((other) => gap(other) <= gapMax(first.joinedAtMs, now))
      .toSorted((a, b) => Number(allied(a)) - Number(allied(b)) || Number(met(a)) - Number(met(b)) || gap(a) - gap(b));
    if (!second) continue;
    free.delete(first);
    free.delete(second);
    pairs.push([first.entryId, second.entryId]);
  }
  return pairs;
}

const crowd = fc.record({
  ratings: fc.integer({ min: 1, max: 1_500 }),
  owners: fc.integer({ min: 1, max: 40 }),
  // Where most bots are one person's, a stranger may stand beyond the sixteen nearest.
  oneOwnersShare: fc.constantFrom(0, 0.95),
  waits: fc.integer({ min: 1, max: 90_000 }),
  size: fc.integer({ min: 0, max: 120 }),
});
const queue = crowd.chain(({ ratings, owners, oneOwnersShare, waits, size }) =>
  fc.uniqueArray(
    fc.record({
      entryId: fc.string({ minLength: 1, maxLength: 6 }),
      elo: fc.integer({ min: 1_000 - ratings, max: 1_000 + ratings }),
      ownerId: fc
        .tuple(fc.nat({ max: owners }), fc.nat({ max: 99 }))
        .map(([owner, dice]) => String(dice < oneOwnersShare * 100 ? 0 : owner)),
      teams: fc.oneof(fc.constant<string[]>([]), fc.subarray(["s", "t", "u", "v"])),
      joinedAtMs: fc.integer({ min: NOW - waits, max: NOW }),
      lastOpponent: fc.option(fc.nat({ max: 120 })),
    }),
    { selector: ({ entryId }) => entryId, minLength: size, maxLength: size },
  ),
);

test("whatever the queue, the pairs are those that the rules give when they are read out loud", () => {
  fc.assert(
    fc.property(queue, (entries) => {
      const waiting = entries.map(({ lastOpponent, ...entry }, index) => ({
        ...entry,
        botId: `b${index}`,
        lastOpponentId: lastOpponent === null ? null : `b${lastOpponent}`,
      }));
      const met = pair(waiting, NOW).map(({ first, second }) => [first.entryId, second.entryId]);
      expect(met).toEqual(pairSlowly(waiting, NOW));
    }),
    { numRuns: 400 },
  );
});
