import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import type { Page } from "../../platform/keyset.ts";
import {
  around,
  boardPages,
  newcomers,
  ranksOf,
  recentOf,
  retireInactive,
  seasonPages,
  seasonsOf,
  type BoardKey,
  type SeasonKey,
} from "./board.ts";
import { finishContest, openContests } from "./contests.ts";
import { PROVISIONAL_GAMES, PROVISIONAL_SIGMA } from "../rules/rating.ts";
import { arenaTotals } from "./record.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const DAY_MS = 24 * 3_600_000;

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(NOW);
});
afterAll(() => arena.stop());
beforeEach(async () => {
  arena.now = NOW;
  await arena.rows("TRUNCATE rating_history, rating, rating_histogram, season_rating");
});

const names = new Map<string, string>();

/** A bot on the board of PIT, known by a letter; equals stand in the order in which they were made. */
async function onBoard(
  letter: string,
  elo: number,
  { name = `Bot_${letter}`, onBoard: shown = true } = {},
): Promise<ArenaBot> {
  arena.now = new Date(arena.now.getTime() + 1);
  const bot = await arena.newBot();
  await arena.rows("UPDATE bot SET name = $2 WHERE id = $1", [bot.botId, `${name}${names.size}`.slice(-15)]);
  names.set(bot.botId, letter);
  await arena.rows(
    `INSERT INTO rating (ladder, bot_id, elo, rated_games, sigma, on_board, last_rated_at) VALUES ('PIT', $1, $2, $3, 2, $4, $5)`,
    [bot.botId, elo, shown ? 20 : 3, shown, arena.now],
  );
  return bot;
}
const letters = (rows: readonly { bot_id: string }[]) => rows.map(({ bot_id }) => names.get(bot_id)).join("");

const page = (given: Partial<Page<BoardKey>> = {}): Page<BoardKey> => ({
  after: null,
  before: null,
  size: 20,
  backward: false,
  ...given,
});
const board = async (asked: Partial<Page<BoardKey>> = {}, search: string | null = null) =>
  (await boardPages(arena.platform, ["PIT"], page(asked), search))[0]!;
const keyOf = (row: { bot_id: string; elo: number }): BoardKey => ({ botId: row.bot_id, elo: row.elo });

describe("the board", () => {
  test("pages forward and back over equals without losing or repeating a row", async () => {
    for (const [letter, elo] of [
      ["a", 1_300],
      ["b", 1_200],
      ["c", 1_200],
      ["d", 1_200],
      ["e", 900],
    ] as const)
      await onBoard(letter, elo);
    await onBoard("x", 2_000, { onBoard: false });
    const whole = await board();
    expect(letters(whole.rows)).toBe("abcde");
    for (const size of [1, 2, 3]) {
      let read = "";
      for (let after: BoardKey | null = null, more = true; more; ) {
        const cut = await board({ after, size });
        read += letters(cut.rows);
        after = keyOf(cut.rows.at(-1)!);
        more = cut.hasNext;
      }
      expect(read).toBe("abcde");
    }
    const tail = await board({ size: 2, backward: true });
    expect([letters(tail.rows), tail.hasPrevious, tail.hasNext]).toEqual(["de", true, false]);
    const before = await board({ size: 2, backward: true, before: keyOf(tail.rows[0]!) });
    expect([letters(before.rows), before.hasPrevious, before.hasNext]).toEqual(["bc", true, true]);
    const between = await board({ after: keyOf(whole.rows[0]!), before: keyOf(whole.rows[4]!) });
    expect(letters(between.rows)).toBe("bcd");
  });

  test("is searched by the beginning of names, in the board's order; _ stands for itself", async () => {
    await onBoard("a", 1_300, { name: "Al_x" });
    await onBoard("b", 1_200, { name: "alpha" });
    await onBoard("c", 1_100, { name: "Other" });
    await onBoard("d", 1_000, { name: "AL_y" });
    expect(letters((await board({}, "AL")).rows)).toBe("abd");
    expect(letters((await board({}, "al_")).rows)).toBe("ad");
    const first = await board({ size: 1 }, "al");
    expect([letters(first.rows), first.hasNext]).toEqual(["a", true]);
    expect(letters((await board({ after: keyOf(first.rows[0]!), size: 1 }, "al")).rows)).toBe("b");
    expect(letters((await board({ size: 1, backward: true }, "al")).rows)).toBe("d");
    expect((await board({}, "nobody")).rows).toEqual([]);
  });

  test("is searched alike where more than a thousand names begin so", async () => {
    await onBoard("a", 1_300, { name: "Crowd" });
    await onBoard("b", 1_200, { name: "Crowd" });
    const { ownerId } = await arena.newBot();
    await arena.rows(
      `INSERT INTO bot (id, owner_id, name, created_at) SELECT gen_random_uuid(), $1, 'crowd_' || n, now() FROM generate_series(1, 1200) n`,
      [ownerId],
    );
    expect(letters((await board({}, "crowd")).rows)).toBe("ab");
    const first = await board({ size: 1 }, "crowd");
    expect([letters(first.rows), first.hasNext]).toEqual(["a", true]);
  });

  test("shows a bot with its neighbours, fewer at the ends, and nobody around who is not on it", async () => {
    const bots: Record<string, ArenaBot> = {};
    for (const [letter, elo] of [
      ["a", 1_300],
      ["b", 1_200],
      ["c", 1_200],
      ["d", 1_200],
      ["e", 900],
    ] as const)
      bots[letter] = await onBoard(letter, elo);
    bots["x"] = await onBoard("x", 1_250, { onBoard: false });
    const near = async (letter: string, each: number) =>
      letters((await around(arena.platform, ["PIT"], bots[letter]!.botId, each))[0]!);
    expect([
      await near("c", 1),
      await near("a", 2),
      await near("e", 2),
      await near("c", 0),
      await near("x", 5),
    ]).toEqual(["bcd", "abc", "cde", "c", ""]);
  });

  test("lists as newcomers who is provisional, never who is only inactive", async () => {
    await onBoard("n", 1_400, { onBoard: false });
    const [unsure, proven] = [
      await onBoard("s", 1_450, { onBoard: false }),
      await onBoard("q", 1_460, { onBoard: false }),
    ];
    const [games, sigma] = [PROVISIONAL_GAMES, PROVISIONAL_SIGMA];
    const set = "UPDATE rating SET rated_games = $2, sigma = $3 WHERE bot_id = $1";
    await arena.rows(set, [unsure.botId, games, sigma + 0.1]);
    await arena.rows(set, [proven.botId, games, sigma]);
    await onBoard("o", 1_500);
    arena.now = new Date(NOW.getTime() + 31 * DAY_MS);
    await retireInactive(arena.platform);
    expect(letters((await newcomers(arena.platform, ["PIT"]))[0]!)).toBe("sn");
  });
});

