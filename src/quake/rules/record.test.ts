import { expect, test } from "vitest";
import type { MatchEvent, MatchKill, MatchResult } from "./match-events.ts";
import { checkRecord, type RecordHeader } from "./record.ts";

const SEED = "00".repeat(32);
const FRAMES = "f1".repeat(32);

const kill = (number: number, killer: string | null, victim: string): MatchKill => ({
  type: "MatchKill",
  number,
  killerBotId: killer,
  victimBotId: victim,
  means: 7,
  suicide: killer === null || killer === victim,
  atMs: number * 1_000,
});
const score = (botId: string, points: number): MatchEvent => ({ type: "MatchScored", botId, score: points });
const result = (botId: string, placement: number, points: number, kills: number, deaths: number): MatchResult => ({
  ...{ botId, placement, score: points, kills, deaths },
  ratingBefore: 1_000,
  ratingAfter: 1_000,
});
const announced: MatchEvent = {
  type: "MatchAnnounced",
  ladder: "QUAKE",
  rated: true,
  map: "aggressor",
  startsAt: "2026-11-28T00:00:00.000Z",
  botIds: ["ann", "bob"],
};
const joining = (attempt: number): MatchEvent => ({ type: "MatchJoining", attempt });
const postponed: MatchEvent = { type: "MatchPostponed" };
const replaced: MatchEvent = { type: "MatchPlayerReplaced", botId: "bob", byBotId: "cid", rated: false };
const frozen = (...botIds: string[]): MatchEvent => ({ type: "MatchRosterFrozen", botIds });
const started: MatchEvent = { type: "MatchStarted", endsAt: "2026-11-28T00:02:00.000Z" };
const completed = (results: MatchResult[]): MatchEvent => ({
  type: "MatchCompleted",
  results,
  seed: SEED,
  framesSha256: FRAMES,
});
const voided: MatchEvent = { type: "MatchVoided", reason: "SERVER_LOST", requeuedBotIds: [], seed: SEED };

/** Ann kills Bob twice, Bob kills Ann once and falls once: between two, that is Ann's point. */
const PLAYED = [
  kill(1, "ann", "bob"),
  score("ann", 1),
  kill(2, "bob", "ann"),
  score("bob", 1),
  kill(3, "ann", "bob"),
  score("ann", 2),
  kill(4, null, "bob"),
  score("bob", 0),
  score("ann", 3),
];
const RESULTS = [result("ann", 1, 3, 2, 1), result("bob", 2, 0, 1, 3)];
const begun = [announced, joining(1), frozen("ann", "bob"), started];
const whole = [...begun, ...PLAYED, completed(RESULTS)];

const header: RecordHeader = {
  id: "quake_match_1",
  ladder: "QUAKE",
  rated: true,
  status: "COMPLETED",
  map: "aggressor",
  startedAt: "2026-11-28T00:00:05.000Z",
  endedAt: "2026-11-28T00:02:05.000Z",
  seedHash: "",
  seed: SEED,
  participants: [
    { side: 0, botId: "ann", name: "Ann" },
    { side: 1, botId: "bob", name: "Bob" },
  ],
  results: [
    { botId: "ann", placement: 1, score: 3, kills: 2, deaths: 1 },
    { botId: "bob", placement: 2, score: 0, kills: 1, deaths: 3 },
  ],
  framesSha256: FRAMES,
};
const isVoid: RecordHeader = { ...header, status: "VOIDED", results: null, framesSha256: null };
const withCid: RecordHeader = {
  ...isVoid,
  rated: false,
  participants: [
    { side: 0, botId: "ann", name: "Ann" },
    { side: 1, botId: "cid", name: "Cid" },
  ],
};

test.each<[string, RecordHeader, MatchEvent[]]>([
  ["a match that was played", header, whole],
  ["one whose result an operator took back", { ...isVoid, framesSha256: FRAMES }, whole],
  ["one that was begun anew", header, [announced, joining(1), postponed, joining(2), ...whole.slice(2)]],
  ["one that began anew in its countdown", header, [...begun.slice(0, 3), postponed, joining(2), ...whole.slice(2)]],
  ["one whose attempt was taken back", header, [announced, joining(1), postponed, ...whole.slice(1)]],
  [
    "one that was taken back twice and lost its node between",
    header,
    [announced, ...[1, 1, 2, 2].flatMap((attempt) => [joining(attempt), postponed]), joining(2), ...whole.slice(2)],
  ],
  ["one that broke off", isVoid, [...begun, kill(1, "ann", "bob"), voided]],
  ["one that nobody began", isVoid, [announced, voided]],
  ["one with a replacement", withCid, [announced, joining(1), replaced, frozen("ann", "cid"), started, voided]],
])("%s fits together", (_what, head, events) => expect(checkRecord(head, events)).toBeNull());

