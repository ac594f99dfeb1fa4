import { audit } from "../../identity/service/accounts.ts";
import type { Announced } from "../../ladder/events.ts";
import type { Tx } from "../../platform/database.ts";
import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { append, type Append } from "../../platform/streams.ts";
import { oddsTopic, toPool, type PoolEvent } from "../events.ts";
import { POOL_RAKE_PERCENT, poolOf, type PoolStatus, type RefundReason } from "../rules.ts";
import {
  backedOf,
  betsBetween,
  closePool,
  insertPools,
  movePoolRow,
  poolsOf,
  settlePoolRow,
  stepsOf,
} from "../store.ts";

/** Opens the pools of new contests in the caller's transaction; gives when each closes. A setting of 0 opens none. */
export async function openPools(
  tx: Tx,
  { clock, hub, settings }: Platform,
  contests: readonly Announced[],
): Promise<Map<string, Date>> {
  if (settings.poolOpenMs === 0) return new Map();
  const pools = contests.flatMap((contest) => {
    const kind = poolOf(contest, settings.exhibitionPools);
    return kind ? [{ contest_id: contest.contestId, exhibition: kind === "EXHIBITION" }] : [];
  });
  if (pools.length === 0) return new Map();
  const at = clock.now();
  const closesAt = new Date(at.getTime() + settings.poolOpenMs);
  await tx.query(insertPools, [JSON.stringify(pools), at, closesAt]);
  const opened = pools.map(({ contest_id, exhibition }) =>
    toPool(contest_id, { type: "PoolOpened", exhibition, closesAt: closesAt.toISOString() }),
  );
  await append(tx, hub.publish, opened, at);
  return new Map(pools.map(({ contest_id }) => [contest_id, closesAt]));
}

/** Keeps a pool open for longer, in the transaction that moves the start of play; gives what is to be told. */
export async function movePool(tx: Tx, { hub }: Platform, contestId: string, closesAt: Date): Promise<Append[]> {
  const moved = await tx.query(movePoolRow, [contestId, closesAt]);
  if (moved.length === 0) return [];
  tx.afterCommit(() => hub.touch(oddsTopic(contestId)));
  return [toPool(contestId, { type: "PoolPostponed", closesAt: closesAt.toISOString() })];
}

/** Closes a pool in the transaction that begins play; gives what is to be told. */
export async function lockPool(tx: Tx, { clock, hub }: Platform, contestId: string): Promise<Append[]> {
  const [pool] = await tx.query(closePool, [contestId, clock.now()]);
  if (!pool?.closed) return [];
  // A statement of its own, so that it sees the bets for which the one before has waited.
  const rows = await tx.query(backedOf, [[contestId]]);
  const backed = rows.map(({ bot_id: botId, amount }) => ({ botId, amount: unitsOf(amount).toString() }));
  const total = backed.reduce((sum, { amount }) => sum + BigInt(amount), 0n).toString();
  tx.afterCommit(() => hub.touch(oddsTopic(contestId)));
  return [toPool(contestId, { type: "PoolLocked", total, backed })];
}

/** Shares out, or gives back, the pool of a contest that has ended: once, however often and from how many nodes it is asked for. */
export function settlePool(platform: Platform, contestId: string): Promise<"SETTLED" | "REFUNDED" | "NOTHING"> {
  const { db, clock, hub, random } = platform;
  return db.transact(async (tx) => {
    const at = clock.now();
    const [ended] = await tx.query(settlePoolRow, [contestId, random.id(at), at, Number(POOL_RAKE_PERCENT)]);
    if (!ended || ended.outcome === "NOTHING") return "NOTHING";
    const total = ended.total ?? "0";
    const event: PoolEvent =
      ended.outcome === "SETTLED"
        ? settledOf(ended)
        : { type: "PoolRefunded", reason: ended.reason as RefundReason, total };
    await auditConflicts(tx, platform, contestId, ended.conflicted ?? []);
    await append(tx, hub.publish, [toPool(contestId, event)], at);
    tx.afterCommit(() => hub.touch(oddsTopic(contestId)));
    return ended.outcome as "SETTLED" | "REFUNDED";
  });
}

