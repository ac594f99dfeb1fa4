import { amountOf, north, type Amount } from "../../platform/money.ts";

/** RESERVED is held, SIGNED has bytes and a nonce, SENT was given to the chain; the others are ends. */
export const WITHDRAWAL_STATUSES = ["RESERVED", "SIGNED", "SENT", "CONFIRMED", "FAILED", "CANCELLED"] as const;
export type WithdrawalStatus = (typeof WITHDRAWAL_STATUSES)[number];

/** The most that an attempt pays for gas, and what it gives a block's maker to be taken. */
export type Fees = { maxFeeWei: bigint; priorityFeeWei: bigint };
export type Attempt = Fees & { txHash: string };

/** A withdrawal by where it stands. All attempts of one have its nonce: the chain takes one of them at most. */
export type WithdrawalState =
  | { status: "RESERVED" }
  | { status: "SIGNED" | "SENT"; nonce: number; attempts: readonly Attempt[] }
  | { status: "CONFIRMED" | "FAILED"; nonce: number; txHash: string; feeWei: bigint }
  | { status: "CANCELLED" };

export type WithdrawalCommand =
  | { type: "SIGN"; nonce: number; attempt: Attempt }
  /** An endpoint knows one of its attempts. */
  | { type: "SEND" }
  /** Another attempt of the same nonce, at higher fees. */
  | { type: "REPLACE"; attempt: Attempt }
  /** A final block has one of its attempts; `paid` when that did what it should. */
  | { type: "MINED"; txHash: string; paid: boolean; feeWei: bigint }
  /** A final block has its nonce with a transaction that is none of its attempts: they can never be mined. */
  | { type: "BURN" }
  | { type: "CANCEL" };

export const STEP_REFUSALS = [
  "CANNOT_CANCEL",
  "NOT_RESERVED",
  "NOT_SIGNED",
  "FOREIGN_TRANSACTION",
  "FEES_TOO_LOW",
] as const;
export type StepRefusal = (typeof STEP_REFUSALS)[number];
/** What becomes of the held money with a step. */
export type Settled = "PAID" | "RELEASED" | null;
export type Step = { ok: true; state: WithdrawalState; settled: Settled } | { ok: false; refusal: StepRefusal };

const to = (state: WithdrawalState, settled: Settled = null): Step => ({ ok: true, state, settled });
const no = (refusal: StepRefusal): Step => ({ ok: false, refusal });

/** Nodes take a replacement that pays a tenth more at least on both fees. */
const REPLACES_FROM_PERCENT = 110n;
const replaces = (old: Fees, fresh: Fees) =>
  fresh.maxFeeWei * 100n >= old.maxFeeWei * REPLACES_FROM_PERCENT &&
  fresh.priorityFeeWei * 100n >= old.priorityFeeWei * REPLACES_FROM_PERCENT;

/** What a withdrawal becomes by a command, and what becomes of its money; or why not. */
export function stepWithdrawal(state: WithdrawalState, command: WithdrawalCommand): Step {
  if (command.type === "CANCEL")
    return state.status === "RESERVED" ? to({ status: "CANCELLED" }, "RELEASED") : no("CANNOT_CANCEL");
  if (command.type === "SIGN") {
    if (state.status !== "RESERVED") return no("NOT_RESERVED");
    return to({ status: "SIGNED", nonce: command.nonce, attempts: [command.attempt] });
  }
  return state.status === "SIGNED" || state.status === "SENT" ? stepSigned(state, command) : no("NOT_SIGNED");
}

type Signed = Extract<WithdrawalState, { status: "SIGNED" | "SENT" }>;

