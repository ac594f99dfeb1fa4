import { expect, test } from "vitest";
import { counted, extendStreak, scoreOf, streakOf, uncounted, type Score, type Standing } from "./standing.ts";

const FRESH: Standing = {
  bot_id: "a",
  elo: 1_000,
  mu: 25,
  sigma: 25 / 3,
  games: 0,
  wins: 0,
  draws: 0,
  losses: 0,
  rated_games: 0,
  peak: 1_000,
  streak: 0,
  on_board: false,
};
const change = { botId: "a", eloBefore: 1_000, eloAfter: 1_016, muAfter: 27.6, sigmaAfter: 8 };

test.each([
  ["the only first has won", 1, 1, 1],
  ["two firsts have drawn", 1, 2, 0],
  ["a second has lost", 2, 1, -1],
] as const)("%s", (_sentence, placement, firsts, score) => expect(scoreOf(placement, firsts)).toBe(score));

test.each([
  [2, 1, 3],
  [-2, 1, 1],
  [2, -1, -1],
  [-2, -1, -3],
  [5, 0, 0],
] as const)("a streak of %i and a result of %i make %i", (streak, score, next) =>
  expect(extendStreak(streak, score)).toBe(next),
);

test.each<[readonly Score[], number]>([
  [[], 0],
  [[1, 1, -1], 2],
  [[-1, -1, -1], -3],
  [[0, 1], 0],
])("results %j, newest first, are a streak of %i", (scores, streak) => expect(streakOf(scores)).toBe(streak));

test("an unrated result moves the record and leaves the rating and the board alone", () => {
  const row = { ...FRESH, on_board: true };
  expect(counted(row, 1, null)).toMatchObject({ ...row, games: 1, wins: 1, streak: 1, elo_before: 1_000 });
});

test("the tenth rated contest with a certain skill puts a bot on the board", () => {
  const row = { ...FRESH, rated_games: 9, sigma: 4.9 };
  expect(counted(row, 1, { ...change, sigmaAfter: 4.8 })).toMatchObject({
    rated_games: 10,
    on_board: true,
    peak: 1_016,
  });
  expect(counted(row, 1, { ...change, sigmaAfter: 5.1 }).on_board).toBe(false);
});

test("what is voided at once leaves the standing as it was", () => {
  const moved = counted(FRESH, 1, change);
  const rated = { gained: 16, muGained: change.muAfter - FRESH.mu, sigmaRatio: FRESH.sigma / change.sigmaAfter };
  expect(uncounted(moved, { score: 1, rated, peakWithout: 1_000, scoresWithout: [] })).toMatchObject(FRESH);
});

test("a reversal keeps what was gained since", () => {
  const later = { ...FRESH, elo: 1_050, rated_games: 3, games: 3, wins: 3, streak: 3, peak: 1_050 };
  const given = {
    score: 1,
    rated: { gained: 16, muGained: 1, sigmaRatio: 1.01 },
    peakWithout: 1_040,
    scoresWithout: [1, 1],
  } as const;
  expect(uncounted(later, given)).toMatchObject({ elo: 1_034, peak: 1_040, rated_games: 2, wins: 2, streak: 2 });
});
