import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import { checkLedger, LEDGER_INVARIANTS } from "../../ledger/service/check.ts";
import { finishContest } from "../../ladder/service/contests.ts";
import { amountOf } from "../../platform/money.ts";
import { append, type Append } from "../../platform/streams.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { BETTING_INVARIANTS } from "./invariants.ts";
import { placeBet } from "./bets.ts";
import { lockPool, movePool, openPools, poolViews, settlePool } from "./pools.ts";

// What a round of several bots on another ladder than the Pit's does with a pool: nothing here is of fights.
const NORTH = 10n ** 18n;

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena.stop());

async function newBettor(): Promise<SignedIn> {
  const userId = crypto.randomUUID();
  await arena.rows("INSERT INTO app_user (id, handle, created_at) VALUES ($1, $2, $3)", [
    userId,
    `b${userId.slice(0, 8)}`,
    arena.now,
  ]);
  await arena.rows(
    `SELECT ledger_post(gen_random_uuid(), 'FAUCET', 'User:' || $1::uuid, 'grant ' || $1::uuid, NULL, NULL, $2,
       ARRAY['user:available', 'house:faucet'], ARRAY[$1::uuid, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[1e24, -1e24]::numeric[])`,
    [userId, arena.now],
  );
  return { kind: "session", userId, principal: `user:${userId}` } as SignedIn;
}
const balanceOf = async ({ userId }: SignedIn) =>
  BigInt(
    (await arena.rows<{ balance: string }>("SELECT balance FROM user_balance WHERE user_id = $1", [userId]))[0]
      ?.balance ?? "0",
  );

const tell = (appends: readonly Append[]) =>
  arena.platform.db.transact((tx) => append(tx, arena.platform.hub.publish, appends, arena.now));
const inTx = <T>(work: Parameters<typeof arena.platform.db.transact<T>>[0]) => arena.platform.db.transact(work);

/** A rated round of four that is announced: its pool is open. */
async function announced(): Promise<{ contestId: string; bots: ArenaBot[]; closesAt: Date }> {
  const contestId = crypto.randomUUID();
  const bots = [await arena.newBot(), await arena.newBot(), await arena.newBot(), await arena.newBot()];
  await arena.rows(
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at) VALUES ($1, 'QUAKE', 'ANNOUNCED', 'RATED_QUEUE', true, '', '', $2)`,
    [contestId, arena.now],
  );
  for (const [side, { botId }] of bots.entries())
    await arena.rows(
      `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character) VALUES ($1, $2, $3, 'QUAKE', 'RONIN')`,
      [contestId, side, botId],
    );
  const round = { contestId, origin: "RATED_QUEUE", rated: true, withHouse: false } as const;
  const closings = await inTx((tx) => openPools(tx, arena.platform, [round]));
  return { contestId, bots, closesAt: closings.get(contestId) as Date };
}
const begin = async (contestId: string) => {
  await arena.rows("UPDATE contest SET status = 'LIVE', started_at = $2 WHERE id = $1", [contestId, arena.now]);
  await tell(await inTx((tx) => lockPool(tx, arena.platform, contestId)));
};
const finish = (contestId: string, bots: readonly ArenaBot[], placements: readonly number[] | null) =>
  inTx((tx) =>
    finishContest(tx, arena.platform, {
      contestId,
      ladder: "QUAKE",
      rated: false,
      recorded: false,
      status: placements ? "COMPLETED" : "VOIDED",
      placements: placements ? bots.map(({ botId }, side) => ({ botId, placement: placements[side] ?? 4 })) : [],
    }),
  );
const bet = async (viewer: SignedIn, contestId: string, { botId }: ArenaBot, whole: bigint) =>
  placeBet(arena.platform, viewer, { contestId, botId, amount: amountOf(whole * NORTH) });
const broken = async () => {
  const { connectionString = "" } = arena.platform.db.pool.options as { connectionString?: string };
  return (await checkLedger(connectionString, [...LEDGER_INVARIANTS, ...BETTING_INVARIANTS])).filter(
    (each) => each.broken.length > 0,
  );
};
const told = async (contestId: string) =>
  (
    await arena.rows<{ type: string }>("SELECT type FROM stream_event WHERE stream = $1 ORDER BY seq", [
      `pool:${contestId}`,
    ])
  ).map(({ type }) => type);

test("a round of four on the Quake ladder takes bets until play begins, and its winner's backers are paid", async () => {
  const { contestId, bots, closesAt } = await announced();
  const [first, second] = bots as [ArenaBot, ArenaBot];
  const [ann, bob] = [await newBettor(), await newBettor()];
  expect(closesAt.getTime() - arena.now.getTime()).toBe(arena.platform.settings.poolOpenMs);
  expect(await bet(ann, contestId, first, 100_000n)).toMatchObject({ ok: true });
  // The players are late: play begins later, and the pool is open as long.
  const later = new Date(closesAt.getTime() + 5_000);
  await tell(await inTx((tx) => movePool(tx, arena.platform, contestId, later)));
  expect((await poolViews(arena.platform, [contestId]))[0]?.closesAt).toEqual(later);
  expect(await bet(bob, contestId, second, 100_000n)).toMatchObject({ ok: true });
  await begin(contestId);
  expect(await bet(bob, contestId, second, 100_000n)).toMatchObject({ code: "POOL_CLOSED" });
  expect(await settlePool(arena.platform, contestId)).toBe("NOTHING");
  await finish(contestId, bots, [1, 2, 3, 4]);
  expect([await settlePool(arena.platform, contestId), await settlePool(arena.platform, contestId)]).toEqual([
    "SETTLED",
    "NOTHING",
  ]);
  expect([await balanceOf(ann), await balanceOf(bob)]).toEqual([1_094_000n * NORTH, 900_000n * NORTH]);
  expect(await told(contestId)).toEqual(["PoolOpened", "PoolPostponed", "PoolLocked", "PoolSettled"]);
  expect(await broken()).toEqual([]);
});

test.each([
  ["two share the first place", [1, 1, 3, 4], true, "DRAW"],
  ["it is void", null, true, "NO_RESULT"],
  ["it never began", null, false, "NEVER_CLOSED"],
] as const)("everybody gets the own bets back when %s", async (_sentence, placements, begins, reason) => {
  const { contestId, bots } = await announced();
  const [ann, bob] = [await newBettor(), await newBettor()];
  await bet(ann, contestId, bots[0] as ArenaBot, 100_000n);
  await bet(bob, contestId, bots[1] as ArenaBot, 60_000n);
  if (begins) await begin(contestId);
  await finish(contestId, bots, placements);
  expect(await settlePool(arena.platform, contestId)).toBe("REFUNDED");
  expect((await poolViews(arena.platform, [contestId]))[0]).toMatchObject({ refundReason: reason, rake: 0n });
  expect([await balanceOf(ann), await balanceOf(bob)]).toEqual([1_000_000n * NORTH, 1_000_000n * NORTH]);
  expect(await broken()).toEqual([]);
});