/** A rated contest of two, ended now; the first wins. */
async function meet(one: ArenaBot, other: ArenaBot): Promise<void> {
  arena.now = new Date(arena.now.getTime() + 1_000);
  const { random, db } = arena.platform;
  const contestId = random.id(arena.now);
  const botIds = [one.botId, other.botId] as const;
  const made = { id: contestId, seed: random.bytes(32), characters: ["RONIN", "DEMON"], ladder: "PIT" } as const;
  const opened = { ...made, rated: true, origin: "RATED_QUEUE", sealed: false, botIds, entryIds: [] } as const;
  await db.transact((tx) => openContests(tx, [opened], arena.now));
  const placements = botIds.map((botId, side) => ({ botId, placement: side + 1 }));
  const ending = { contestId, ladder: "PIT", rated: true, recorded: true, status: "COMPLETED", placements } as const;
  await db.transact((tx) => finishContest(tx, arena.platform, ending));
}

describe("a bot that plays no rated contest for 30 days", () => {
  test("keeps its rating, leaves the board and its ranks, and returns with its next rated contest", async () => {
    const [idle, busy] = [await onBoard("i", 1_600), await onBoard("b", 1_500)];
    arena.now = new Date(NOW.getTime() + 20 * DAY_MS);
    await meet(busy, await onBoard("o", 1_000));
    const [last] = await arena.rows<{ at: Date }>("SELECT last_rated_at AS at FROM rating WHERE bot_id = $1", [
      idle.botId,
    ]);
    arena.now = new Date(last!.at.getTime() + 30 * DAY_MS);
    expect(await retireInactive(arena.platform)).toBe(0);
    arena.now = new Date(arena.now.getTime() + 1);
    expect(await retireInactive(arena.platform)).toBe(1);
    expect(letters((await board()).rows)).toBe("bo");
    const [kept] = await arena.rows<{ elo: number }>("SELECT elo FROM rating WHERE bot_id = $1", [idle.botId]);
    expect(kept?.elo).toBe(1_600);
    const { elo } = (await board()).rows[0]!;
    expect(await ranksOf(arena.platform, [{ ladder: "PIT", elo, botId: busy.botId }])).toEqual([1]);
    await meet(idle, busy);
    expect(letters((await board()).rows)).toBe("ibo");
  });

  test("and one that is archived leaves at once, and is counted no more", async () => {
    const bot = await onBoard("z", 1_600);
    const { bots } = await arenaTotals(arena.platform);
    await arena.rows("UPDATE bot SET archived_at = $2 WHERE id = $1", [bot.botId, arena.now]);
    expect((await board()).rows).toEqual([]);
    expect((await arenaTotals(arena.platform)).bots).toBe(bots - 1);
    const [left] = await arena.rows("SELECT COALESCE(sum(bots), 0)::int AS bots FROM rating_histogram");
    expect(left).toEqual({ bots: 0 });
  });

  test("and does not come back by a contest that it still was in", async () => {
    const [gone, other] = [await onBoard("g", 1_600), await onBoard("o", 1_500)];
    await arena.rows("UPDATE bot SET archived_at = $2 WHERE id = $1", [gone.botId, arena.now]);
    await meet(gone, other);
    expect(letters((await board()).rows)).toBe("o");
    const [kept] = await arena.rows<{ elo: number }>("SELECT elo FROM rating WHERE bot_id = $1", [gone.botId]);
    expect(kept?.elo).toBeGreaterThan(1_600);
  });
});

