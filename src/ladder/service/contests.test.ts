import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import type { ContestOrigin } from "../rules/ladders.ts";
import { finishContest, openContests, type FinishContest } from "./contests.ts";
import { headToHead } from "./record.ts";
import { voidContest } from "./void.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena.stop());

type Contest = { id: string; bots: readonly ArenaBot[]; rated: boolean; origin: ContestOrigin };

async function open(
  bots: readonly [ArenaBot, ArenaBot],
  { rated = true, origin = "RATED_QUEUE" }: { rated?: boolean; origin?: ContestOrigin } = {},
): Promise<Contest> {
  arena.now = new Date(arena.now.getTime() + 1_000);
  const { random, db } = arena.platform;
  const id = random.id(arena.now);
  const made = { id, seed: random.bytes(32), characters: ["RONIN", "DEMON"], ladder: "PIT", sealed: false } as const;
  const botIds = [bots[0].botId, bots[1].botId] as const;
  await db.transact((tx) => openContests(tx, [{ ...made, rated, origin, botIds, entryIds: [] }], arena.now));
  return { id, bots, rated, origin };
}

function finish(contest: Contest, placements: readonly [number, number], ending: Partial<FinishContest> = {}) {
  const result: FinishContest = {
    contestId: contest.id,
    ladder: "PIT",
    rated: contest.rated,
    recorded: contest.origin !== "PRACTICE_QUEUE",
    status: "COMPLETED",
    placements: contest.bots.map(({ botId }, side) => ({ botId, placement: placements[side] ?? 1 })),
    ...ending,
  };
  return arena.platform.db.transact((tx) => finishContest(tx, arena.platform, result));
}

type RatingRow = {
  elo: number;
  games: number;
  wins: number;
  draws: number;
  losses: number;
  rated_games: number;
  streak: number;
  peak: number;
};
const ratingOf = async ({ botId }: ArenaBot) =>
  (await arena.rows<RatingRow & { mu: number; sigma: number }>("SELECT * FROM rating WHERE bot_id = $1", [botId]))[0];
const historyOf = (contest: Contest) =>
  arena.rows<{ kind: string; elo_before: number; elo_after: number }>(
    "SELECT kind, elo_before, elo_after FROM rating_history WHERE contest_id = $1 ORDER BY kind, bot_id",
    [contest.id],
  );
const pairOf = async () => [await arena.newBot(), await arena.newBot()] as const;

