import { expect, test } from "vitest";
import { takeBack, type Counted } from "./take-back.ts";

const bot = { xp: 130, publicXp: 100, contestXp: 60, runs: { "streak:PIT": 3, perfect: 2 } };
const win: Counted = {
  deed: { kind: "BOUT", result: "WIN", advantage: 200, quality: null, ladder: "PIT", rated: true },
  added: 30,
  publicly: true,
};
const owner = {
  xp: 530,
  publicXp: 400,
  contestXp: 260,
  counters: {
    "wins:PIT": 10,
    "upsets:PIT": 1,
    "streak:PIT": 10,
    "wins:QUAKE": 1,
    bestBotLevel: 2,
    bots: 3,
    goodBots: 3,
  },
  unlocked: new Set(["PIT_FIRST_BLOOD", "PIT_TEN_WINS", "PIT_GIANT_SLAYER", "PIT_UNSTOPPABLE", "QUAKE_FIRST_BLOOD"]),
  uses: 5,
  successes: 4,
  inPublic: {
    counters: {
      "wins:PIT": 10,
      "upsets:PIT": 1,
      "streak:PIT": 10,
      "wins:QUAKE": 1,
      bestBotLevel: 2,
      bots: 2,
      goodBots: 2,
    },
    unlocked: new Set<string>(),
    uses: 1,
    successes: 1,
  },
};
const left = { running: 2, longest: 9, bestBotXp: 100, bestPublicXp: 70 };

test("a rated win leaves totals, runs and counters, and with them the achievements that rest on it", () => {
  expect(takeBack(win, bot, owner, left)).toEqual({
    bot: { xp: 100, publicXp: 70, contestXp: 30, runs: { "streak:PIT": 2, perfect: 2 } },
    owner: {
      xp: 500,
      publicXp: 370,
      contestXp: 230,
      counters: { ...owner.counters, "wins:PIT": 9, "upsets:PIT": 0, "streak:PIT": 9 },
      publicCounters: {
        ...{ "wins:PIT": 9, "upsets:PIT": 0, "streak:PIT": 9, "wins:QUAKE": 1 },
        ...{ bestBotLevel: 1, bots: 1, goodBots: 1 },
      },
      lost: ["PIT_TEN_WINS", "PIT_GIANT_SLAYER", "PIT_UNSTOPPABLE"],
    },
  });
});

test.each([
  // what, the contest, what is different of the owner, the counters that go down, what is lost
  ["an even win was no upset", { advantage: 199 }, {}, { "wins:PIT": 9, "streak:PIT": 9 }],
  ["a loss won nothing", { result: "LOSS" as const }, { successes: 1 }, { "streak:PIT": 9 }],
  [
    "a first success leaves the bots that succeeded",
    { result: "DRAW" as const },
    { successes: 1 },
    { "streak:PIT": 9, goodBots: 2 },
  ],
  ["a first use leaves the bots one knows", { result: "LOSS" as const }, { uses: 1 }, { "streak:PIT": 9, bots: 2 }],
])("%s", (_what, deed, person, counters) => {
  const taken = takeBack({ ...win, deed: { ...win.deed, ...deed } }, bot, { ...owner, ...person }, left);
  expect(taken.owner.counters).toEqual({ ...owner.counters, ...counters });
});

test("one that was not rated leaves no streak, no win and no achievement", () => {
  const practice = { ...win, publicly: false, deed: { ...win.deed, rated: false } };
  expect(takeBack(practice, bot, owner, left)).toMatchObject({
    bot: { xp: 100, publicXp: 100, contestXp: 60, runs: bot.runs },
    owner: {
      ...{ xp: 500, publicXp: 400, contestXp: 260, counters: owner.counters, lost: [] },
      publicCounters: owner.inPublic.counters,
    },
  });
});

test("what the day's cap did not add is not taken", () => {
  expect(takeBack({ ...win, added: 0 }, bot, owner, left).bot).toMatchObject({ xp: 130, publicXp: 100, contestXp: 60 });
});

test("the level of the best bot falls with it, and Elite Trainer, which is no ladder's, stays", () => {
  const trainer = { ...owner, counters: { bestBotLevel: 5 }, unlocked: new Set(["ELITE_TRAINER"]) };
  expect(takeBack(win, bot, trainer, { ...left, bestBotXp: 999 }).owner).toMatchObject({
    counters: { bestBotLevel: 4 },
    lost: [],
  });
});
