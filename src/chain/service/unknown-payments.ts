import { audit } from "../../identity/service/accounts.ts";
import { available, held, move } from "../../ledger/rules.ts";
import { post } from "../../ledger/service/post.ts";
import type { Tx } from "../../platform/database.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { blockOfNonce, type Payer } from "../adapter/payments.ts";
import { openTransferReader, type MinedTransfer } from "../adapter/transfers.ts";
import { CHUNK_BLOCKS_MAX, nextChunk } from "../rules/deposits.ts";
import { lockUnsettled, noteUnknown, settleUnknown, signedHere, unsettledPayments } from "../store/unknown-payments.ts";
import { insertAttempt, insertWithdrawal, lockWithdrawal, markMined, openAtNonce } from "../store/withdrawals.ts";
import { step, type LockedWithdrawal } from "./withdrawals.ts";

/** More are never listed at once. */
const LISTED_MAX = 100;

/**
 * Looks at everything that a hot wallet paid since a nonce, in final blocks, and writes down what was not signed here and
 * went to none of the arena's own wallets; gives how much of it nobody has explained yet.
 */
export async function findUnknown(
  { db, clock }: Pick<Platform, "db" | "clock">,
  rpcUrl: string,
  { payer, own, ...use }: { payer: Payer; own: readonly string[]; nonce: number; finalHeight: number },
): Promise<number> {
  const reader = openTransferReader(rpcUrl, payer.tokenAddress);
  const from = await blockOfNonce(rpcUrl, payer.address, use);
  const sent: MinedTransfer[] = [];
  let chunk = CHUNK_BLOCKS_MAX;
  for (let at = from; at <= use.finalHeight; ) {
    const to = Math.min(use.finalHeight, at + chunk - 1);
    const found = await reader.outgoing(payer.address, { from: at, to }).catch((error: unknown) => {
      if (chunk === 1) throw error;
      return null;
    });
    chunk = nextChunk(chunk, found ? "answered" : "refused");
    if (!found) continue;
    sent.push(...found);
    at = to + 1;
  }
  const known = new Set((await db.query(signedHere, [sent.map(({ txHash }) => txHash)])).map((row) => row.tx_hash));
  for (const each of sent) {
    if (known.has(each.txHash) || own.includes(each.to) || each.amount === 0n) continue;
    const { from: maker, nonce, feeWei } = await reader.made(each.txHash);
    const by = maker === payer.address ? nonce : null;
    const { txHash, logIndex, to, amount, height, blockHash } = each;
    const about = [to, amount.toString(), feeWei.toString(), height, blockHash, clock.now()];
    await db.query(noteUnknown, [txHash, logIndex, payer.address, by, ...about]);
  }
  return countUnknown({ db });
}

/** How many payments of a hot wallet nobody has explained yet; more than a hundred count as a hundred. */
export const countUnknown = async ({ db }: Pick<Platform, "db">): Promise<number> =>
  (await db.query(unsettledPayments, [LISTED_MAX])).length;

/** What operators see of payments that were not signed here. */
export async function unknownReport({ db }: Pick<Platform, "db">): Promise<string> {
  const rows = await db.query(unsettledPayments, [LISTED_MAX]);
  const lines = rows.map(
    ({ tx_hash, nonce, to_address, handle, amount, height, candidates }) =>
      `${tx_hash}  ${formatAmount(amountOf(unitsOf(amount)))} to ${to_address} (${handle ?? "nobody's wallet"}), nonce ${nonce ?? "of another account"}, block ${height}\n` +
      `    may have paid ${candidates.length > 0 ? `the withdrawal ${candidates.join(" or ")}` : "a withdrawal that this database does not know"}`,
  );
  return lines.length > 0
    ? lines.join("\n")
    : "The chain has no payment of a hot wallet that waits for an explanation.";
}

type Said = { done: boolean; said: string };
/** Whoever follows a stream finds what was told here by a look at the log: this is no server. */
type Acting = Pick<Platform, "db" | "clock" | "random">;
const stepping = ({ clock, random }: Acting) => ({ clock, random, hub: { publish: () => undefined } });
type Unsettled = Row<typeof lockUnsettled>;

/**
 * Says what an unknown payment was: of a withdrawal (its UUID), of one that this database has `lost`, which is booked anew, or
 * of `none`: by somebody else. Booked as paid once, in one transaction. Audited.
 */