function settledOf({ winner, total, rake, given_back: givenBack }: Row<typeof settlePoolRow>): PoolEvent {
  return {
    type: "PoolSettled",
    winnerBotId: winner ?? "",
    total: total ?? "0",
    rake: rake ?? "0",
    givenBack: givenBack ?? "0",
  };
}

/** Who bet and came to have an interest got the bets back; operators can see it. */
async function auditConflicts(
  tx: Tx,
  platform: Platform,
  contestId: string,
  userIds: readonly string[],
): Promise<void> {
  for (const userId of userIds)
    await audit(platform, tx, {
      actorId: null,
      principal: "betting",
      action: "bet.conflict-refunded",
      subject: `user:${userId}`,
      reason: `contest:${contestId}`,
    });
}

/** Whether bets stand between a person and a team's members: the one who joined would have an interest in them. */
export async function haveBetsBetween(tx: Tx, teamId: string, userId: string): Promise<boolean> {
  const [found] = await tx.query(betsBetween, [teamId, userId]);
  return found?.stand ?? false;
}

/** What lies on one participant. */
export type Backed = { botId: string; amount: Amount; bets: number };

/** A pool as it stands. */
export type PoolView = {
  contestId: string;
  status: PoolStatus;
  exhibition: boolean;
  openedAt: Date;
  closesAt: Date;
  lockedAt: Date | null;
  endedAt: Date | null;
  winnerBotId: string | null;
  rake: Amount;
  refundReason: RefundReason | null;
  total: Amount;
  backed: Backed[];
};

/** The pools of many contests, null where there is none, in two statements. */
export async function poolViews({ db }: Platform, contestIds: readonly string[]): Promise<(PoolView | null)[]> {
  const [pools, rows] = await Promise.all([db.query(poolsOf, [contestIds]), db.query(backedOf, [contestIds])]);
  const byContest = Map.groupBy(rows, ({ contest_id }) => contest_id);
  const views = new Map(pools.map((pool) => [pool.contest_id, viewOf(pool, byContest.get(pool.contest_id) ?? [])]));
  return contestIds.map((id) => views.get(id) ?? null);
}

function viewOf(pool: Row<typeof poolsOf>, rows: Row<typeof backedOf>[]): PoolView {
  const backed = rows.map(({ bot_id: botId, amount, bets }) => ({ botId, amount: amountOf(unitsOf(amount)), bets }));
  return {
    contestId: pool.contest_id,
    status: pool.status as PoolStatus,
    exhibition: pool.exhibition,
    openedAt: pool.opened_at,
    closesAt: pool.closes_at,
    lockedAt: pool.locked_at,
    endedAt: pool.ended_at,
    winnerBotId: pool.winner_id,
    rake: amountOf(unitsOf(pool.rake)),
    refundReason: pool.refund_reason as RefundReason | null,
    total: amountOf(backed.reduce((sum, { amount }) => sum + amount, 0n)),
    backed,
  };
}

/** What lay on each participant at an instant. */
export type OddsStep = { at: Date; total: Amount; backed: Backed[] };

/** The odds of many contests in steps of 250 ms, oldest first, from the committed bets. */
export async function oddsHistories({ db }: Platform, contestIds: readonly string[]): Promise<OddsStep[][]> {
  const steps = Map.groupBy(await db.query(stepsOf, [contestIds]), ({ contest_id }) => contest_id);
  return contestIds.map((id) => historyIn(steps.get(id) ?? []));
}

function historyIn(rows: Row<typeof stepsOf>[]): OddsStep[] {
  const lying = new Map<string, Backed>();
  return [...Map.groupBy(rows, ({ at }) => at.getTime())].map(([at, moved]) => {
    for (const { bot_id: botId, amount } of moved) {
      const before = lying.get(botId);
      lying.set(botId, { botId, amount: amountOf((before?.amount ?? 0n) + unitsOf(amount)), bets: 0 });
    }
    const backed = [...lying.values()];
    return { at: new Date(at), total: amountOf(backed.reduce((sum, each) => sum + each.amount, 0n)), backed };
  });
}
