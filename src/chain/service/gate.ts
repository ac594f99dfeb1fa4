import { balancesFor } from "../../ledger/service/balances.ts";
import type { Tx } from "../../platform/database.ts";
import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { withdrawableOf } from "../rules/deposits.ts";
import { freeze, freezes, notFinalOf } from "../store/deposits.ts";
import { stoppedByOperator } from "../store/withdrawals.ts";

type Reading = Pick<Tx, "query">;

/** Why the arena holds all withdrawals back by itself until an operator has looked. */
export const FREEZE_REASONS = ["DEPOSIT_REVERSED", "SHORTFALL"] as const;
export type FreezeReason = (typeof FREEZE_REASONS)[number];
/** A freeze that stands: why, what was seen, and since when. */
export type Freeze = { reason: FreezeReason; detail: string; since: Date };

/** The freezes that stand, oldest first. */
export const freezesNow = async (tx: Reading): Promise<Freeze[]> =>
  (await tx.query(freezes, [])).map((row) => ({ ...row, reason: row.reason as FreezeReason }));

/** Whether all withdrawals are held back: none is taken, none signed, and what was signed and not sent stays here. */
export const withdrawalsFrozen = async (tx: Reading): Promise<boolean> =>
  (await tx.query(freezes, [])).length > 0 || (await tx.query(stoppedByOperator, [])).length > 0;

/** Holds all withdrawals back from the commit on; operators are told once for each reason. */
export async function freezeWithdrawals(
  tx: Tx,
  { clock, log }: Pick<Platform, "clock" | "log">,
  { reason, detail }: { reason: FreezeReason; detail: string },
): Promise<void> {
  const [frozen] = await tx.query(freeze, [reason, detail, clock.now()]);
  if (frozen)
    tx.afterCommit(() => log.error({ alarm: reason, detail }, "withdrawals are frozen until an operator lifts it"));
}

/** How much of a user's money may leave; null for all of it. What rests on deposits that are not final may not. */
export async function withdrawable(tx: Reading, userId: string): Promise<Amount | null> {
  const [row] = await tx.query(notFinalOf, [userId]);
  return row ? withdrawableOf(unitsOf(row.has), unitsOf(row.not_final)) : null;
}

/** What a user could withdraw now, limits apart. */
export async function withdrawableFor(platform: Platform, userId: string): Promise<Amount> {
  const final = await withdrawable(platform.db, userId);
  if (final !== null) return final;
  const [balances] = await balancesFor(platform, [userId]);
  return balances?.["user:available"] ?? amountOf(0n);
}
