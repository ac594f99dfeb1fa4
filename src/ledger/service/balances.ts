import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import type { UserAccount } from "../rules.ts";
import { totalsIn, type Moved, type Totals } from "../rules.ts";
import { balancesOf, totalsOf } from "../store/ledger.ts";

/** What a user has: to spend, and held for withdrawals under way. */
export type Balances = Record<UserAccount, Amount>;

/** What each of many users has, in one statement. */
export async function balancesFor({ db }: Platform, userIds: readonly string[]): Promise<Balances[]> {
  const rows = await db.query(balancesOf, [userIds]);
  const found = new Map(rows.map(({ account, user_id, balance }) => [`${account} ${user_id}`, unitsOf(balance)]));
  const of = (account: UserAccount, userId: string) => amountOf(found.get(`${account} ${userId}`) ?? 0n);
  return userIds.map((userId) => ({
    "user:available": of("user:available", userId),
    "user:held": of("user:held", userId),
  }));
}

/** What each of many users put in, took out, staked and won so far, in one statement. */
export async function totalsFor({ db }: Platform, userIds: readonly string[]): Promise<Totals[]> {
  const rows = Map.groupBy(await db.query(totalsOf, [userIds]), ({ user_id }) => user_id);
  return userIds.map((userId) =>
    totalsIn((rows.get(userId) ?? []).map((row) => ({ ...row, amount: unitsOf(row.amount) }) as Moved)),
  );
}
