import type { ContestOrigin } from "../ladder/rules/ladders.ts";
import { amountOf, north, shareOf, type Amount } from "../platform/money.ts";

/** OPEN takes bets; LOCKED holds them while the contest is played; then they were paid, or given back. */
export const POOL_STATUSES = ["OPEN", "LOCKED", "SETTLED", "REFUNDED"] as const;
export type PoolStatus = (typeof POOL_STATUSES)[number];

export const BET_STATUSES = ["ACTIVE", "WON", "LOST", "REFUNDED"] as const;
export type BetStatus = (typeof BET_STATUSES)[number];

export const REFUND_REASONS = ["NO_BETS", "NEVER_CLOSED", "NO_RESULT", "DRAW", "NOBODY_WON", "ONE_SIDED"] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

export const BET_REFUSALS = [
  "NO_POOL",
  "POOL_CLOSED",
  "NOT_A_PARTICIPANT",
  "CONFLICT_OF_INTEREST",
  "BET_TOO_SMALL",
  "BET_TOO_LARGE",
] as const;
export type BetRefusal = (typeof BET_REFUSALS)[number];

/** What one bet may be. */
export const BET_MIN = north(50_000);
const BET_MAX = north(10_000_000);
const EXHIBITION_BET_MAX = north(500_000);
/** The most that one bet may be: less where the opponents chose each other. */
export const betMaxOf = (exhibition: boolean): Amount => (exhibition ? EXHIBITION_BET_MAX : BET_MAX);
/** What the house keeps of a pool that is shared out, in per cent. */
export const POOL_RAKE_PERCENT = 3n;

/**
 * Whether a contest has a pool: RATED where strangers were paired, EXHIBITION where they chose each other, else none. Who
 * meets unrated in the rated queue is no stranger, or met the other too often.
 */
export function poolOf(
  { origin, rated, withHouse }: { origin: ContestOrigin; rated: boolean; withHouse: boolean },
  exhibitions: boolean,
): "RATED" | "EXHIBITION" | null {
  if (withHouse || (origin === "RATED_QUEUE" && !rated)) return null;
  if (origin === "RATED_QUEUE" || origin === "TOURNAMENT") return "RATED";
  return origin === "CALLOUT" && exhibitions ? "EXHIBITION" : null;
}

/** Why an amount is no bet; null when it is one. An exhibition's own limit is looked at where its pool is. */
export function refuseStake(amount: Amount): Extract<BetRefusal, "BET_TOO_SMALL" | "BET_TOO_LARGE"> | null {
  if (amount < BET_MIN) return "BET_TOO_SMALL";
  return amount > BET_MAX ? "BET_TOO_LARGE" : null;
}

/** Whether a pool takes one bet of this amount: what is estimated for others would be nothing, or no amount at all. */
export const isBet = (amount: Amount, exhibition: boolean): boolean =>
  amount >= BET_MIN && amount <= betMaxOf(exhibition);

/** What a pool leaves to share out. */
const shared = (total: Amount): Amount => amountOf(total - shareOf(total, POOL_RAKE_PERCENT, 100n));

/** What a bet of `amount` gets back if its bot wins, `total` and `backed` (on that bot) counting it. */
export function payoutOf({ total, backed }: { total: Amount; backed: Amount }, amount: Amount): Amount {
  // Only one side has bets: everybody gets the own one back.
  if (backed === total) return amount;
  return shareOf(shared(total), amount, backed);
}

/** What a bet of `amount` would get back if it were placed now and nobody else bet. */
export function estimateOf({ total, backed }: { total: Amount; backed: Amount }, amount: Amount): Amount {
  return payoutOf({ total: amountOf(total + amount), backed: amountOf(backed + amount) }, amount);
}

/** What 1 NORTH on a bot gets back if it wins, rounded down to hundredths, as "1.94"; null while nobody backs it. */
export function oddsOf({ total, backed }: { total: Amount; backed: Amount }): string | null {
  if (backed === 0n) return null;
  const hundredths = payoutOf({ total, backed }, amountOf(backed * 100n)) / backed;
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, "0")}`;
}

/** A bet as a pool's end finds it; `conflicted` by somebody who came to have an interest: it is given back, and does not count. */
type Placed = { botId: string; amount: Amount; conflicted?: boolean };
type Shares = { outcome: "SETTLED" | "REFUNDED"; payouts: Amount[]; rake: Amount };

/** How a pool ends, bet by bet: the model that the database's function is tested against. */
export function shareOut(bets: readonly Placed[], winner: string | null): Shares {
  const counted = bets.filter(({ conflicted }) => !conflicted);
  const total = sumOf(counted);
  const backed = sumOf(counted.filter(({ botId }) => botId === winner));
  if (winner === null || backed === 0n || backed === total)
    return { outcome: "REFUNDED", payouts: bets.map(({ amount }) => amount), rake: amountOf(0n) };
  const payouts = bets.map(({ botId, amount, conflicted }) => {
    if (conflicted) return amount;
    return botId === winner ? payoutOf({ total, backed }, amount) : amountOf(0n);
  });
  const paid = payouts.reduce((sum, amount) => sum + amount, 0n);
  return { outcome: "SETTLED", payouts, rake: amountOf(sumOf(bets) - paid) };
}

const sumOf = (bets: readonly Placed[]): Amount => amountOf(bets.reduce((sum, { amount }) => sum + amount, 0n));