function stepSigned(state: Signed, command: Exclude<WithdrawalCommand, { type: "CANCEL" | "SIGN" }>): Step {
  const { nonce, attempts } = state;
  switch (command.type) {
    case "SEND":
      return to({ ...state, status: "SENT" });
    case "REPLACE":
      if (!attempts.every((old) => replaces(old, command.attempt))) return no("FEES_TOO_LOW");
      return to({ ...state, attempts: [...attempts, command.attempt] });
    case "MINED": {
      const { txHash, paid, feeWei } = command;
      if (!attempts.some((attempt) => attempt.txHash === txHash)) return no("FOREIGN_TRANSACTION");
      return to({ status: paid ? "CONFIRMED" : "FAILED", nonce, txHash, feeWei }, paid ? "PAID" : "RELEASED");
    }
    case "BURN":
      return to({ status: "RESERVED" });
  }
}

export const WITHDRAWAL_REFUSALS = [
  "NO_CHAIN",
  "WITHDRAWALS_FROZEN",
  "DENIED_ADDRESS",
  "NOT_YOUR_WALLET",
  "AMOUNT_TOO_SMALL",
  "AMOUNT_TOO_LARGE",
  "DAILY_LIMIT",
  "SIGNATURE_INVALID",
  "WALLET_TOO_NEW",
  "SIGNATURE_NEEDED",
  "FUNDS_NOT_FINAL",
  "WINNINGS_TOO_NEW",
] as const;
export type WithdrawalRefusal = (typeof WITHDRAWAL_REFUSALS)[number];

/** What operators allow, in base units and milliseconds. */
export type WithdrawalLimits = {
  min: Amount;
  max: Amount;
  perUserDay: Amount;
  perDay: Amount;
  signatureAbove: Amount;
  walletWaitMs: number;
};

type LimitSettings = {
  withdrawalNorthMin: number;
  withdrawalNorthMax: number;
  withdrawalNorthPerUserDayMax: number;
  withdrawalNorthPerDayMax: number;
  withdrawalNorthSignatureAbove: number;
  withdrawalWalletWaitMs: number;
};

/** The limits that the settings mean. */
export const withdrawalLimits = (settings: LimitSettings): WithdrawalLimits => ({
  min: north(settings.withdrawalNorthMin),
  max: north(settings.withdrawalNorthMax),
  perUserDay: north(settings.withdrawalNorthPerUserDayMax),
  perDay: north(settings.withdrawalNorthPerDayMax),
  signatureAbove: north(settings.withdrawalNorthSignatureAbove),
  walletWaitMs: settings.withdrawalWalletWaitMs,
});

const NOBODY = `0x${"0".repeat(40)}`;

/** Whether nobody may be paid at an address: the zero address, the token itself, and the arena's own wallets. */
export const isDenied = (address: string, own: readonly string[]): boolean =>
  address === NOBODY || own.includes(address);

/** A wallet as its owner linked it; one that the account was made with was never linked to it by anybody else. */
export type Linked = { address: string; linkedAt: Date; founding: boolean };

/** Whether a wallet is known for long enough to be paid, or to sign for another. */
export const isSeasoned = ({ linkedAt, founding }: Linked, waitMs: number, now: Date): boolean =>
  founding || now.getTime() - linkedAt.getTime() >= waitMs;

/** Who signed for this very withdrawal: nobody, somebody else than was said, somebody too late or for too long, or an address. */
export type Signature = { kind: "none" } | { kind: "wrong" } | { kind: "untimely" } | { kind: "by"; signer: string };

/** What is asked, and what the database knows when it is. */
export type Asking = {
  to: string;
  amount: Amount;
  signature: Signature;
  frozen: boolean;
  /** The token and the arena's own wallets. */
  own: readonly string[];
  wallets: readonly Linked[];
  /** What was signed for the user in the last 24 hours or is still to be: a day on which nothing is paid does not double the next one. */
  dayTotal: Amount;
  now: Date;
};

