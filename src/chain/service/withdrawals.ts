import { available, held, move, platformAccount } from "../../ledger/rules.ts";
import { post } from "../../ledger/service/post.ts";
import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import { amountOf, formatAmount, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import { append } from "../../platform/streams.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { judgeTerms } from "../adapter/typed-data.ts";
import { PAYMENTS_TOPIC, withdrawalChanged } from "../events.ts";
import { refuseRest, withdrawableOf } from "../rules/deposits.ts";
import {
  isBadDeadline,
  refuseWithdrawal,
  stepWithdrawal,
  withdrawalLimits,
  type Settled,
  type Signature,
  type WaitReason,
  type WithdrawalCommand,
  type WithdrawalLimits,
  type WithdrawalRefusal,
  type WithdrawalState,
  type WithdrawalStatus,
} from "../rules/withdrawals.ts";
import {
  attemptsOf,
  currentHotWallet,
  insertWithdrawal,
  leavingSince,
  lockRequests,
  lockWithdrawal,
  moveWithdrawal,
  payingFrom,
  walletsOfUser,
  withdrawalByKey,
} from "../store/withdrawals.ts";
import { restsFor, withdrawalsFrozen } from "./gate.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHAIN_RETRY_MS = 5_000;

/** What a user asks for; a signature comes with its deadline, and names its wallet where that is not `to`. */
export type WithdrawalInput = Keyed & {
  to: string;
  amount: Amount;
  signature?: string | null | undefined;
  deadline?: Date | null | undefined;
  signer?: string | null | undefined;
};
export type WithdrawalMade = { withdrawalId: string };
export type RequestRefusal = WithdrawalRefusal | "INSUFFICIENT_FUNDS" | "RATE_LIMITED" | "CHAIN_UNAVAILABLE" | Reuse;

type Paying = Row<typeof payingFrom>;
type Wanted = { to: string; amount: Amount; signature: Signature; key: string | null; paying: Paying };

/** Holds an amount for a wallet of the viewer: in one transaction it is available no more, and will be paid once. */
export async function requestWithdrawal(
  platform: Platform,
  viewer: SignedIn,
  input: WithdrawalInput,
): Promise<Outcome<WithdrawalMade, RequestRefusal>> {
  const [paying] = await platform.db.query(payingFrom, []);
  if (!paying) return refuse("NO_CHAIN");
  // Asked before the transaction: a contract wallet is asked on the chain.
  const signature = await signatureOf(platform, input, paying);
  if ("code" in signature) return signature;
  const { amount, idempotencyKey } = input;
  const wanted = { to: input.to.toLowerCase(), amount, signature, key: idempotencyKey ?? null, paying };
  // What a wallet signs is how it is asked for, not what: a retry may come with another signature, or with none.
  const asked: Keyed & Pick<Wanted, "to" | "amount"> = { to: wanted.to, amount, idempotencyKey };
  const request = requestOf(platform, viewer, "requestWithdrawal", asked);
  return transactOnce<WithdrawalMade, Exclude<RequestRefusal, "ALREADY_DONE">>(platform.db, request, (tx) =>
    reserve(tx, platform, viewer, wanted),
  );
}

async function signatureOf(
  { chain, clock, log }: Platform,
  { to, amount, signature, deadline, signer, idempotencyKey }: WithdrawalInput,
  paying: Paying,
): Promise<Signature | Refusal<"BAD_INPUT" | "CHAIN_UNAVAILABLE">> {
  if (signature == null) return { kind: "none" };
  if (deadline == null)
    return refuse("BAD_INPUT", { path: ["input", "deadline"], message: "A signature comes with its deadline." });
  if (idempotencyKey == null)
    return refuse("BAD_INPUT", {
      path: ["input", "idempotencyKey"],
      message: "What a wallet signs counts once: its idempotency key is signed, too.",
    });
  // Refused where it would count: what was made before its deadline is given again behind it.
  if (isBadDeadline(deadline.getTime(), clock.now().getTime())) return { kind: "untimely" };
  const claimed = (signer ?? to).toLowerCase();
  const terms = {
    to: to.toLowerCase(),
    amount,
    idempotencyKey,
    deadline_s: BigInt(Math.floor(deadline.getTime() / 1_000)),
  };
  const on = {
    chainId: paying.chain_id,
    genesisHash: paying.genesis_hash,
    tokenAddress: paying.token_address,
  };
  const verdict = await judgeTerms(chain.rpcUrl, on, { terms, signature, claimed });
  if (verdict.kind === "elsewhere") log.error("BASE_RPC_URL leads to another chain than the one that pays");
  if (verdict.kind === "unavailable" || verdict.kind === "elsewhere")
    return refuse("CHAIN_UNAVAILABLE", { retryAfterMs: CHAIN_RETRY_MS });
  return verdict;
}

async function reserve(
  tx: Tx,
  platform: Platform,
  viewer: SignedIn,
  wanted: Wanted,
): Promise<Outcome<WithdrawalMade, Exclude<RequestRefusal, "ALREADY_DONE">>> {
  const { userId } = viewer;
  // Requests of one user wait for each other: the sums below hold until the commit.
  await tx.query(lockRequests, [userId]);
  const made = await madeBefore(tx, userId, wanted);
  if (made) return made;
  const refusal = await refuseRequest(tx, platform, userId, wanted);
  if (refusal) return refusal;
  const now = platform.clock.now();
  const withdrawalId = platform.random.id(now);
  const posted = await post(tx, platform, {
    kind: "WITHDRAWAL_RESERVED",
    reference: `Withdrawal:${withdrawalId}`,
    key: `withdrawal:${withdrawalId}:reserved`,
    postings: move(available(userId), held(userId), wanted.amount),
  });
  if (!posted.ok && posted.code === "INSUFFICIENT_FUNDS")
    return refuse("INSUFFICIENT_FUNDS", { path: ["input", "amount"] });
  if (!posted.ok) throw new Error(`withdrawal ${withdrawalId} was reserved before`);
  const { to, amount, key } = wanted;
  await tx.query(insertWithdrawal, [withdrawalId, userId, to, amount.toString(), key, now]);
  await note(tx, platform, viewer, { action: "withdrawal.requested", withdrawalId });
  await tell(tx, platform, userId, { withdrawalId, status: "RESERVED", waitingFor: null, txHash: null });
  tx.afterCommit(() => platform.hub.touch(PAYMENTS_TOPIC));
  return { ok: true, withdrawalId };
}

/** A key asks for one withdrawal of its user for ever, through whichever session: what a wallet signed counts once. */
async function madeBefore(
  tx: Tx,
  userId: string,
  { key, to, amount }: Wanted,
): Promise<Outcome<WithdrawalMade, "IDEMPOTENCY_KEY_REUSED"> | null> {
  const [made] = key === null ? [] : await tx.query(withdrawalByKey, [userId, key]);
  if (!made) return null;
  if (made.to_address === to && unitsOf(made.amount) === amount) return { ok: true, withdrawalId: made.id };
  return refuse("IDEMPOTENCY_KEY_REUSED", { path: ["input", "idempotencyKey"] });
}

async function refuseRequest(
  tx: Tx,
  platform: Platform,
  userId: string,
  { to, amount, signature, paying }: Wanted,
): Promise<Refusal<WithdrawalRefusal | "RATE_LIMITED"> | null> {
  const now = platform.clock.now();
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const wallets = await tx.query(walletsOfUser, [userId]);
  const [asked] = await tx.query(leavingSince, [userId, ago(DAY_MS), ago(HOUR_MS)]);
  const limits = withdrawalLimits(platform.settings);
  const asking = {
    to,
    amount,
    signature,
    frozen: await withdrawalsFrozen(tx),
    own: ownAddresses(paying),
    wallets: wallets.map(({ address, linked_at: linkedAt, founding }) => ({ address, linkedAt, founding })),
    dayTotal: amountOf(unitsOf(asked?.amount ?? "0")),
    now,
  };
  const refusal = refuseWithdrawal(asking, limits);
  if (refusal === "SIGNATURE_INVALID" && signature.kind === "untimely")
    return refuse(refusal, {
      path: ["input", "deadline"],
      message: "The deadline has passed, or is more than an hour away.",
    });
  if (refusal) return withWords(refusal, limits);
  const rests = await restsFor(tx, platform, userId);
  const unripe = refuseRest(amount, rests);
  if (unripe)
    return refuse(unripe, {
      path: ["input", "amount"],
      message: `Only ${formatAmount(withdrawableOf(rests))} of yours can be withdrawn now.`,
    });
  return refuseHaste(asked?.asked_ms ?? [], platform.settings.withdrawalsPerHour, now);
}

/** The token and the arena's own wallets: nobody is paid there. */
export const ownAddresses = ({
  token_address,
  own_addresses,
}: Pick<Paying, "token_address" | "own_addresses">): string[] => [token_address, ...own_addresses];

const FIELDS: Partial<Record<WithdrawalRefusal, string>> = {
  DENIED_ADDRESS: "to",
  NOT_YOUR_WALLET: "to",
  WALLET_TOO_NEW: "to",
  AMOUNT_TOO_SMALL: "amount",
  AMOUNT_TOO_LARGE: "amount",
  DAILY_LIMIT: "amount",
  SIGNATURE_NEEDED: "signature",
  SIGNATURE_INVALID: "signature",
};

function withWords(code: WithdrawalRefusal, limits: WithdrawalLimits): Refusal<WithdrawalRefusal> {
  const words: Partial<Record<WithdrawalRefusal, string>> = {
    AMOUNT_TOO_SMALL: `A withdrawal is ${formatAmount(limits.min)} at least.`,
    AMOUNT_TOO_LARGE: `A withdrawal is ${formatAmount(limits.max)} at most.`,
    DAILY_LIMIT: `You can withdraw ${formatAmount(limits.perUserDay)} in 24 hours.`,
    SIGNATURE_NEEDED: `More than ${formatAmount(limits.signatureAbove)} in 24 hours takes a wallet's signature.`,
  };
  const field = FIELDS[code];
  return refuse(code, { ...(field && { path: ["input", field] }), message: words[code] });
}

function refuseHaste(askedMs: readonly string[], perHour: number, now: Date): Refusal<"RATE_LIMITED"> | null {
  const oldest = askedMs[perHour - 1];
  if (askedMs.length < perHour) return null;
  const freeAtMs = oldest === undefined ? now.getTime() : Number(oldest) + HOUR_MS;
  return refuse("RATE_LIMITED", { retryAfterMs: Math.max(1, freeAtMs - now.getTime()) });
}

/** Takes a withdrawal back that is not signed yet: what it held is available again. */
export function cancelWithdrawal(
  platform: Platform,
  viewer: SignedIn,
  input: Keyed & { withdrawalId: string },
): Promise<Outcome<WithdrawalMade, "NOT_FOUND" | "CANNOT_CANCEL" | Reuse>> {
  const { withdrawalId } = input;
  const request = requestOf(platform, viewer, "cancelWithdrawal", input);
  return transactOnce<WithdrawalMade, "NOT_FOUND" | "CANNOT_CANCEL">(platform.db, request, async (tx) => {
    const [row] = await tx.query(lockWithdrawal, [withdrawalId]);
    if (row?.user_id !== viewer.userId) return refuse("NOT_FOUND", { path: ["input", "withdrawalId"] });
    // A wallet that stopped may have paid what this database does not know of: first an operator looks.
    const [hot] = await tx.query(currentHotWallet, []);
    if (hot?.stopped_for != null && row.status === "RESERVED")
      return refuse("CANNOT_CANCEL", {
        path: ["input", "withdrawalId"],
        message: "The hot wallet is stopped until an operator has looked: nothing is given back before.",
      });
    const moved = await step(tx, platform, row, { type: "CANCEL" });
    if (!moved) return refuse("CANNOT_CANCEL", { path: ["input", "withdrawalId"] });
    await note(tx, platform, viewer, { action: "withdrawal.cancelled", withdrawalId });
    return { ok: true, withdrawalId };
  });
}

/** What stepping a withdrawal takes. */
export type Stepping = Pick<Platform, "clock" | "random"> & { hub: Pick<Platform["hub"], "publish"> };
export type LockedWithdrawal = Row<typeof lockWithdrawal>;

/** Steps a locked withdrawal: its row, its money and its owner's stream move together. Null when its state refuses. */
export async function step(
  tx: Tx,
  platform: Stepping,
  row: LockedWithdrawal,
  command: WithdrawalCommand,
  hotAddress: string | null = row.hot_address,
): Promise<WithdrawalState | null> {
  const before = await stateOf(tx, row);
  const stepped = stepWithdrawal(before, command);
  if (!stepped.ok) return null;
  const { state, settled } = stepped;
  const at = platform.clock.now();
  const [nonce, txHash, feeWei] = columnsOf(state);
  const where = nonce === null ? null : hotAddress;
  await tx.query(moveWithdrawal, [row.id, state.status, null, where, nonce, txHash, feeWei?.toString() ?? null, at]);
  if (settled) await settle(tx, platform, row, settled);
  if (state.status !== row.status || txHash !== row.tx_hash)
    await tell(tx, platform, row.user_id, { withdrawalId: row.id, status: state.status, waitingFor: null, txHash });
  return state;
}

/** Says why a reserved withdrawal waits, when that is news. */
export async function wait(
  tx: Tx,
  platform: Platform,
  row: LockedWithdrawal,
  waitingFor: WaitReason | null,
): Promise<void> {
  if (row.waiting_for === waitingFor) return;
  await tx.query(moveWithdrawal, [row.id, "RESERVED", waitingFor, null, null, null, null, platform.clock.now()]);
  await tell(tx, platform, row.user_id, { withdrawalId: row.id, status: "RESERVED", waitingFor, txHash: null });
}

async function stateOf(tx: Tx, row: LockedWithdrawal): Promise<WithdrawalState> {
  const status = row.status as WithdrawalStatus;
  if (status === "RESERVED" || status === "CANCELLED") return { status };
  const nonce = row.nonce ?? -1;
  if (status === "CONFIRMED" || status === "FAILED")
    return { status, nonce, txHash: row.tx_hash ?? "", feeWei: unitsOf(row.fee_wei ?? "0") };
  const attempts = (await tx.query(attemptsOf, [row.id])).map(({ tx_hash: txHash, max_fee_wei, priority_fee_wei }) => ({
    txHash,
    maxFeeWei: unitsOf(max_fee_wei),
    priorityFeeWei: unitsOf(priority_fee_wei),
  }));
  return { status, nonce, attempts };
}

function columnsOf(state: WithdrawalState): [number | null, string | null, bigint | null] {
  if ("attempts" in state) return [state.nonce, state.attempts.at(-1)?.txHash ?? null, null];
  return "txHash" in state ? [state.nonce, state.txHash, state.feeWei] : [null, null, null];
}

/** Both ends have one key in the ledger: what was paid is never given back, and the other way round. */
async function settle(tx: Tx, platform: Stepping, row: LockedWithdrawal, settled: NonNullable<Settled>): Promise<void> {
  const paid = settled === "PAID";
  const posted = await post(tx, platform, {
    kind: paid ? "WITHDRAWAL_PAID" : "WITHDRAWAL_RELEASED",
    reference: `Withdrawal:${row.id}`,
    key: `withdrawal:${row.id}:closed`,
    postings: move(
      held(row.user_id),
      paid ? platformAccount("chain:custody") : available(row.user_id),
      amountOf(unitsOf(row.amount)),
    ),
  });
  if (!posted.ok || posted.repeated) throw new Error(`withdrawal ${row.id} was closed before`);
}

const tell = (tx: Tx, platform: Stepping, userId: string, change: Parameters<typeof withdrawalChanged>[1]) =>
  append(tx, platform.hub.publish, [withdrawalChanged(userId, change)], platform.clock.now());

const note = (
  tx: Tx,
  platform: Platform,
  { userId, principal }: SignedIn,
  { action, withdrawalId }: { action: string; withdrawalId: string },
) => audit(platform, tx, { actorId: userId, principal, action, subject: `withdrawal:${withdrawalId}` });
