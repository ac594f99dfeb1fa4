import type { BetStatus, PoolRefundReason, PoolStatus } from "../../generated/graphql.ts";
import type { Sides } from "./odds.ts";

/** A pool as the panel shows it. */
export type Pool = {
  status: PoolStatus;
  sides: Sides;
  closesAt: string;
  exhibition: boolean;
  /** What one bet may be. */
  betMin: bigint;
  betMax: bigint;
  rakePercent: bigint;
  refundReason: PoolRefundReason | null;
  history: readonly Tick[];
};

/** How the pool stood from an instant on. */
export type Tick = { at: string; sides: Sides };

/** One bet of the viewer. */
export type Bet = { id: string; side: 0 | 1; amount: bigint; status: BetStatus; payout: bigint | null };

/** Who fights, by side. */
export type Corner = { side: number; bot: { id: string; name: string; owner: { id: string } } };

/** Why everybody got theirs back. */
export const REFUNDS: Record<PoolRefundReason, string> = {
  NO_BETS: "Nobody had bet.",
  NEVER_CLOSED: "The fight ended before it began: all bets are given back.",
  NO_RESULT: "The fight ended without a result: all bets are given back.",
  DRAW: "A draw: all bets are given back.",
  NOBODY_WON: "Nobody had bet on the winner: all bets are given back.",
  ONE_SIDED: "All bets were on one side: they are given back.",
};
