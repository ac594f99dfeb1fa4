import type { Tx } from "../../platform/database.ts";
import { holdLease, releaseLease, type Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import type { BattleEvent } from "../events.ts";
import { isOver, type BattleCommand, type BattleState } from "../rules/battle.ts";
import { lockHeldBattle, planOf } from "../store.ts";
import { battleOf, step, tell, type Beside, type LockedBattle } from "./steps.ts";

/** The lease has gone to another node, or the battle has ended meanwhile: whatever this run would write is written by nobody. */
export class RunEnded extends Error {
  override readonly name = "RunEnded";
}

export type Plan = Row<typeof planOf>;

/** A battle that this node works on, under a lease. Its writes go through here, and each checks the lease's fence and that no one has ended it. */
export type Run = {
  platform: Platform;
  battleId: string;
  lease: Lease;
  plan: Plan;
  /** Aborted when the lease is lost, the battle has ended or this node stops. */
  stop: AbortSignal;
  write<T>(work: (tx: Tx, battle: LockedBattle) => Promise<T>): Promise<T>;
  command(command: BattleCommand, beside?: Beside): Promise<BattleState>;
  tell(events: readonly BattleEvent[]): Promise<void>;
};

const RENEW_MS = 1_000;
export const leaseOf = (battleId: string) => `battle:${battleId}`;

/** Takes a battle's lease and works on it; null when another node has it. The lease is handed back in any case. */
export async function withRun(
  platform: Platform,
  { battleId, node, stop }: { battleId: string; node: string; stop: AbortSignal },
  work: (run: Run) => Promise<void>,
): Promise<boolean> {
  const { db } = platform;
  const lease = await holdLease(db, leaseOf(battleId), node);
  if (!lease) return false;
  const ended = new AbortController();
  const renewal = setInterval(() => void renew(platform, lease, battleId, ended), RENEW_MS);
  try {
    const [plan] = await db.query(planOf, [battleId]);
    if (plan) await work(runOf(platform, plan, { lease, stop: AbortSignal.any([stop, ended.signal]) }));
    return true;
  } finally {
    clearInterval(renewal);
    await releaseLease(db, lease).catch(() => undefined); // it expires by itself
  }
}

async function renew(platform: Platform, lease: Lease, battleId: string, ended: AbortController): Promise<void> {
  try {
    const held = await holdLease(platform.db, lease.name, lease.holder);
    const [plan] = await platform.db.query(planOf, [battleId]);
    const isDone = !plan || isOver({ phase: plan.phase as BattleState["phase"] });
    if (held?.fence !== lease.fence || (isDone && plan?.phase !== "COMPLETED"))
      ended.abort(new RunEnded(`the battle ${battleId} is not this node's any more`));
  } catch (error) {
    platform.log.warn({ err: error, battleId }, "the lease of a battle was not renewed");
  }
}

function runOf(platform: Platform, plan: Plan, { lease, stop }: { lease: Lease; stop: AbortSignal }): Run {
  const battleId = plan.id;
  const wasOver = isOver({ phase: plan.phase as BattleState["phase"] });
  const write: Run["write"] = (work) =>
    platform.db.transact(async (tx) => {
      stop.throwIfAborted();
      const [row] = await tx.query(lockHeldBattle, [battleId, lease.name, lease.fence]);
      if (!row) throw new RunEnded(`the lease of ${battleId} is lost`);
      const battle = battleOf(row);
      // Nothing is told behind a battle's end, but of a push, which begins there.
      if (isOver(battle.state) && !wasOver) throw new RunEnded(`the battle ${battleId} has ended`);
      return work(tx, battle);
    });
  const command: Run["command"] = (given, beside = {}) =>
    write(async (tx, battle) => {
      const stepped = await step(tx, platform, battle, given, { ...beside, fence: lease.fence });
      if (!stepped.ok) throw new RunEnded(`${given.type} is refused: ${stepped.refusal}`);
      return stepped.state;
    });
  return {
    ...{ platform, battleId, lease, plan, stop, write, command },
    tell: (events) => write((tx) => tell(tx, platform, battleId, events)),
  };
}
