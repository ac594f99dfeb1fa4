import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const NAMES = ["Brd_A", "Brd_B", "brd_C", "Other_D", "Other_E"];

let app: App;
let key: string;
const ids: Record<string, string> = {};
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_ROUND_PAUSE_MS: 20 });
  ({ key } = await newPerson(app.url));
  for (const name of NAMES) ids[name] = await newBot(app.url, key, name);
  const { pool } = app.platform.db;
  // A board that only months of play would make: 1300, 1200, 1200, 1100, 1000 in the order of names.
  await pool.query(
    `INSERT INTO rating (ladder, bot_id, elo, rated_games, sigma, on_board, last_rated_at)
     SELECT 'PIT', b.id, (ARRAY[1300, 1200, 1200, 1100, 1000])[n], 20, 2, true, now() FROM unnest($1::text[]) WITH ORDINALITY AS g(name, n) JOIN bot b ON b.name = g.name`,
    [NAMES],
  );
  await pool.query(
    `INSERT INTO season_rating SELECT 'PIT', s.season, r.bot_id, (r.elo - 1100) / s.part, 3 FROM rating r, (VALUES ('2026-08', 1), ('2026-10', -1)) s(season, part)`,
  );
});
afterAll(() => app.stop());

type Tree = { [key: string]: Tree } & { name: string; rank: number; elo: number };
/** The answer's data; its errors fail the test. */
async function read<T = Tree>(query: string, variables: object = {}): Promise<T> {
  const { data, errors } = await ask(app.url, query, variables);
  expect(errors).toBeUndefined();
  return data as unknown as T;
}
async function refusalOf(query: string, variables: object = {}) {
  const { errors } = await ask(app.url, query, variables);
  return [errors?.[0]?.extensions?.["code"], errors?.[0]?.extensions?.["path"]];
}
type Row = { rank: number; bot: { name: string } };
type Page<R> = { nodes: R[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
const ranked = (rows: readonly Row[]) => rows.map(({ rank, bot }) => `${rank} ${bot.name}`);

describe("the board of a ladder", () => {
  const board = async (args: string) =>
    (
      await read<{ ladder: { leaderboard: Page<Row> } }>(
        `{ ladder(kind: PIT) { leaderboard${args} { nodes { rank bot { name } } pageInfo { endCursor hasNextPage } } } }`,
      )
    ).ladder.leaderboard;

  test("is searched by the beginning of a name, whatever its case; ranks stay those of the whole board", async () => {
    expect(ranked((await board(`(search: "BRD_")`)).nodes)).toEqual(["1 Brd_A", "2 Brd_B", "3 brd_C"]);
    const first = await board(`(search: "other", first: 1)`);
    expect([ranked(first.nodes), first.pageInfo.hasNextPage]).toEqual([["4 Other_D"], true]);
    const second = await board(`(search: "other", first: 1, after: "${first.pageInfo.endCursor}")`);
    expect([ranked(second.nodes), second.pageInfo.hasNextPage]).toEqual([["5 Other_E"], false]);
    expect(ranked((await board("(last: 2)")).nodes)).toEqual(["4 Other_D", "5 Other_E"]);
  });

  test.each([
    ['(search: "")', "BAD_INPUT"],
    ['(search: "a%")', "BAD_INPUT"],
    ['(search: "abcdefghijklmnop")', "BAD_INPUT"],
    ["(first: 1, last: 1)", "BAD_INPUT"],
    ['(after: "bm90IGEga2V5")', "INVALID_CURSOR"],
    ["(first: 101)", "PAGE_TOO_LARGE"],
  ])("refuses %s by name", async (args, code) => {
    expect((await refusalOf(`{ ladder(kind: PIT) { leaderboard${args} { nodes { elo } } } }`))[0]).toBe(code);
  });

  test("shows a bot among its neighbours", async () => {
    const near = async (name: string, each: number) =>
      (
        await read<{ ladder: { around: Row[] } }>(
          "query($id: ID!, $each: Int) { ladder(kind: PIT) { around(botId: $id, each: $each) { rank bot { name } } } }",
          { id: ids[name], each },
        )
      ).ladder.around;
    expect(ranked(await near("brd_C", 1))).toEqual(["2 Brd_B", "3 brd_C", "4 Other_D"]);
    expect(ranked(await near("Brd_A", 0))).toEqual(["1 Brd_A"]);
    const query = "query($id: ID!) { ladder(kind: PIT) { around(botId: $id, each: 26) { elo } } }";
    expect(await refusalOf(query, { id: ids["Brd_A"] })).toEqual(["BAD_INPUT", ["each"]]);
  });
});

test("a season's board ranks by what was gained in it, and a malformed month is refused", async () => {
  type Standing = { rank: number; eloGained: number; games: number; bot: { name: string } };
  const { ladder } = await read<{ ladder: { season: string; seasons: string[]; seasonBoard: Page<Standing> } }>(
    `{ ladder(kind: PIT) { season seasons seasonBoard(season: "2026-10", first: 2) { nodes { rank eloGained games bot { name } } pageInfo { endCursor hasNextPage } } } }`,
  );
  expect(ladder.season).toBe(new Date().toISOString().slice(0, 7));
  expect(ladder.seasons).toEqual([ladder.season, "2026-10", "2026-08"]);
  expect(ladder.seasonBoard.nodes.map(({ rank, eloGained, games, bot }) => [rank, eloGained, games, bot.name])).toEqual(
    [
      [1, 100, 3, "Other_E"],
      [2, 0, 3, "Other_D"],
    ],
  );
  const next = await read<{ ladder: { seasonBoard: Page<Row> } }>(
    `query($after: String) { ladder(kind: PIT) { seasonBoard(season: "2026-10", first: 2, after: $after) { nodes { rank bot { name } } } } }`,
    { after: ladder.seasonBoard.pageInfo.endCursor },
  );
  expect(ranked(next.ladder.seasonBoard.nodes)).toEqual(["3 Brd_B", "4 brd_C"]);
  for (const season of ["2026-13", "2026", "now", ""])
    expect(await refusalOf(`{ ladder(kind: PIT) { seasonBoard(season: "${season}") { nodes { rank } } } }`)).toEqual([
      "BAD_INPUT",
      ["season"],
    ]);
});

describe("a bot that waits", () => {
  type Waits = Record<
    string,
    { queueEntry: { position: number | null; waitedForMs: number; estimatedWaitMs: number | null } | null }
  >;
  const waits = (names: readonly string[]) =>
    read<Waits>(
      `{ ${names.map((name) => `${name}: bot(name: "${name}") { queueEntry { position waitedForMs estimatedWaitMs } }`).join(" ")} }`,
    );

  test("sees its place, its wait and what others have waited", async () => {
    const strangers = await Promise.all([newPerson(app.url), newPerson(app.url)]);
    for (const [index, { key: theirs }] of strangers.entries()) {
      const botId = await newBot(app.url, theirs, `Stranger_${index}`);
      await mutate(app.url, theirs, "joinQueue", { botId, ladder: "PIT_SLOW" });
    }
    const entryNow = async () => (await waits(["Stranger_0"]))["Stranger_0"]?.queueEntry;
    // Its match may come while an answer is put together: what is read after that is of one piece.
    await until(async () => (await entryNow())?.position === null, "the match");
    const matched = await entryNow();
    const again = await entryNow();
    expect([again?.waitedForMs, again?.estimatedWaitMs]).toEqual([matched?.waitedForMs, null]);
    const late = await newPerson(app.url);
    await mutate(app.url, late.key, "joinQueue", {
      botId: await newBot(app.url, late.key, "Late"),
      ladder: "PIT_SLOW",
    });
    const { Late: estimate } = await waits(["Late"]);
    expect(estimate?.queueEntry).toMatchObject({ position: 1, estimatedWaitMs: expect.any(Number) as number });
  });
});

test("two bots have a record against each other, seen from both sides, and none against themselves", async () => {
  const rival = await newPerson(app.url);
  const other = await newBot(app.url, rival.key, "Rival");
  await mutate(app.url, key, "enterPit", { botId: ids["Other_E"] });
  await mutate(app.url, rival.key, "enterPit", { botId: other });
  for (const loser of [key, key, rival.key]) {
    const made = await mutate(
      app.url,
      key,
      "createCallout",
      { botId: ids["Other_E"], targetId: other },
      "callout { id }",
    );
    const calloutId = (made["callout"] as unknown as { id: string }).id;
    const accepted = await mutate(app.url, rival.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
    const fightId = (accepted["callout"] as unknown as { fight: { id: string } }).fight.id;
    await mutate(app.url, loser, "concedeFight", { botId: loser === key ? ids["Other_E"] : other, fightId });
  }
  const query = `query($one: ID!, $two: ID!) { e: bot(name: "other_e") { headToHead(opponentId: $two) { contests wins draws losses } self: headToHead(opponentId: $one) { contests } }
    rival: bot(name: "Rival") { headToHead(opponentId: $one) { contests wins draws losses } } none: bot(name: "Brd_A") { headToHead(opponentId: $two) { contests } } }`;
  expect(await read(query, { one: ids["Other_E"], two: other })).toEqual({
    e: { headToHead: { contests: 3, wins: 1, draws: 0, losses: 2 }, self: null },
    rival: { headToHead: { contests: 3, wins: 2, draws: 0, losses: 1 } },
    none: { headToHead: { contests: 0 } },
  });
});

describe("fights", () => {
  type Fights = { fights: Page<{ id: string; status: string }> };
  const list = (args: string) =>
    read<Fights>(`{ fights${args} { nodes { id status } pageInfo { endCursor hasNextPage } } }`).then(
      ({ fights }) => fights,
    );

  test("are listed by bot, by name or id, by status and by ladder, newest first, a page at a time", async () => {
    const all = await list(`(filterBy: { bot: "RIVAL" })`);
    expect(all.nodes.map(({ status }) => status)).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
    const newest = all.nodes.map(({ id }) => id);
    expect(newest).toEqual(newest.toSorted().toReversed());
    expect((await list(`(filterBy: { bot: "${ids["Other_E"]}", status: COMPLETED, ladder: PIT })`)).nodes).toEqual(
      all.nodes,
    );
    expect((await list(`(filterBy: { bot: "Rival", status: LIVE })`)).nodes).toEqual([]);
    expect((await list(`(filterBy: { bot: "Rival", ladder: PIT_SLOW })`)).nodes).toEqual([]);
    expect((await list(`(filterBy: { bot: "Nobody" })`)).nodes).toEqual([]);
    const first = await list(`(first: 2, filterBy: { bot: "Rival" })`);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = await list(`(filterBy: { bot: "Rival" }, after: "${first.pageInfo.endCursor}")`);
    expect([...first.nodes, ...rest.nodes]).toEqual(all.nodes);
  });

  test("and contests page backwards, too", async () => {
    const query = (args: string) =>
      read<{ contests: Page<{ id: string }> & { pageInfo: { startCursor: string; hasPreviousPage: boolean } } }>(
        `{ contests${args} { nodes { id } pageInfo { startCursor hasPreviousPage } } }`,
      ).then(({ contests }) => contests);
    const all = (await query("(status: COMPLETED)")).nodes;
    const end = await query("(status: COMPLETED, last: 2)");
    expect([end.nodes, end.pageInfo.hasPreviousPage]).toEqual([all.slice(-2), true]);
    const before = await query(`(status: COMPLETED, last: 1, before: "${end.pageInfo.startCursor}")`);
    expect(before.nodes).toEqual(all.slice(-3, -2));
  });

  test.each([
    [`{ fights(filterBy: { bot: "no name!" }) { nodes { id } } }`, ["BAD_INPUT", ["filterBy", "bot"]]],
    [`{ fights(filterBy: { ladder: QUAKE }) { nodes { id } } }`, ["BAD_INPUT", ["filterBy", "ladder"]]],
    [`{ fights(first: 1) { nodes { events(first: 0) { nodes { seq } } } } }`, ["BAD_INPUT", ["first"]]],
    [
      `{ fights(first: 1) { nodes { events(after: "bm90IGEgY3Vyc29y") { nodes { seq } } } } }`,
      ["INVALID_CURSOR", ["after"]],
    ],
  ])("refuse %s by name", async (query, refusal) => expect(await refusalOf(query)).toEqual(refusal));
});

test("totals and a sparkline are read with everything else", async () => {
  const { arenaStats, bot } = await read<{
    arenaStats: Record<string, number>;
    bot: { ratings: { recent: number[] }[] };
  }>(`{ arenaStats { contests bots liveNow waiting } bot(name: "Brd_A") { ratings { recent(last: 5) } } }`);
  const { rows } = await app.platform.db.pool.query(
    `SELECT (SELECT count(*) FROM contest)::int AS contests, (SELECT count(*) FROM bot WHERE archived_at IS NULL)::int AS bots,
       (SELECT count(*) FROM contest WHERE status = 'LIVE')::int AS "liveNow", (SELECT count(*) FROM queue_entry WHERE status = 'WAITING')::int AS waiting`,
  );
  expect(arenaStats).toEqual(rows[0]);
  expect(bot.ratings.map(({ recent }) => recent)).toEqual([[]]);
  expect(await refusalOf(`{ bot(name: "Brd_A") { ratings { recent(last: 101) } } }`)).toEqual(["BAD_INPUT", ["last"]]);
});
