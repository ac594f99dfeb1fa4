import type { Tx } from "../../platform/database.ts";
import { startLeased, type LeasedLoop } from "../../platform/leased-loop.ts";
import type { Lease } from "../../platform/leases.ts";
import { amountOf, unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { broadcast, lookAt, openSign, receiptsOf, type ChainView, type Payer, type Sign } from "../adapter/payments.ts";
import { PAYMENTS_TOPIC } from "../events.ts";
import { bumped, isForeign, judgeNonce, nudge, type Receipt } from "../rules/payments.ts";
import { committedGasWei, waitsFor, withdrawalLimits, type Fees, type WaitReason } from "../rules/withdrawals.ts";
import {
  currentHotWallet,
  insertAttempt,
  lockCurrentHotWallet,
  lockHotWallet,
  lockWithdrawal,
  markMined,
  markSent,
  raiseAlarms,
  reserved,
  signingFacts,
  takeNonce,
} from "../store/withdrawals.ts";
import { FREEZE_REASONS, freezesNow, withdrawalsFrozen } from "./gate.ts";
import { OPEN_MAX, openPayments, stopWallet, type OpenPayment } from "./hot-wallet.ts";
import { ownAddresses, step, wait } from "./withdrawals.ts";

const TICK_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
const WEI_PER_GWEI = 1_000_000_000n;
/** Withdrawals that one round signs: its look at the chain must not grow old. */
const SIGNED_PER_ROUND_MAX = 50;
/** Payments whose receipts are asked for at the same time. */
const FOLLOWED_AT_ONCE = 8;
/** How often in a row a nonce must look taken: one answer of a lagging endpoint proves nothing. */
const TAKEN_LOOKS = 3;

/** What keeps withdrawals waiting and needs an operator's look. */
export const ALARMS = [
  "STOPPED",
  ...FREEZE_REASONS,
  "HOT_TOKEN_LOW",
  "HOT_GAS_LOW",
  "DAY_LIMIT",
  "FEES_TOO_HIGH",
  "STUCK",
] as const;
export type Alarm = (typeof ALARMS)[number];
const isAlarm = (reason: WaitReason): reason is WaitReason & Alarm => ALARMS.some((alarm) => alarm === reason);

/** The hot wallet of this node: where it pays, and how it signs. */
export type Wallet = Payer & { rpcUrl: string; key: string };

/** Pays withdrawals on this node while it holds the lease: each second, and at once when one is asked for. */
export function startPayer(platform: Platform, wallet: Wallet, node: string): LeasedLoop {
  const payer = new PayerRound(platform, wallet);
  return startLeased(platform, node, {
    lease: `payer:${wallet.address}`,
    round: (lease) => payer.run(lease),
    tickMs: TICK_MS,
    wokenBy: (name) => name === PAYMENTS_TOPIC,
    failed: "a round of payments failed; the next one tries again",
  });
}

/** One look at the chain, and what follows from it: payments are settled, sent, replaced, signed. */
export class PayerRound {
  private readonly platform: Platform;
  private readonly wallet: Wallet;
  private sign: Sign | null = null;
  /** Since when each attempt was seen open, in milliseconds. */
  private readonly openSince = new Map<string, number>();
  /** How often in a row each nonce looked taken. */
  private readonly taken = new Map<number, number>();

  constructor(platform: Platform, wallet: Wallet) {
    this.platform = platform;
    this.wallet = wallet;
  }

  async run(lease: Lease): Promise<void> {
    const { db } = this.platform;
    const view = await lookAt(this.wallet.rpcUrl, this.wallet);
    // Read after the look: whatever the chain had by then was given out before.
    const [row] = await db.query(currentHotWallet, []);
    if (row?.address !== this.wallet.address) return;
    if (isForeign(view.nonces.latest, row.next_nonce))
      await this.stop(
        "FOREIGN_TRANSACTION",
        `the chain counts ${view.nonces.latest} transactions, ${row.next_nonce} were signed here`,
      );
    const open = await openPayments(db, this.wallet.address);
    const alarms = new Set<Alarm>();
    for (let from = 0; from < open.length; from += FOLLOWED_AT_ONCE) {
      const part = open.slice(from, from + FOLLOWED_AT_ONCE);
      const raised = await Promise.all(part.map((payment) => this.follow(payment, view, lease)));
      for (const alarm of raised.flat()) alarms.add(alarm);
    }
    for (const alarm of await this.signReserved(lease, view, open)) alarms.add(alarm);
    await this.raise(alarms);
  }

  /** Does what the chain says of a payment; gives the alarms that it raises. */
  private async follow(payment: OpenPayment, view: ChainView, lease: Lease): Promise<Alarm[]> {
    const { nonce, hashes } = payment;
    const receipts =
      nonce < view.nonces.latest ? await receiptsOf(this.wallet.rpcUrl, this.wallet, payment, hashes) : [];
    const verdict = judgeNonce(nonce, view.nonces, receipts, view.finalHeight);
    if (verdict.kind !== "TAKEN") this.taken.delete(nonce);
    if (verdict.kind !== "OPEN") for (const hash of hashes) this.openSince.delete(hash);
    switch (verdict.kind) {
      case "FINAL":
        await this.settle(payment, verdict.receipt);
        return [];
      case "TAKEN":
        await this.suspect(payment);
        return [];
      case "MINED":
        if (payment.status === "SIGNED") await this.move(payment, "SEND");
        return [];
      case "OPEN":
        return this.urge(payment, view, lease);
    }
  }

  private async settle({ id }: OpenPayment, { txHash, paid, feeWei, height, blockHash }: Receipt): Promise<void> {
    await this.platform.db.transact(async (tx) => {
      const [row] = await tx.query(lockWithdrawal, [id]);
      const settled = row && (await step(tx, this.platform, row, { type: "MINED", txHash, paid, feeWei }));
      if (settled && paid) await tx.query(markMined, [txHash, height, blockHash]);
    });
  }

  private async suspect({ id, nonce }: OpenPayment): Promise<void> {
    const looks = (this.taken.get(nonce) ?? 0) + 1;
    this.taken.set(nonce, looks);
    if (looks >= TAKEN_LOOKS)
      await this.stop(
        "NONCE_TAKEN",
        `nonce ${nonce} of withdrawal ${id} is final on the chain with another transaction`,
      );
  }

  private stop(reason: "FOREIGN_TRANSACTION" | "NONCE_TAKEN", detail: string): Promise<void> {
    return stopWallet(this.platform, this.wallet.address, reason, detail);
  }

  private async move({ id }: OpenPayment, type: "SEND"): Promise<void> {
    await this.platform.db.transact(async (tx) => {
      const [row] = await tx.query(lockWithdrawal, [id]);
      if (row?.status === "SIGNED") await step(tx, this.platform, row, { type });
    });
  }

  /** Sends a payment that no block has, or signs it anew at higher fees when it waits for too long. */
  private async urge(payment: OpenPayment, view: ChainView, lease: Lease): Promise<Alarm[]> {
    const newest = payment.attempts.at(-1);
    if (!newest) return [];
    const fees = feesOf(newest);
    const what = nudge(
      { ...fees, openMs: this.openMs(newest.tx_hash), sentMs: newest.sent_at?.getTime() ?? null },
      {
        baseFeeWei: view.baseFeeWei,
        next: payment.nonce === view.nonces.latest,
        nowMs: this.platform.clock.now().getTime(),
        stuckMs: this.platform.settings.withdrawalStuckMs,
      },
    );
    // What no endpoint knows yet waits with everything else, though it was offered: that may have failed.
    const bytes = { txHash: newest.tx_hash, raw: newest.raw, known: newest.sent_at !== null };
    if (what === "SEND") await this.send(payment, bytes);
    if (what !== "REPLACE") return [];
    const raised = bumped(fees, view.asked, this.feeMaxWei);
    if (raised) await this.replace(lease, payment, raised);
    else await this.send(payment, bytes);
    return raised ? [] : ["STUCK"];
  }

  private openMs(txHash: string): number {
    const known = this.openSince.get(txHash) ?? this.platform.clock.now().getTime();
    this.openSince.set(txHash, known);
    return known;
  }

  /** Gives bytes to the chain when a look right before, which waits for whoever stops the wallet, says that they may go. */
  private async send(payment: OpenPayment, bytes: { txHash: string; raw: string; known: boolean }): Promise<void> {
    const { log } = this.platform;
    this.openMs(bytes.txHash);
    if (!(await this.release(bytes.txHash, payment.status === "SENT" && bytes.known))) return;
    const sent = await broadcast(this.wallet.rpcUrl, bytes);
    if (!sent.known) log.warn({ txHash: bytes.txHash, said: sent.said }, "a payment is not known to the chain yet");
    if (sent.known && payment.status === "SIGNED") await this.move(payment, "SEND");
  }

  /** Marks bytes as sent, unless all is held back; what the chain knows already is not. */
  private release(txHash: string, known: boolean): Promise<boolean> {
    const { db, clock } = this.platform;
    return db.transact(async (tx) => {
      await tx.query(lockCurrentHotWallet, []);
      if (!known && (await withdrawalsFrozen(tx))) return false;
      await tx.query(markSent, [txHash, clock.now()]);
      return true;
    });
  }

  private async replace(lease: Lease, payment: OpenPayment, fees: Fees): Promise<void> {
    const sign = await this.signer();
    const signed = await this.platform.db.transact(async (tx) => {
      const [hot] = await tx.query(lockHotWallet, [this.wallet.address, lease.name, lease.fence]);
      if (hot?.stopped_for !== null || (await withdrawalsFrozen(tx))) return null;
      const [row] = await tx.query(lockWithdrawal, [payment.id]);
      if (row?.nonce !== payment.nonce) return null;
      const bytes = await sign({ ...payment, fees });
      const attempt = { txHash: bytes.txHash, ...fees };
      // The state is read before the attempt is there.
      if (!(await step(tx, this.platform, row, { type: "REPLACE", attempt }))) return null;
      await this.record(tx, payment.id, payment.nonce, attempt, bytes.raw);
      return bytes;
    });
    if (signed) await this.send(payment, { ...signed, known: false });
  }

  /** Signs what waits, oldest first, and gives it to the chain; the alarms say why something was not signed. */
  private async signReserved(lease: Lease, view: ChainView, open: readonly OpenPayment[]): Promise<Alarm[]> {
    const room = Math.min(SIGNED_PER_ROUND_MAX, OPEN_MAX - open.length);
    const waiting = room > 0 ? await this.platform.db.query(reserved, [room]) : [];
    const funds = fundsLeft(view, open);
    const alarms: Alarm[] = [];
    for (const { id } of waiting) {
      const made = await this.signOne(lease, id, funds, view.asked);
      if (made === null) continue;
      if (typeof made === "string") {
        if (isAlarm(made)) alarms.push(made);
        continue;
      }
      funds.tokens -= made.amount;
      funds.gasWei -= committedGasWei([view.asked]);
      await this.send(made, { txHash: made.hashes[0] ?? "", raw: made.raw, known: false });
    }
    return alarms;
  }

  private async signOne(
    lease: Lease,
    id: string,
    funds: { tokens: bigint; gasWei: bigint },
    fees: Fees,
  ): Promise<(OpenPayment & { raw: string }) | WaitReason | null> {
    const sign = await this.signer();
    return this.platform.db.transact(async (tx) => {
      const [hot] = await tx.query(lockHotWallet, [this.wallet.address, lease.name, lease.fence]);
      const [row] = hot ? await tx.query(lockWithdrawal, [id]) : [];
      if (!hot || row?.status !== "RESERVED") return null;
      const amount = unitsOf(row.amount);
      const reason = await this.whyWait(tx, {
        id,
        to: row.to_address,
        amount,
        stopped: hot.stopped_for !== null,
        funds,
        fees,
      });
      if (reason) {
        await wait(tx, this.platform, row, reason);
        return reason;
      }
      const payment = { to: row.to_address, amount, nonce: hot.next_nonce };
      const { txHash, raw } = await sign({ ...payment, fees });
      const attempt = { txHash, ...fees };
      await step(tx, this.platform, row, { type: "SIGN", nonce: payment.nonce, attempt }, hot.address);
      await this.record(tx, id, payment.nonce, attempt, raw);
      await tx.query(takeNonce, [hot.address]);
      return { ...payment, id, status: "SIGNED", hashes: [txHash], attempts: [], raw };
    });
  }

  private async whyWait(
    tx: Tx,
    given: {
      id: string;
      to: string;
      amount: bigint;
      stopped: boolean;
      funds: { tokens: bigint; gasWei: bigint };
      fees: Fees;
    },
  ): Promise<WaitReason | null> {
    const { clock, settings } = this.platform;
    const [facts] = await tx.query(signingFacts, [given.id, new Date(clock.now().getTime() - DAY_MS)]);
    if (!facts) return "STOPPED";
    const signing = {
      to: given.to,
      amount: amountOf(given.amount),
      frozen: await withdrawalsFrozen(tx),
      stopped: given.stopped,
      suspended: facts.suspended,
      linked: facts.linked,
      own: ownAddresses(facts),
      dayTotal: amountOf(unitsOf(facts.day_total)),
      ...given.funds,
      fees: given.fees,
    };
    return waitsFor(signing, withdrawalLimits(settings), this.feeMaxWei);
  }

  private async record(
    tx: Tx,
    id: string,
    nonce: number,
    attempt: Fees & { txHash: string },
    raw: string,
  ): Promise<void> {
    const { txHash, maxFeeWei, priorityFeeWei } = attempt;
    const fees = [maxFeeWei.toString(), priorityFeeWei.toString()];
    const at = this.platform.clock.now();
    await tx.query(insertAttempt, [txHash, id, this.wallet.address, nonce, raw, ...fees, at]);
  }

  private async raise(alarms: Set<Alarm>): Promise<void> {
    const { db, log } = this.platform;
    const [row] = await db.query(currentHotWallet, []);
    if (row?.stopped_for != null) alarms.add("STOPPED");
    for (const { reason } of await freezesNow(db)) alarms.add(reason);
    const names = ALARMS.filter((alarm) => alarms.has(alarm));
    const changed = await db.query(raiseAlarms, [this.wallet.address, names]);
    if (changed.length > 0 && names.length > 0)
      log.error({ alarms: names, address: this.wallet.address }, "withdrawals wait for an operator");
  }

  private async signer(): Promise<Sign> {
    return (this.sign ??= await openSign(this.wallet.key, this.wallet));
  }

  private get feeMaxWei(): bigint {
    return BigInt(this.platform.settings.withdrawalFeeGweiMax) * WEI_PER_GWEI;
  }
}

const feesOf = ({ max_fee_wei, priority_fee_wei }: OpenPayment["attempts"][number]): Fees => ({
  maxFeeWei: unitsOf(max_fee_wei),
  priorityFeeWei: unitsOf(priority_fee_wei),
});

/** What the hot wallet has when everything that no block has yet is paid. */
function fundsLeft({ tokens, gasWei, nonces }: ChainView, open: readonly OpenPayment[]) {
  const coming = open.filter(({ nonce }) => nonce >= nonces.latest);
  const dearest = coming.flatMap(({ attempts }) => attempts.slice(-1).map(feesOf));
  return {
    tokens: tokens - coming.reduce((sum, { amount }) => sum + amount, 0n),
    gasWei: gasWei - committedGasWei(dearest),
  };
}