describe("a rated contest", () => {
  test("moves both by the same number: 16 points between equals (Elo 1978, K = 32)", async () => {
    const bots = await pairOf();
    const changes = await finish(await open(bots), [1, 2]);
    expect(changes?.map(({ eloBefore, eloAfter }) => [eloBefore, eloAfter])).toEqual([
      [1_000, 1_016],
      [1_000, 984],
    ]);
    expect(await ratingOf(bots[0])).toMatchObject({
      elo: 1_016,
      games: 1,
      wins: 1,
      rated_games: 1,
      streak: 1,
      peak: 1_016,
    });
    expect(await ratingOf(bots[1])).toMatchObject({
      elo: 984,
      games: 1,
      losses: 1,
      rated_games: 1,
      streak: -1,
      peak: 1_000,
    });
  });

  test("is counted once, however many end it at the same instant", async () => {
    const bots = await pairOf();
    const contest = await open(bots);
    const ended = await Promise.all(Array.from({ length: 8 }, () => finish(contest, [1, 2])));
    expect(ended.filter((changes) => changes !== null)).toHaveLength(1);
    expect(await historyOf(contest)).toHaveLength(2);
    expect(await ratingOf(bots[0])).toMatchObject({ elo: 1_016, games: 1 });
  });

  test("sums to zero over any crowd of contests that end at once, and the season agrees", async () => {
    const bots = await Promise.all(Array.from({ length: 10 }, () => arena.newBot()));
    for (let round = 0; round < 6; round++) {
      const order = bots.map((_bot, index) => bots[(index * 3 + round) % bots.length]!);
      const contests: Contest[] = [];
      for (let at = 0; at < order.length; at += 2) contests.push(await open([order[at]!, order[at + 1]!]));
      await Promise.all(
        contests.map((contest, index) =>
          finish(
            contest,
            [
              [1, 2],
              [2, 1],
              [1, 1],
            ][(index + round) % 3] as [number, number],
          ),
        ),
      );
    }
    const ids = bots.map(({ botId }) => botId);
    const [rating] = await arena.rows(
      "SELECT sum(elo - 1000)::int AS points, sum(games)::int AS games FROM rating WHERE bot_id = ANY($1)",
      [ids],
    );
    expect(rating).toEqual({ points: 0, games: 60 });
    const seasons = await arena.rows(
      "SELECT season, sum(elo_gained)::int AS points, sum(games)::int AS games FROM season_rating WHERE bot_id = ANY($1) GROUP BY season",
      [ids],
    );
    expect(seasons).toEqual([{ season: "2026-11", points: 0, games: 60 }]);
    const [moved] = await arena.rows(
      "SELECT count(*)::int AS bots FROM rating r JOIN season_rating s USING (ladder, bot_id) WHERE r.elo - 1000 <> s.elo_gained",
    );
    expect(moved).toEqual({ bots: 0 });
  });

  test("keeps the histogram equal to the board", async () => {
    const bots = await pairOf();
    await finish(await open(bots), [1, 2]);
    await arena.rows("UPDATE rating SET rated_games = 9, sigma = 3 WHERE bot_id = ANY($1)", [
      bots.map(({ botId }) => botId),
    ]);
    await finish(await open(bots), [1, 2]);
    await finish(await open(bots), [1, 2]);
    const board = await arena.rows(
      "SELECT ladder, elo, count(*)::int AS bots FROM rating WHERE on_board GROUP BY 1, 2 ORDER BY 2",
    );
    expect(board).toHaveLength(2);
    expect(await arena.rows("SELECT ladder, elo, bots FROM rating_histogram WHERE bots <> 0 ORDER BY elo")).toEqual(
      board,
    );
  });

  test("frees everybody and ends the queue entries", async () => {
    const contest = await open(await pairOf());
    await expect(open(contest.bots as [ArenaBot, ArenaBot])).rejects.toMatchObject({
      constraint: "live_participation_pkey",
    });
    await finish(contest, [1, 1]);
    expect(await arena.rows("SELECT FROM live_participation WHERE contest_id = $1", [contest.id])).toEqual([]);
    expect((await open(contest.bots as [ArenaBot, ArenaBot])).id).not.toBe(contest.id);
  });
});

describe("a contest that is not rated", () => {
  test("by callout counts in the record and not in the rating", async () => {
    const bots = await pairOf();
    const contest = await open(bots, { rated: false, origin: "CALLOUT" });
    await finish(contest, [2, 1]);
    expect(await ratingOf(bots[1])).toMatchObject({ elo: 1_000, games: 1, wins: 1, rated_games: 0, streak: 1 });
    expect(await historyOf(contest)).toEqual([]);
  });

  test("for practice counts nowhere", async () => {
    const bots = await pairOf();
    await finish(await open(bots, { rated: false, origin: "PRACTICE_QUEUE" }), [1, 2]);
    expect([await ratingOf(bots[0]), await ratingOf(bots[1])]).toEqual([undefined, undefined]);
  });

  test("with a house bot is not rated, whatever it was called", async () => {
    const bots = [await arena.newBot(), await arena.newBot({ house: true })] as const;
    const changes = await finish(await open(bots), [1, 2]);
    expect(changes?.map(({ eloAfter }) => eloAfter)).toEqual([1_000, null]);
    expect(await ratingOf(bots[0])).toMatchObject({ elo: 1_000, rated_games: 0, wins: 1 });
    expect(await ratingOf(bots[1])).toBeUndefined();
  });

  test("because it is void leaves no placement", async () => {
    const contest = await open(await pairOf());
    await finish(contest, [1, 2], { status: "VOIDED", voidReason: "no node was up" });
    const rows = await arena.rows(
      "SELECT c.status, c.void_reason, p.placement FROM contest c JOIN contest_participant p ON p.contest_id = c.id WHERE c.id = $1",
      [contest.id],
    );
    expect(rows).toEqual(Array(2).fill({ status: "VOIDED", void_reason: "no node was up", placement: null }));
    expect(await ratingOf(contest.bots[0]!)).toBeUndefined();
  });
});

