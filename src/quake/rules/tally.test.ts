import { expect, test } from "vitest";
import { tallyOf } from "./tally.ts";

test("a kill counts for the killer and the victim, a suicide for the victim alone, by means", () => {
  const [rail, fall] = [10, 19];
  const tallies = tallyOf([
    { killer: "a", victim: "b", means: rail, suicide: false },
    { killer: "a", victim: "b", means: rail, suicide: false },
    { killer: "b", victim: "a", means: rail, suicide: false },
    { killer: null, victim: "b", means: fall, suicide: true },
  ]);
  expect(tallies).toEqual([
    { botId: "b", means: rail, kills: 1, deaths: 2, suicides: 0 },
    { botId: "a", means: rail, kills: 2, deaths: 1, suicides: 0 },
    { botId: "b", means: fall, kills: 0, deaths: 1, suicides: 1 },
  ]);
});

test("nobody died", () => expect(tallyOf([])).toEqual([]));
