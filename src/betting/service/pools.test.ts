import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshDatabase, whileCorrupt } from "../../../tests/harness/database.ts";
import { until } from "../../../tests/harness/until.ts";
import { checkLedger, LEDGER_INVARIANTS } from "../../ledger/service/check.ts";
import { amountOf } from "../../platform/money.ts";
import { shareOut } from "../rules.ts";
import { BETTING_INVARIANTS } from "./invariants.ts";

let database: { url: string; drop(): Promise<void> };
let db: pg.Pool;
const BETTORS = 12;
const users = Array.from({ length: BETTORS }, () => crypto.randomUUID());
const bots = Array.from({ length: 3 }, () => crypto.randomUUID());
const [owner, team] = [crypto.randomUUID(), crypto.randomUUID()];
const NOBODY = "00000000-0000-0000-0000-000000000000";

beforeAll(async () => {
  database = await freshDatabase();
  db = new pg.Pool({ connectionString: database.url, max: 8 });
  await db.query("INSERT INTO app_user (id, handle, created_at) VALUES ($1, 'owner', now())", [owner]);
  await db.query("INSERT INTO team (id, name, created_at) VALUES ($1, 'Owners', now())", [team]);
  for (const [index, id] of users.entries()) {
    await db.query("INSERT INTO app_user (id, handle, created_at) VALUES ($1, $2, now())", [id, `bettor${index}`]);
    await db.query(
      `SELECT ledger_post(gen_random_uuid(), 'FAUCET', 'User:' || $1::uuid, 'grant ' || $1::uuid, NULL, NULL, now(), ARRAY['user:available', 'house:faucet'], ARRAY[$1::uuid, $2::uuid], ARRAY[10::numeric ^ 33, -(10::numeric ^ 33)])`,
      [id, NOBODY],
    );
  }
  for (const [index, id] of bots.entries())
    await db.query("INSERT INTO bot (id, owner_id, name, created_at) VALUES ($1, $2, $3, now())", [
      id,
      owner,
      `Side_${index}`,
    ]);
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

type Placed = { user: number; bot: number; amount: bigint };

/** A contest of all three bots with its bets placed and closed, ended with the placements given; all on one connection. */
async function played(bets: readonly Placed[], placements: readonly number[]): Promise<string> {
  const contestId = crypto.randomUUID();
  await db.query(
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at) VALUES ($1, 'PIT', 'LIVE', 'RATED_QUEUE', true, '', '', now(), now())`,
    [contestId],
  );
  for (const [side, botId] of bots.entries())
    await db.query(
      `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character) VALUES ($1, $2, $3, 'PIT', 'RONIN')`,
      [contestId, side, botId],
    );
  await db.query(
    `INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at) VALUES ($1, 'OPEN', false, now(), now())`,
    [contestId],
  );
  for (const { user, bot, amount } of bets) {
    const values = [contestId, bots[bot], users[user], String(amount)];
    const { rows } = await db.query<{ outcome: string }>(
      `SELECT outcome FROM place_bet(gen_random_uuid(), gen_random_uuid(), $1::uuid, $2::uuid, $3::uuid, $4::numeric, now(), 0, 1000000)`,
      values,
    );
    expect(rows[0]?.outcome).toBe("PLACED");
  }
  await db.query("UPDATE bet_pool SET status = 'LOCKED', locked_at = now() WHERE contest_id = $1", [contestId]);
  for (const [side, placement] of placements.entries())
    await db.query("UPDATE contest_participant SET placement = $3 WHERE contest_id = $1 AND side = $2", [
      contestId,
      side,
      placement,
    ]);
  await db.query("UPDATE contest SET status = 'COMPLETED', ended_at = now() WHERE id = $1", [contestId]);
  return contestId;
}
const settle = async (contestId: string) =>
  (
    await db.query<{ outcome: string; total: string; rake: string; reason: string | null }>(
      "SELECT outcome, total, rake, reason FROM settle_pool($1::uuid, gen_random_uuid(), now(), 3)",
      [contestId],
    )
  ).rows[0];
/** Settles a pool while some bettors are in a team with the bots' owner, which nobody knew when they bet; then they leave it. */
async function settleAmong(contestId: string, mates: readonly string[]): ReturnType<typeof settle> {
  await db.query(
    "INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT $1, unnest($2::uuid[]), 'MEMBER', now() - interval '1 day'",
    [team, [owner, ...mates]],
  );
  const ended = await settle(contestId);
  await db.query(
    "WITH gone AS (DELETE FROM team_member RETURNING *) INSERT INTO team_member_past SELECT team_id, user_id, joined_at, clock_timestamp() FROM gone",
  );
  return ended;
}
const broken = async () =>
  (await checkLedger(database.url, [...LEDGER_INVARIANTS, ...BETTING_INVARIANTS]))
    .filter((each) => each.broken.length > 0)
    .map(({ name }) => name);

const bet = fc.record({
  user: fc.nat({ max: BETTORS - 1 }),
  bot: fc.nat({ max: 2 }),
  amount: fc.bigInt({ min: 1n, max: 10n ** 29n }),
});

test("the database shares out every pool as the model does, bet by bet", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(bet, { minLength: 1, maxLength: 25 }),
      fc.constantFrom([1, 2, 3], [2, 1, 3], [1, 1, 2]),
      fc.uniqueArray(fc.nat({ max: BETTORS - 1 }), { maxLength: 4 }),
      async (bets, placements, mates) => {
        const contestId = await played(bets, placements);
        const winner = placements.filter((each) => each === 1).length === 1 ? String(placements.indexOf(1)) : null;
        const expected = shareOut(
          bets.map(({ user, bot, amount }) => ({
            botId: String(bot),
            amount: amountOf(amount),
            conflicted: mates.includes(user),
          })),
          winner,
        );
        const ids = mates.map((user) => users[user] ?? "");
        const ended = await settleAmong(contestId, ids);
        expect(ended).toMatchObject({ outcome: expected.outcome, rake: String(expected.rake) });
        const { rows } = await db.query<{ amount: string; payout: string }>(
          "SELECT amount, payout FROM bet WHERE contest_id = $1 ORDER BY amount, payout",
          [contestId],
        );
        const owed = bets.map(({ amount }, index) => `${amount} ${expected.payouts[index]}`);
        expect(rows.map(({ amount, payout }) => `${amount} ${payout}`).toSorted()).toEqual(owed.toSorted());
      },
    ),
    { numRuns: 30 },
  );
  expect(await broken()).toEqual([]);
});

test("ten settle one pool at the same instant, and one of them does", async () => {
  const contestId = await played(
    [
      { user: 0, bot: 0, amount: 100n },
      { user: 1, bot: 1, amount: 200n },
    ],
    [1, 2, 3],
  );
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => settle(contestId)));
  expect(outcomes.filter((each) => each?.outcome === "SETTLED")).toHaveLength(1);
  expect(outcomes.filter((each) => each?.outcome === "NOTHING")).toHaveLength(9);
  const { rows } = await db.query("SELECT FROM journal WHERE key = $1", [`pool:${contestId}:emptied`]);
  expect(rows).toHaveLength(1);
});

const BET = `SELECT outcome FROM place_bet(gen_random_uuid(), gen_random_uuid(), $1::uuid, $2::uuid, $3::uuid, 7, now(), 0, 1000000)`;
const close = (contestId: string) =>
  db.query("SELECT closed FROM close_pool($1::uuid, clock_timestamp()) AS closed", [contestId]);
const reopened = async () => {
  const contestId = await played([], [1, 2, 3]);
  await db.query("UPDATE bet_pool SET status = 'OPEN', locked_at = NULL WHERE contest_id = $1", [contestId]);
  return contestId;
};
const totalOf = async (contestId: string) =>
  (await db.query<{ bets: number }>("SELECT count(*)::int AS bets FROM bet WHERE contest_id = $1", [contestId])).rows[0]
    ?.bets;

test("no bet commits after the close: whoever closes waits for the bets that are under way", async () => {
  const contestId = await reopened();
  const bettor = await db.connect();
  await bettor.query("BEGIN");
  await bettor.query(BET, [contestId, bots[0], users[0]]);
  let closed = false;
  const closing = close(contestId).then(() => (closed = true));
  await until(async () => {
    const { rows } = await db.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%close_pool%'",
    );
    return rows.length > 0 || closed;
  }, "the close to wait");
  expect(closed).toBe(false);
  await bettor.query("COMMIT");
  bettor.release();
  await closing;
  expect(await totalOf(contestId)).toBe(1);
  expect(await settle(contestId)).toMatchObject({ outcome: "REFUNDED", reason: "ONE_SIDED" });
});

test("a pool closes in the middle of a rush: bets that come later do not overtake the close", async () => {
  const contestId = await reopened();
  const rush = new pg.Pool({ connectionString: database.url, max: BETTORS });
  const giveUp = AbortSignal.timeout(10_000);
  let placed = 0;
  // Each bet is held open for a while, so that at any instant some are under way.
  const lane = async (user: string, index: number): Promise<string> => {
    const placing = `SELECT outcome FROM place_bet(gen_random_uuid(), gen_random_uuid(), '${contestId}', '${bots[index % 2]}', '${user}', 7, now(), 0, 1000000)`;
    while (!giveUp.aborted) {
      const results = await rush.query(`BEGIN; ${placing}; SELECT pg_sleep(0.02); COMMIT`);
      const { outcome } = (results as unknown as pg.QueryResult<{ outcome: string }>[])[1]?.rows[0] ?? { outcome: "" };
      if (outcome !== "PLACED") return outcome;
      placed++;
    }
    return "the close never came";
  };
  const lanes = users.map(lane);
  await until(async () => ((await totalOf(contestId)) ?? 0) > BETTORS * 2, "a rush");
  await close(contestId);
  expect(new Set(await Promise.all(lanes))).toEqual(new Set(["POOL_CLOSED"]));
  expect(await totalOf(contestId)).toBe(placed);
  await rush.end();
  expect(await settle(contestId)).toMatchObject({ outcome: "SETTLED" });
  expect(await broken()).toEqual([]);
}, 60_000);

const TABLES = ["bet", "bet_pool", "contest_participant"];
test("a void after the settlement takes the placements away, and the pool is still found sound", async () => {
  const contestId = await played(
    [
      { user: 0, bot: 0, amount: 100n },
      { user: 1, bot: 1, amount: 200n },
    ],
    [1, 2, 3],
  );
  expect(await settle(contestId)).toMatchObject({ outcome: "SETTLED" });
  await db.query("UPDATE contest_participant SET placement = NULL WHERE contest_id = $1", [contestId]);
  await db.query("UPDATE contest SET status = 'VOIDED' WHERE id = $1", [contestId]);
  expect(await settle(contestId)).toMatchObject({ outcome: "NOTHING" });
  expect(await broken()).toEqual([]);
});

describe("what is wrong with a pool is found:", () => {
  test.each<[string, (contestId: string) => string, string[]]>([
    [
      "a bet paid twice",
      (id) => `UPDATE bet SET payout = payout * 2 WHERE contest_id = '${id}' AND status = 'WON'`,
      ["POOLS_ARE_SHARED_OUT"],
    ],
    [
      "a bet that won and was not paid",
      (id) => `UPDATE bet SET payout = 0, status = 'LOST' WHERE contest_id = '${id}' AND status = 'WON'`,
      ["POOLS_ARE_SHARED_OUT"],
    ],
    [
      "a bet paid to the wrong user",
      (id) => `UPDATE bet SET user_id = '${users[5]}' WHERE contest_id = '${id}' AND status = 'WON'`,
      ["POOLS_ARE_SHARED_OUT"],
    ],
    [
      "a bet that was paid and is called lost",
      (id) => `UPDATE bet SET status = 'LOST' WHERE contest_id = '${id}' AND status = 'WON'`,
      ["POOLS_ARE_SHARED_OUT"],
    ],
    [
      "a bet that lost and is called given back",
      (id) => `UPDATE bet SET status = 'REFUNDED', payout = amount WHERE contest_id = '${id}' AND status = 'LOST'`,
      ["POOLS_ARE_SHARED_OUT"],
    ],
    [
      "the backers of another than the winner paid",
      (id) => `UPDATE contest_participant SET placement = 3 - placement WHERE contest_id = '${id}' AND placement < 3`,
      ["POOLS_ARE_SHARED_OUT"],
    ],
    [
      "a pool that ended on paper only",
      (id) => `UPDATE bet_pool SET status = 'LOCKED', ended_at = NULL WHERE contest_id = '${id}'`,
      ["POOLS_HOLD_BETS", "POOLS_ARE_SHARED_OUT"],
    ],
  ])("%s", async (_sentence, plant, found) => {
    const contestId = await played(
      [
        { user: 0, bot: 0, amount: 100n },
        { user: 1, bot: 1, amount: 200n },
      ],
      [1, 2, 3],
    );
    await settle(contestId);
    expect(await broken()).toEqual([]);
    expect(await whileCorrupt(database.url, TABLES, plant(contestId), broken)).toEqual(found);
    expect(await broken()).toEqual([]);
  });

  // Nothing that settles runs beside this test: what is planted is the hour alone.
  test.each([
    ["a pool that nobody settled for two minutes", "LOCKED", "2 minutes", ["SETTLEMENTS_ARE_IN_TIME"]],
    ["nor closed before", "OPEN", "2 minutes", ["SETTLEMENTS_ARE_IN_TIME"]],
    ["but not one whose settlement may still be on its way", "LOCKED", "30 seconds", []],
  ])("%s", async (_sentence, status, ago, found) => {
    const contestId = await played([{ user: 0, bot: 0, amount: 100n }], [1, 2, 3]);
    expect(await broken()).toEqual([]);
    const late = `UPDATE contest SET ended_at = now() - interval '${ago}' WHERE id = '${contestId}';
      UPDATE bet_pool SET status = '${status}' WHERE contest_id = '${contestId}'`;
    expect(await whileCorrupt(database.url, [...TABLES, "contest"], late, broken)).toEqual(found);
    await settle(contestId);
    expect(await broken()).toEqual([]);
  });
});