describe("voiding a completed contest", () => {
  const voidIt = (contest: Contest) =>
    arena.platform.db.transact((tx) => voidContest(tx, arena.platform, { contestId: contest.id, reason: "collusion" }));

  test("takes back what it gave, once, by compensating rows", async () => {
    const bots = await pairOf();
    const contest = await open(bots);
    await finish(contest, [1, 2]);
    const taken = await Promise.all([voidIt(contest), voidIt(contest), voidIt(contest)]);
    expect(taken.filter((changes) => changes !== null)).toHaveLength(1);
    expect(await historyOf(contest)).toHaveLength(4);
    for (const bot of bots)
      expect(await ratingOf(bot)).toMatchObject({
        elo: 1_000,
        mu: 25,
        games: 0,
        wins: 0,
        losses: 0,
        rated_games: 0,
        streak: 0,
        peak: 1_000,
      });
    const seasons = await arena.rows("SELECT elo_gained, games FROM season_rating WHERE bot_id = ANY($1)", [
      bots.map(({ botId }) => botId),
    ]);
    expect(seasons).toEqual(Array(2).fill({ elo_gained: 0, games: 0 }));
  });

  test("keeps what was played before and since, the sum still zero", async () => {
    const bots = await pairOf();
    await finish(await open(bots), [1, 2]);
    const contest = await open(bots);
    const second = await finish(contest, [1, 2]);
    await finish(await open(bots), [1, 2]);
    const before = [await ratingOf(bots[0]), await ratingOf(bots[1])];
    await voidIt(contest);
    const after = [await ratingOf(bots[0]), await ratingOf(bots[1])];
    const gained = (second?.[0]?.eloAfter ?? 0) - (second?.[0]?.eloBefore ?? 0);
    expect(after[0]?.elo).toBe((before[0]?.elo ?? 0) - gained);
    expect((after[0]?.elo ?? 0) + (after[1]?.elo ?? 0)).toBe(2_000);
    expect(after[0]).toMatchObject({ games: 2, wins: 2, streak: 2 });
    expect(after[1]).toMatchObject({ games: 2, losses: 2, streak: -2 });
  });

  test("leaves a live contest alone", async () => {
    expect(await voidIt(await open(await pairOf()))).toBeNull();
  });
});

test("the record of each two bots is what their completed contests say, whatever was taken back, practice left out", async () => {
  const bots = [await arena.newBot(), await arena.newBot(), await arena.newBot()] as const;
  const pairs = [
    [bots[0], bots[1]],
    [bots[1], bots[0]],
    [bots[2], bots[0]],
  ] as const;
  const placements = [
    [1, 2],
    [2, 1],
    [1, 1],
  ] as const;
  const played: Contest[] = [];
  for (const pair of pairs)
    for (const placed of placements)
      for (const origin of ["RATED_QUEUE", "CALLOUT", "PRACTICE_QUEUE"] as const) {
        const contest = await open(pair, { rated: origin === "RATED_QUEUE", origin });
        await finish(contest, placed);
        played.push(contest);
      }
  const ends = { status: "VOIDED", voidReason: "no node was up" } as const;
  await finish(await open(pairs[0]), [1, 2], ends);
  const takeBack = ({ id: contestId }: Contest) =>
    arena.platform.db.transact((tx) => voidContest(tx, arena.platform, { contestId, reason: "collusion" }));
  // Two of the first bot's wins over the second, one of them in practice, and a draw with the third.
  for (const index of [0, 2, 24]) await takeBack(played[index]!);
  const [first, second, third] = bots.map(({ botId }) => botId) as [string, string, string];
  expect(await headToHead(arena.platform, [second, third, first], first)).toEqual([
    { bot_id: second, contests: 11, wins: 4, draws: 4, losses: 3 },
    { bot_id: third, contests: 5, wins: 2, draws: 1, losses: 2 },
    null,
  ]);
  expect(await headToHead(arena.platform, [first], second)).toEqual([
    { bot_id: first, contests: 11, wins: 3, draws: 4, losses: 4 },
  ]);
});
