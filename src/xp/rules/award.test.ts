import { expect, test } from "vitest";
import { award, type BotState, type Deed, type PersonState } from "./award.ts";

const bot: BotState = { xp: 0, publicXp: 0, contestXp: 0, addedToday: 0, recent: {}, runs: {} };
const person: PersonState = {
  xp: 0,
  publicXp: 0,
  contestXp: 0,
  counters: {},
  unlocked: new Set(),
  uses: 0,
  successes: 0,
  inPublic: { counters: {}, unlocked: new Set(), uses: 0, successes: 0 },
};
const task: Deed = {
  kind: "WORK",
  action: "TASK_COMPLETION",
  complexity: "SIMPLE",
  success: true,
  durationMs: 60_000,
  attempt: 1,
  quality: null,
  custom: 100,
};
const win: Deed = { kind: "BOUT", result: "WIN", advantage: 0, quality: null, ladder: "PIT", rated: true };
const publicly = { publicly: true };

test("a task that failed gives a quarter, and nothing of it publicly", () => {
  const given = award({ ...task, complexity: "EXPERT", success: false }, publicly, bot, [person]);
  // A quarter of 30, rounded half up.
  expect(given).toMatchObject({ computed: 8, added: 8, publicAdded: 0 });
  expect(given.bot).toMatchObject({ xp: 8, publicXp: 0, contestXp: 0 });
  expect(given.people[0]).toMatchObject({ xp: 8, publicXp: 0 });
});

test("a first task gives its XP, its duration is remembered, and its person takes the first steps", () => {
  const given = award(task, publicly, bot, [person]);
  expect(given).toMatchObject({
    computed: 10,
    added: 10,
    bonuses: [],
    bot: { xp: 10, publicXp: 10, contestXp: 0, recent: { SIMPLE: [60_000] }, levels: { from: 1, to: 1 } },
    people: [
      { xp: 10, publicXp: 10, contestXp: 0, counters: { tasks: 1, bots: 1, goodBots: 1 }, unlocked: ["FIRST_STEPS"] },
    ],
  });
});

test("what does not count publicly stays private: a self-made task, an unrated bout", () => {
  expect(award(task, { publicly: false }, bot, [person]).bot).toMatchObject({ xp: 10, publicXp: 0, contestXp: 0 });
  expect(award({ ...win, rated: false }, { publicly: false }, bot, [person])).toMatchObject({
    bot: { xp: 20, publicXp: 0, contestXp: 0, runs: {} },
    people: [{ counters: { bots: 1, goodBots: 1, bestBotLevel: 1 }, unlocked: [] }],
  });
});

test("a rated win is a contest's XP on public boards", () => {
  expect(award({ ...win, advantage: 200 }, publicly, bot, [person])).toMatchObject({
    added: 30,
    bot: { xp: 30, publicXp: 30, contestXp: 30, runs: { "streak:PIT": 1 } },
    people: [
      {
        counters: { "wins:PIT": 1, "upsets:PIT": 1, "streak:PIT": 1 },
        unlocked: ["PIT_FIRST_BLOOD", "PIT_GIANT_SLAYER"],
      },
    ],
  });
});

test("the day's cap cuts what is added, not what was computed, and everything else counts", () => {
  const full = award(task, publicly, { ...bot, addedToday: 4_997 }, [person]);
  expect(full).toMatchObject({ computed: 10, added: 3, bot: { xp: 3 }, people: [{ xp: 3, counters: { tasks: 1 } }] });
});

test("the step over a threshold is the level's, for the bot and for its owner", () => {
  const given = award(task, publicly, { ...bot, xp: 995 }, [{ ...person, xp: 295 }]);
  expect(given.bot.levels).toEqual({ from: 4, to: 5 });
  expect(given.people[0]?.levels).toEqual({ from: 2, to: 3 });
  expect(given.people[0]?.unlocked).toContain("ELITE_TRAINER");
});

test("who asked for the work gets to know the bot and gains no XP", () => {
  const [, asked] = award(task, publicly, bot, [person, { ...person, counters: { bots: 4, goodBots: 4 } }]).people;
  expect(asked).toMatchObject({ xp: 0, counters: { bots: 5, goodBots: 5 }, unlocked: ["AGENT_EXPLORER"] });
});

