import { expect, test } from "vitest";
import type { MatchReplay } from "../../../src/quake/rules/replay.ts";
import { deathsOf } from "./deaths.ts";

const players = ["Ann", "Bob"].map((name, side) => ({ side, bot: name, name }));

test("a replay tells its deaths in the game's words", () => {
  const kills: MatchReplay["kills"] = [
    { number: 1, atMs: 1_000, killer: 0, victim: 1, means: 10, suicide: false },
    { number: 2, atMs: 2_000, killer: null, victim: 1, means: 19, suicide: true },
    { number: 3, atMs: 3_000, killer: 0, victim: 0, means: 7, suicide: true },
  ];
  const none = { scores: [], items: [], frames: [] };
  expect(deathsOf({ match: "m", map: "aggressor", lengthMs: 4_000, players, kills, ...none })).toEqual([
    { atMs: 1_000, killer: 0, victim: 1, text: "Bob was railed by Ann" },
    { atMs: 2_000, killer: null, victim: 1, text: "Bob cratered" },
    { atMs: 3_000, killer: null, victim: 0, text: "Ann blew themselves up" },
  ]);
});
