import { describe, expect, test } from "vitest";
import { playedOn, spanOf, toldBy, type Timed } from "./timeline.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
const told = (...events: readonly (readonly [string, number])[]): Timed[] =>
  events.map(([__typename, second]) => ({ __typename, at: at(second) }));

const BATTLE = told(
  ["StageChanged", 0],
  ["GladiatorStarted", 10],
  ["Output", 12],
  ["GladiatorFinished", 15],
  ["FileChanged", 17],
  ["BattleEnded", 40],
);

describe("the time of a battle", () => {
  test("runs from the first gladiator's beginning to the last of their changes", () => {
    expect(spanOf(BATTLE)).toEqual({ from: Date.parse(at(10)), to: Date.parse(at(17)) });
  });

  test.each<[string, Timed[], number | null]>([
    ["is none where nobody has begun", told(["StageChanged", 0], ["BattleEnded", 5]), null],
    ["goes to the last event where nobody came to an end", told(["GladiatorStarted", 10], ["Output", 13]), 3_000],
    [
      "does not go on while people vote",
      told(["GladiatorStarted", 10], ["GladiatorFinished", 15], ["VotingOpened", 18], ["FileChanged", 600]),
      5_000,
    ],
    ["is no time where one has only begun", told(["GladiatorStarted", 10]), 0],
  ])("%s", (_sentence, events, length) => {
    const span = spanOf(events);
    expect(span && span.to - span.from).toBe(length);
  });

  test("shows at an instant what had been told by then", () => {
    const names = (second: number) => toldBy(BATTLE, Date.parse(at(second))).map(({ __typename }) => __typename);
    expect(names(9.9)).toEqual(["StageChanged"]);
    expect(names(12)).toEqual(["StageChanged", "GladiatorStarted", "Output"]);
    expect(names(60)).toHaveLength(BATTLE.length);
  });

  test.each([
    // at, passed, speed, length, then
    [0, 100, 1, 7_000, 100],
    [1_000, 100, 8, 7_000, 1_800],
    [6_990, 100, 1, 7_000, 7_000],
  ])("a replay at %i ms that plays %i ms at %i× of %i ms is at %i ms", (from, passedMs, speed, length, then) => {
    expect(playedOn(from, { passedMs, speed, length })).toBe(then);
  });
});