test("a bot is counted once, and as a good one when it first succeeds", () => {
  const failed = award({ ...task, success: false }, publicly, bot, [person]).people[0];
  expect(failed?.counters).toMatchObject({ bots: 1, goodBots: 0 });
  const later = award(task, publicly, bot, [{ ...person, counters: failed?.counters ?? {}, uses: 1 }]).people[0];
  expect(later?.counters).toMatchObject({ bots: 1, goodBots: 1 });
  const again = award(task, publicly, bot, [{ ...person, counters: later?.counters ?? {}, uses: 2, successes: 1 }]);
  expect(again.people[0]?.counters).toMatchObject({ bots: 1, goodBots: 1 });
});

test.each<[string, Deed, number, number]>([
  ["a perfect one goes on", { ...task, quality: 1_000 }, 5, 9],
  ["an unscored success breaks nothing", task, 4, 9],
  ["0.999 begins anew", { ...task, quality: 999 }, 0, 9],
  ["a failure begins anew", { ...task, success: false, quality: null }, 0, 9],
])("of perfect work in a row, %s, and the best row stays", (_sentence, deed, run, best) => {
  const given = award(deed, publicly, { ...bot, runs: { perfect: 4 } }, [{ ...person, counters: { perfect: 9 } }]);
  expect(given.bot.runs["perfect"]).toBe(run);
  expect(given.people[0]?.counters["perfect"]).toBe(best);
});

test.each([
  ["WIN", 10, ["PIT_UNSTOPPABLE"]],
  ["DRAW", 0, []],
  ["LOSS", 0, []],
] as const)("nine wins in a row and a %s are %i", (result, run, unlocked) => {
  const owner = {
    ...person,
    counters: { "wins:PIT": 20, "streak:PIT": 9 },
    unlocked: new Set(["PIT_FIRST_BLOOD", "PIT_TEN_WINS"]),
  };
  const given = award({ ...win, result }, publicly, { ...bot, runs: { "streak:PIT": 9 } }, [owner]);
  expect(given.bot.runs["streak:PIT"]).toBe(run);
  expect(given.people[0]?.unlocked).toEqual(unlocked);
});

test.each([
  ["another asked for", true, { tasks: 1, bots: 1, goodBots: 1, bestBotLevel: 1 }, ["FIRST_STEPS"]],
  ["the owner asked for", false, {}, []],
])("of a task that %s strangers see what counts publicly", (_who, publiclyCounted, counters, unlocked) => {
  const given = award(task, { publicly: publiclyCounted }, { ...bot, xp: 4_500 }, [{ ...person, xp: 4_500 }]);
  expect(given.people[0]).toMatchObject({
    counters: { tasks: 1, bestBotLevel: 10 },
    unlocked: ["FIRST_STEPS", "ELITE_TRAINER"],
  });
  expect(given.people[0]?.inPublic).toEqual({ counters, unlocked });
});

test("a row of perfect work that counts publicly is its own", () => {
  const perfect = { ...task, quality: 1_000 };
  const given = award(perfect, publicly, { ...bot, runs: { perfect: 9 } }, [person]);
  expect(given.bot.runs).toEqual({ perfect: 10, perfectInPublic: 1 });
  expect(given.people[0]).toMatchObject({ counters: { perfect: 10 }, inPublic: { counters: { perfect: 1 } } });
  const own = award({ ...perfect, quality: 0 }, { publicly: false }, { ...bot, runs: given.bot.runs }, [person]);
  expect(own.bot.runs).toEqual({ perfect: 0, perfectInPublic: 1 });
});

test("only the newest twenty durations are remembered, those of failures never", () => {
  const recent = { SIMPLE: Array.from({ length: 20 }, (_, index) => index) };
  expect(award(task, publicly, { ...bot, recent }, [person]).bot.recent.SIMPLE).toEqual([
    ...recent.SIMPLE.slice(1),
    60_000,
  ]);
  expect(award({ ...task, success: false }, publicly, { ...bot, recent }, [person]).bot.recent).toEqual(recent);
});