describe("a season", () => {
  const asked = (given: Partial<Page<SeasonKey>> = {}): Page<SeasonKey> => ({
    after: null,
    before: null,
    size: 20,
    backward: false,
    ...given,
  });
  const season = async (given: Partial<Page<SeasonKey>> = {}, month = "2026-11") =>
    (await seasonPages(arena.platform, ["PIT"], month, asked(given)))[0]!;
  const ranked = (rows: readonly { botId: string; rank: number }[]) =>
    rows.map(({ botId, rank }) => `${rank}${names.get(botId)}`).join(" ");
  const gain = (bot: ArenaBot, gained: number, month = "2026-11") =>
    arena.rows("INSERT INTO season_rating (ladder, season, bot_id, elo_gained, games) VALUES ('PIT', $2, $1, $3, 1)", [
      bot.botId,
      month,
      gained,
    ]);

  test("ranks by Elo gained, pages on and back with the same ranks, and leaves out who is provisional or archived", async () => {
    const gained: [string, number][] = [
      ["a", 90],
      ["b", 40],
      ["c", 40],
      ["d", -10],
      ["e", -40],
    ];
    for (const [letter, points] of gained) await gain(await onBoard(letter, 1_000), points);
    await gain(await onBoard("p", 1_000, { onBoard: false }), 200);
    const archived = await onBoard("z", 1_000);
    await gain(archived, 300);
    await arena.rows("UPDATE bot SET archived_at = now() WHERE id = $1", [archived.botId]);
    expect(ranked((await season()).rows)).toBe("1a 2b 3c 4d 5e");
    const first = await season({ size: 2 });
    const second = await season({ size: 2, after: first.rows[1]! });
    expect([ranked(first.rows), ranked(second.rows), second.hasNext]).toEqual(["1a 2b", "3c 4d", true]);
    const back = await season({ size: 2, before: second.rows[1]!, backward: true });
    expect([ranked(back.rows), back.hasPrevious]).toEqual(["2b 3c", true]);
  });

  test("is fed by rated contests of its month, and an inactive bot stays on the boards of its past", async () => {
    const [one, other] = [await onBoard("a", 1_000), await onBoard("b", 1_000)];
    await meet(one, other);
    const { rows } = await season();
    expect(rows.map(({ botId, eloGained, games }) => [names.get(botId), eloGained, games])).toEqual([
      ["a", 16, 1],
      ["b", -16, 1],
    ]);
    arena.now = new Date(NOW.getTime() + 40 * DAY_MS);
    await retireInactive(arena.platform);
    expect(ranked((await season()).rows)).toBe("1a 2b");
    expect((await season({}, "2027-01")).rows).toEqual([]);
  });

  test("is listed when somebody played in it, and the current one always", async () => {
    const bot = await onBoard("a", 1_000);
    for (const month of ["2026-08", "2026-10", "2025-12"]) await gain(bot, 1, month);
    await gain(await onBoard("b", 1_000), 1, "2026-10");
    expect(await seasonsOf(arena.platform, ["CODE", "PIT"])).toEqual([
      ["2026-11"],
      ["2026-11", "2026-10", "2026-08", "2025-12"],
    ]);
  });
});

test("the sparkline is Elo after the newest contests, oldest first, for many ratings at once", async () => {
  const [one, other] = [await onBoard("a", 1_000), await onBoard("b", 1_000)];
  for (let round = 0; round < 3; round++) await meet(one, other);
  const of = ({ botId }: ArenaBot) => ({ ladder: "PIT", botId });
  // 16, then 15 and 14: expected scores 0.546 and 0.587 (Elo 1978, K = 32).
  expect(await recentOf(arena.platform, [of(other), of(one), { ladder: "CODE", botId: one.botId }], 20)).toEqual([
    [984, 969, 956],
    [1_016, 1_031, 1_044],
    [],
  ]);
  expect(await recentOf(arena.platform, [of(one)], 2)).toEqual([[1_031, 1_044]]);
});

test("totals count what is made, in shards that a crowd of writers shares", async () => {
  const before = await arenaTotals(arena.platform);
  const bots = await Promise.all(Array.from({ length: 12 }, () => arena.newBot()));
  await Promise.all(bots.slice(0, 6).map((bot, index) => meet(bot, bots[index + 6]!)));
  const after = await arenaTotals(arena.platform);
  expect([after.bots - before.bots, after.contests - before.contests, after.live_now]).toEqual([12, 6, 0]);
  const [counted] = await arena.rows<{ contests: number; bots: number }>(
    "SELECT (SELECT count(*) FROM contest)::int AS contests, (SELECT count(*) FROM bot WHERE archived_at IS NULL)::int AS bots",
  );
  expect({ contests: after.contests, bots: after.bots }).toEqual(counted);
});