/** Why a withdrawal is not taken, in the order in which refusals take precedence, or null. */
export function refuseWithdrawal(asking: Asking, limits: WithdrawalLimits): WithdrawalRefusal | null {
  const { to: address, amount, signature, wallets, now } = asking;
  if (asking.frozen) return "WITHDRAWALS_FROZEN";
  if (isDenied(address, asking.own)) return "DENIED_ADDRESS";
  const wallet = wallets.find((each) => each.address === address);
  if (!wallet) return "NOT_YOUR_WALLET";
  if (amount === 0n || amount < limits.min) return "AMOUNT_TOO_SMALL";
  if (amount > limits.max) return "AMOUNT_TOO_LARGE";
  const dayTotal = amountOf(asking.dayTotal + amount);
  if (dayTotal > limits.perUserDay) return "DAILY_LIMIT";
  const signer = signature.kind === "by" ? wallets.find((each) => each.address === signature.signer) : undefined;
  if (signature.kind !== "none" && !signer) return "SIGNATURE_INVALID";
  // Whoever steals a session can link a wallet and sign with it: only one that is known for a while counts.
  const known = (each: Linked | undefined) => each !== undefined && isSeasoned(each, limits.walletWaitMs, now);
  if (!known(wallet) && !known(signer)) return "WALLET_TOO_NEW";
  return dayTotal > limits.signatureAbove && !known(signer) ? "SIGNATURE_NEEDED" : null;
}

/** How far ahead a signature's deadline may lie. */
export const SIGNATURE_LIFE_MAX_MS = 3_600_000;

/** Whether a deadline, in milliseconds, has passed or lies too far ahead. */
export const isBadDeadline = (deadlineMs: number, nowMs: number): boolean =>
  deadlineMs < nowMs || deadlineMs > nowMs + SIGNATURE_LIFE_MAX_MS;

/** Why one that is RESERVED is not signed yet. */
export const WAIT_REASONS = [
  "FROZEN",
  "STOPPED",
  "ACCOUNT_SUSPENDED",
  "WALLET_UNLINKED",
  "DENIED_ADDRESS",
  "DAY_LIMIT",
  "FEES_TOO_HIGH",
  "HOT_TOKEN_LOW",
  "HOT_GAS_LOW",
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** What is known when a withdrawal is to be signed: of the arena, of its user, and of the hot wallet. */
export type Signing = {
  to: string;
  amount: Amount;
  frozen: boolean;
  stopped: boolean;
  suspended: boolean;
  linked: boolean;
  own: readonly string[];
  /** What was signed for everybody in the last 24 hours. */
  dayTotal: Amount;
  /** What is left of it when everything that is signed is paid. */
  tokens: bigint;
  gasWei: bigint;
  fees: Fees;
};

/** A token transfer takes 52,000 at most; what is not used is not paid. */
export const GAS_LIMIT = 100_000;
/** What an attempt may cost. On Base a share of L1's cost comes on top: the hot wallet must have twice as much. */
const costMaxWei = ({ maxFeeWei }: Fees) => maxFeeWei * BigInt(GAS_LIMIT);
const GAS_RESERVE = 2n;

/** Why a withdrawal is not signed now, in order of precedence, or null when it is to be. */
export function waitsFor(signing: Signing, limits: WithdrawalLimits, feeMaxWei: bigint): WaitReason | null {
  if (signing.frozen) return "FROZEN";
  if (signing.stopped) return "STOPPED";
  if (signing.suspended) return "ACCOUNT_SUSPENDED";
  if (!signing.linked) return "WALLET_UNLINKED";
  if (isDenied(signing.to, signing.own)) return "DENIED_ADDRESS";
  if (signing.dayTotal + signing.amount > limits.perDay) return "DAY_LIMIT";
  if (signing.fees.maxFeeWei > feeMaxWei) return "FEES_TOO_HIGH";
  if (signing.tokens < signing.amount) return "HOT_TOKEN_LOW";
  return signing.gasWei < GAS_RESERVE * costMaxWei(signing.fees) ? "HOT_GAS_LOW" : null;
}

/** What attempts that are not mined yet may still take of the hot wallet's gas. */
export const committedGasWei = (attempts: readonly Fees[]): bigint =>
  attempts.reduce((sum, fees) => sum + costMaxWei(fees), 0n);
