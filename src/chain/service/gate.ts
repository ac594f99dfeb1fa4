import { CONTEST_KINDS } from "../../ledger/rules.ts";
import type { Tx } from "../../platform/database.ts";
import { unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { firstIdAt } from "../../platform/random.ts";
import { withdrawableOf, type Rests } from "../rules/deposits.ts";
import { freeze, freezes, restsOf } from "../store/deposits.ts";
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

/** What a user has, and what of it may not leave yet. */
export async function restsFor(
  tx: Reading,
  { clock, settings }: Pick<Platform, "clock" | "settings">,
  userId: string,
): Promise<Rests> {
  const since = firstIdAt(new Date(clock.now().getTime() - settings.withdrawalWinningsWaitMs));
  const [row] = await tx.query(restsOf, [userId, since, CONTEST_KINDS]);
  if (!row) throw new Error("a statement without a table gave no row");
  return { has: unitsOf(row.has), notFinal: unitsOf(row.not_final), won: unitsOf(row.won) };
}

/** What a user could withdraw now, limits apart. */
export const withdrawableFor = async (platform: Platform, userId: string): Promise<Amount> =>
  withdrawableOf(await restsFor(platform.db, platform, userId));