export function explainPayment(platform: Acting, given: { txHash: string; was: string; why: string }): Promise<Said> {
  const { txHash, was, why } = given;
  if (why.trim() === "") return Promise.resolve({ done: false, said: "Say why, for the audit log." });
  return platform.db.transact(async (tx) => {
    const rows = await tx.query(lockUnsettled, [txHash.toLowerCase()]);
    const [payment] = rows;
    if (!payment) return { done: false, said: `No payment ${txHash} waits for an explanation.` };
    if (was !== "none") {
      const wrong = await book(tx, platform, rows, was);
      if (wrong !== null) return { done: false, said: wrong };
    }
    await tx.query(settleUnknown, [payment.tx_hash, platform.clock.now()]);
    await audit(platform, tx, {
      actorId: null,
      principal: "system",
      action: "hot-wallet.payment-explained",
      subject: `tx:${payment.tx_hash}`,
      reason: `${was}: ${why}`,
    });
    return { done: true, said: `The payment ${payment.tx_hash} is explained: ${was}.` };
  });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Books a payment as the one of a withdrawal; gives why that is wrong, or null. */
async function book(tx: Tx, platform: Acting, rows: readonly Unsettled[], was: string): Promise<string | null> {
  const [payment] = rows;
  if (!payment || rows.length > 1 || payment.nonce === null)
    return "This transaction is no payment as this arena makes them: it can only be explained as none.";
  const withdrawalId = was === "lost" ? await bookLost(tx, platform, payment) : was;
  const [row] = withdrawalId === null || !UUID.test(withdrawalId) ? [] : await tx.query(lockWithdrawal, [withdrawalId]);
  if (!row)
    return was === "lost"
      ? "Its receiver is nobody's wallet, or its owner has less than was paid."
      : `There is no withdrawal ${was}.`;
  if (row.to_address !== payment.to_address || row.amount !== payment.amount)
    return "That withdrawal is of another amount or to another wallet.";
  return (await confirm(tx, platform, row, payment, payment.nonce))
    ? null
    : `That withdrawal is ${row.status}${row.nonce === null ? "" : ` with the nonce ${row.nonce}`}.`;
}

async function bookLost(
  tx: Tx,
  platform: Acting,
  { owner, to_address: to, amount }: Unsettled,
): Promise<string | null> {
  if (owner === null) return null;
  const now = platform.clock.now();
  const id = platform.random.id(now);
  const posted = await post(tx, platform, {
    kind: "WITHDRAWAL_RESERVED",
    reference: `Withdrawal:${id}`,
    key: `withdrawal:${id}:reserved`,
    reason: "It was paid, and the database had lost it.",
    postings: move(available(owner), held(owner), amountOf(unitsOf(amount))),
  });
  if (!posted.ok) return null;
  await tx.query(insertWithdrawal, [id, owner, to, amount, null, now]);
  return id;
}

/** Signed, by bytes that are lost, and mined: the withdrawal is paid. False when its state does not allow that. */
async function confirm(
  tx: Tx,
  platform: Acting,
  row: LockedWithdrawal,
  payment: Unsettled,
  nonce: number,
): Promise<boolean> {
  const { tx_hash: txHash, hot_address: hot, height, block_hash: blockHash } = payment;
  const feeWei = unitsOf(payment.fee_wei);
  const attempt = { txHash, maxFeeWei: feeWei, priorityFeeWei: 0n };
  const isSigned = row.nonce !== null;
  if (isSigned && (row.nonce !== nonce || row.hot_address !== hot)) return false;
  if (!isSigned) {
    await burnOther(tx, platform, { hot, nonce });
    if (!(await step(tx, stepping(platform), row, { type: "SIGN", nonce, attempt }, hot))) return false;
  }
  const at = platform.clock.now();
  await tx.query(insertAttempt, [txHash, row.id, hot, nonce, "0x", feeWei.toString(), "0", at]);
  const [signed] = await tx.query(lockWithdrawal, [row.id]);
  const mined = signed && (await step(tx, stepping(platform), signed, { type: "MINED", txHash, paid: true, feeWei }));
  if (!mined) throw new Error(`withdrawal ${row.id} was not confirmed by ${txHash}`);
  await tx.query(markMined, [txHash, height, blockHash]);
  return true;
}

/** Another withdrawal that was signed for the nonce can never be mined: a final block has this payment with it. */
async function burnOther(tx: Tx, platform: Acting, { hot, nonce }: { hot: string; nonce: number }): Promise<void> {
  const [other] = await tx.query(openAtNonce, [hot, nonce]);
  const [row] = other ? await tx.query(lockWithdrawal, [other.id]) : [];
  if (row) await step(tx, stepping(platform), row, { type: "BURN" });
}
