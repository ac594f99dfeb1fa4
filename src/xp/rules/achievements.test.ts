import { expect, test } from "vitest";
import { ACHIEVEMENTS, newlyUnlocked, progressOf } from "./achievements.ts";

const nobody = { counters: {}, level: 1, unlocked: new Set<string>() };

test("there are the ten of everybody's and five a ladder, each with its own key", () => {
  expect(ACHIEVEMENTS).toHaveLength(10 + 4 * 5);
  expect(new Set(ACHIEVEMENTS.map(({ key }) => key)).size).toBe(ACHIEVEMENTS.length);
});

test("what is required is there, and stands before what requires it", () => {
  const before = new Set<string>();
  for (const { key, requires } of ACHIEVEMENTS) {
    expect(requires === null || before.has(requires)).toBe(true);
    before.add(key);
  }
});

test.each<[string, Record<string, number>, string[], string[]]>([
  ["nothing unlocks nothing", {}, [], []],
  ["a first task", { tasks: 1 }, [], ["FIRST_STEPS"]],
  ["the second does not again", { tasks: 2 }, ["FIRST_STEPS"], []],
  ["99 tasks are no hundred", { tasks: 99 }, ["FIRST_STEPS"], []],
  ["100 tasks", { tasks: 100 }, ["FIRST_STEPS"], ["CENTURION"]],
  ["a hundred at once takes along what it requires", { tasks: 100 }, [], ["FIRST_STEPS", "CENTURION"]],
  ["five bots", { bots: 5 }, [], ["AGENT_EXPLORER"]],
  ["twenty good ones do not come before five", { goodBots: 20 }, [], []],
  ["twenty good ones", { bots: 20, goodBots: 20 }, [], ["AGENT_EXPLORER", "AGENT_WHISPERER"]],
  ["ten fast tasks", { fast: 10 }, [], ["SPEED_DEMON"]],
  ["twenty fine ones", { fine: 20 }, [], ["QUALITY_MASTER"]],
  ["ten perfect ones in a row", { perfect: 10 }, [], ["PERFECTIONIST"]],
  ["twenty-five errors", { errors: 25 }, [], ["BUG_HUNTER"]],
  ["a bot at level 5", { bestBotLevel: 5 }, [], ["ELITE_TRAINER"]],
  ["a first rated win", { "wins:PIT": 1 }, [], ["PIT_FIRST_BLOOD"]],
  ["an upset waits for the first blood", { "upsets:PIT": 1 }, [], []],
  [
    "ten wins, an upset",
    { "wins:PIT": 10, "upsets:PIT": 1 },
    [],
    ["PIT_FIRST_BLOOD", "PIT_TEN_WINS", "PIT_GIANT_SLAYER"],
  ],
  [
    "each ladder has its own chain",
    { "wins:CODE": 10, "streak:CODE": 10 },
    [],
    ["CODE_FIRST_BLOOD", "CODE_TEN_WINS", "CODE_UNSTOPPABLE"],
  ],
  [
    "a season's champion",
    { "wins:QUAKE": 10, "champion:QUAKE": 1 },
    [],
    ["QUAKE_FIRST_BLOOD", "QUAKE_TEN_WINS", "QUAKE_CHAMPION"],
  ],
])("%s", (_sentence, counters, unlocked, fresh) => {
  expect(newlyUnlocked({ ...nobody, counters, unlocked: new Set(unlocked) })).toEqual(fresh);
});

const fourteen = ACHIEVEMENTS.slice(0, 14).map(({ key }) => key);
test("a legend of the arena has level 10 and 15 achievements, the fifteenth of the same instant counted", () => {
  const standing = { counters: { "wins:CODE": 1 }, unlocked: new Set(fourteen) };
  expect(fourteen).not.toContain("CODE_FIRST_BLOOD");
  expect(newlyUnlocked({ ...standing, level: 9 })).toEqual(["CODE_FIRST_BLOOD"]);
  expect(newlyUnlocked({ ...standing, level: 10 })).toEqual(["CODE_FIRST_BLOOD", "ARENA_LEGEND"]);
});

test("progress is shown, and never past its end", () => {
  const [, centurion] = ACHIEVEMENTS;
  const legend = ACHIEVEMENTS.at(-1);
  expect(centurion && progressOf({ ...nobody, counters: { tasks: 42 } }, centurion)).toEqual([
    { value: 42, target: 100 },
  ]);
  expect(centurion && progressOf({ ...nobody, counters: { tasks: 420 } }, centurion)).toEqual([
    { value: 100, target: 100 },
  ]);
  expect(legend && progressOf({ ...nobody, level: 4, unlocked: new Set(["FIRST_STEPS"]) }, legend)).toEqual([
    { value: 4, target: 10 },
    { value: 1, target: 15 },
  ]);
});
