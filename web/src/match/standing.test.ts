import { expect, test } from "vitest";
import {
  changesMatch,
  roundMsOf,
  standingAfter,
  type Kill,
  type MatchEvent,
  type Player,
  type Standing,
} from "./standing.ts";

const player = (id: string, side: number, score = 0): Player => ({
  __typename: "MatchPlayer",
  side,
  score,
  kills: score,
  deaths: 0,
  suicides: 0,
  shots: null,
  accuracy: null,
  awards: { __typename: "QuakeAwards", excellent: 0, impressive: 0, gauntlet: 0 },
  bot: {
    __typename: "Bot",
    id,
    name: id,
    character: "RONIN",
    owner: { __typename: "User", id: `${id}-owner`, handle: "owner" },
  },
});
const start: Standing = {
  players: [player("a", 0), player("b", 1)],
  kills: [],
  phase: "JOINING",
  startedAt: null,
  endsAt: null,
};
const kill = (number: number, killer: string | null, victim: string): MatchEvent => ({
  __typename: "MatchKill",
  seq: number,
  number,
  atMs: 1_000 * number,
  means: "RAILGUN",
  suicide: killer === null,
  text: `${victim} died`,
  killer: killer === null ? null : { __typename: "Bot", id: killer },
  victim: { __typename: "Bot", id: victim },
});
const score = (id: string, points: number): MatchEvent => ({
  __typename: "MatchScored",
  seq: 1,
  score: points,
  bot: { __typename: "Bot", id },
});
const AT = "2026-11-27T07:50:00Z";
const after = (...events: MatchEvent[]) => events.map((event) => ({ at: AT, event })).reduce(standingAfter, start);
const told = ({ players }: Standing) =>
  players.map(({ bot, score: points, kills, deaths, suicides }) => [bot.id, points, kills, deaths, suicides]);

test("a kill and its score count for both, and the board is sorted by score", () => {
  expect(told(after(kill(1, "b", "a"), score("b", 1)))).toEqual([
    ["b", 1, 1, 0, 0],
    ["a", 0, 0, 1, 0],
  ]);
});

test("a suicide counts for its victim alone", () => {
  expect(told(after(kill(1, null, "a"), score("a", -1)))).toEqual([
    ["b", 0, 0, 0, 0],
    ["a", -1, 0, 1, 1],
  ]);
});

test("a death that is known already changes nothing, and the newest stands first", () => {
  const standing = after(kill(1, "b", "a"), kill(2, "b", "a"), kill(2, "b", "a"), kill(1, "b", "a"));
  expect(standing.kills.map(({ number }: Kill) => number)).toEqual([2, 1]);
  expect(told(standing)[1]).toEqual(["b", 0, 2, 0, 0]);
});

test("the clock begins with the round, and only ends and newcomers ask for the match anew", () => {
  const started: MatchEvent = { __typename: "MatchStarted", seq: 4, endsAt: "2026-11-27T08:00:00Z" };
  expect(after(started)).toMatchObject({ phase: "LIVE", endsAt: "2026-11-27T08:00:00Z" });
  expect([start, after(started)].map(roundMsOf)).toEqual([120_000, 600_000]);
  expect([started, kill(1, "b", "a"), score("b", 1)].map(changesMatch)).toEqual([false, false, false]);
  expect(changesMatch({ __typename: "MatchCompleted", seq: 9 })).toBe(true);
});

test("the timeline of a live round keeps its first deaths", () => {
  const { kills } = after(...Array.from({ length: 60 }, (_none, index) => kill(index + 1, "b", "a")));
  expect([kills.length, kills.at(-1)?.number]).toEqual([60, 1]);
});
