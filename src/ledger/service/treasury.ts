import { unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { ACCOUNTS, openFrom, type AccountKind } from "../rules.ts";
import { accountSums, closeDays, openSince } from "../store/ledger.ts";

/** What lies on all accounts of each kind, in base units; they sum to zero. */
export type Treasury = Record<AccountKind, bigint>;

const BEFORE_ALL = new Date(0);

/** The sums of all accounts by kind: the closed days, and what came since. */
export async function treasuryOf({ db }: Pick<Platform, "db">): Promise<Treasury> {
  const [open] = await db.query(openSince, []);
  const rows = await db.query(accountSums, [open?.at ?? BEFORE_ALL]);
  const sums = new Map(rows.map(({ account, amount }) => [account, unitsOf(amount)]));
  return Object.fromEntries(ACCOUNTS.map((account) => [account, sums.get(account) ?? 0n])) as Treasury;
}

/** Daily job: sums up the days that are over, so that the treasury's totals cost a day's postings whatever their number. */
export async function closeLedgerDays({ db, clock }: Pick<Platform, "db" | "clock">): Promise<void> {
  await db.query(closeDays, [openFrom(clock.now())]);
}