const at = (index: number, ...put: MatchEvent[]) => whole.toSpliced(index, 1, ...put);
const LAST = whole.length - 1;

test.each<[string, MatchEvent[], number, RegExp]>([
  ["does not begin with its announcement", whole.slice(1), 0, /does not come while the match is NONE/],
  ["is announced twice", [announced, ...whole], 1, /does not come while the match is ANNOUNCED/],
  ["starts before everybody is there", at(2), 2, /MatchStarted does not come while the match is JOINING/],
  ["goes on behind its end", [...whole, kill(5, "ann", "bob")], LAST + 1, /does not come while the match is COMPLETED/],
  ["stops before its end", begun, 4, /stops before the match's end/],
  ["leaves out an attempt", at(1, joining(2)), 1, /attempt 2 comes after 0/],
  ["begins before its first attempt", at(1, joining(0)), 1, /attempt 0 comes after 0/],
  ["leaves out an attempt later", at(1, joining(1), postponed, joining(3)), 3, /attempt 3 comes after 1/],
  [
    "goes back to an attempt before",
    at(1, joining(1), postponed, joining(2), postponed, joining(1)),
    5,
    /1 comes after 2/,
  ],
  ["is played by others", at(2, frozen("ann", "cid")), 2, /other bots play/],
  ["replaces who is not in it", [announced, joining(1), { ...replaced, botId: "eve" }], 2, /eve is not/],
  ["has somebody in it twice", [{ ...announced, botIds: ["ann", "ann"] }], 0, /in it twice/],
  ["lacks a death", at(6), 7, /death 3 comes after 1/],
  ["has a death of a stranger", at(4, kill(1, "ann", "eve")), 4, /eve does not play/],
  ["has a death by a stranger", at(4, kill(1, "eve", "ann")), 4, /eve does not play/],
  ["calls a kill a suicide", at(4, { ...kill(1, "ann", "bob"), suicide: true }), 4, /death by nobody else/],
  ["scores for a stranger", at(5, score("eve", 1)), 5, /eve does not play/],
  ["has a score that no death gave", at(LAST - 1, score("ann", 9)), LAST, /do not give these scores/],
  ["gives more than was scored", at(LAST, completed([result("ann", 1, 9, 2, 1), RESULTS[1]!])), LAST, /these scores/],
  ["forgets somebody's result", at(LAST, completed(RESULTS.slice(0, 1))), LAST, /these scores/],
  ["places them the wrong way", at(LAST, completed([{ ...RESULTS[0]!, placement: 2 }, RESULTS[1]!])), LAST, /result/],
  ["counts deaths wrongly", at(LAST, completed([{ ...RESULTS[0]!, deaths: 0 }, RESULTS[1]!])), LAST, /this result/],
])("a log that %s does not fit", (_what, events, index, reason) => {
  expect(checkRecord(header, events)).toEqual({ index, reason: expect.stringMatching(reason) });
});

test.each<[string, Partial<RecordHeader>, RegExp]>([
  ["another map", { map: "fan" }, /map/],
  ["a seed of another map", { seed: "01".repeat(32) }, /map/],
  [
    "other participants",
    { participants: header.participants.toReversed().map((one, side) => ({ ...one, side })) },
    /other participants/,
  ],
  ["other results", { results: [{ ...header.results![0]!, score: 4 }, header.results![1]!] }, /another result/],
  ["no results", { results: null }, /has no result/],
  ["results though it is void", { status: "VOIDED" }, /has no result/],
  ["that it counts for nothing", { rated: false }, /something else/],
  ["another ladder", { ladder: "PIT" }, /something else/],
  ["other frames", { framesSha256: "00".repeat(32) }, /other frames/],
  ["no frames", { framesSha256: null }, /other frames/],
])("a header that says %s does not fit", (_what, change, reason) => {
  const misfit = checkRecord({ ...header, ...change }, whole);
  expect(misfit).toEqual({ index: whole.length, reason: expect.stringMatching(reason) });
});

test("a match that is void by its log is not completed by its header", () => {
  const misfit = checkRecord(header, [...begun, voided]);
  expect(misfit?.reason).toBe("the match is void by its log");
});
