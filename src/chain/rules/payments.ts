import type { Fees } from "./withdrawals.ts";

const BUMP_PERCENT = 125n;
const plusQuarter = (wei: bigint) => (wei * BUMP_PERCENT + 99n) / 100n;
const larger = (one: bigint, other: bigint) => (one > other ? one : other);

/**
 * Fees of an attempt that replaces the dearest one so far: a quarter more, or what the chain asks now when that is
 * more. Null when that is above the cap.
 */
export function bumped(dearest: Fees, asked: Fees, feeMaxWei: bigint): Fees | null {
  const maxFeeWei = larger(plusQuarter(dearest.maxFeeWei), asked.maxFeeWei);
  const priorityFeeWei = larger(plusQuarter(dearest.priorityFeeWei), asked.priorityFeeWei);
  return maxFeeWei > feeMaxWei ? null : { maxFeeWei: larger(maxFeeWei, priorityFeeWei), priorityFeeWei };
}

/** How often the hot wallet's nonce was used, as one endpoint says: in its newest block, and in its final one. */
export type NonceHeads = { latest: number; finalized: number };

/** A receipt of one of a withdrawal's attempts, on the endpoint's own chain. */
export type Receipt = { txHash: string; height: number; blockHash: string; paid: boolean; feeWei: bigint };

/** What the chain says of a nonce that was signed for. */
export type NonceVerdict =
  | { kind: "FINAL"; receipt: Receipt }
  /** Used in a final block, and by none of its attempts. */
  | { kind: "TAKEN" }
  /** In a block that may still vanish. */
  | { kind: "MINED" }
  | { kind: "OPEN" };

/** Judges a nonce by the receipts of all of its attempts. `finalHeight` is the endpoint's final block. */
export function judgeNonce(
  nonce: number,
  heads: NonceHeads,
  receipts: readonly Receipt[],
  finalHeight: number,
): NonceVerdict {
  const final = receipts.find(({ height }) => height <= finalHeight);
  if (final) return { kind: "FINAL", receipt: final };
  // A receipt above the final block, or an endpoint that has not indexed it yet: the next look tells.
  if (receipts.length > 0) return { kind: "MINED" };
  if (nonce < heads.finalized) return { kind: "TAKEN" };
  return nonce < heads.latest ? { kind: "MINED" } : { kind: "OPEN" };
}

/** What is to be done about an attempt whose nonce is open. */
export type Nudge = "SEND" | "REPLACE" | "WAIT";

/** `openMs` is since when its nonce was seen open; it begins anew when a block that had it vanishes. */
type Newest = Fees & { openMs: number; sentMs: number | null };

/** A while between two broadcasts of the same bytes. */
const RESEND_MS = 5_000;

/**
 * What to do about the newest attempt of an open nonce: give it to the chain (again), or sign another that pays more when it
 * cannot be mined at the present base fee, or, the next in line, has waited for too long.
 */
export function nudge(
  newest: Newest,
  { baseFeeWei, next, nowMs, stuckMs }: { baseFeeWei: bigint; next: boolean; nowMs: number; stuckMs: number },
): Nudge {
  const waitedMs = nowMs - newest.openMs;
  if (newest.sentMs === null || newest.sentMs < newest.openMs) return "SEND";
  if (waitedMs >= stuckMs && (next || newest.maxFeeWei < baseFeeWei)) return "REPLACE";
  return nowMs - newest.sentMs >= RESEND_MS ? "SEND" : "WAIT";
}

/** Why the hot wallet pays nothing until an operator has looked. */
export const STOP_REASONS = ["OPERATOR", "FOREIGN_TRANSACTION", "NONCE_TAKEN"] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Whether somebody else signs with the hot wallet's key: the chain has seen more of its nonces than were given out. */
export const isForeign = (latestNonce: number, nextNonce: number): boolean => latestNonce > nextNonce;
