import type { Tx } from "../../platform/database.ts";
import { audit } from "../../identity/service/accounts.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import { north, unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { StartError } from "../../platform/start-error.ts";
import type { Row } from "../../platform/statement.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import {
  countAt,
  fundLocally,
  LOCAL_GAS_WEI,
  lookAt,
  receiptsOf,
  userOfNonce,
  type ChainView,
  type Payer,
} from "../adapter/payments.ts";
import { DEVELOPMENT_ADDRESSES } from "../rules/chain.ts";
import { judgeNonce, type StopReason } from "../rules/payments.ts";
import {
  currentHotWallet,
  lockCurrentHotWallet,
  lockWithdrawal,
  openAttempts,
  openElsewhere,
  payingFrom,
  isRetired,
  registerHotWallet,
  replaceHotWallet,
  resumeHotWallet,
  retireHotWallet,
  stopByHand,
  stopHotWallet,
} from "../store/withdrawals.ts";
import { countUnknown, findUnknown } from "./unknown-payments.ts";
import { step } from "./withdrawals.ts";

/** More are never open: signing stops until some are settled. */
export const OPEN_MAX = 200;

/** Another node may make another wallet the current one between a look and the lock: looked at again so often. */
const REGISTER_TRIES_MAX = 5;

/**
 * Makes an account the one that pays. Its nonces go on from the chain's count when it is new here. Another key is refused while
 * the last wallet has payments under way, as only that one can raise their fees; while it is stopped; and while it paid what was
 * not signed here, as after a restored backup, else the new one would pay that again.
 */
export async function registerWallet(platform: Platform, rpcUrl: string, payer: Payer): Promise<void> {
  const count = await countAt(rpcUrl, payer.address);
  for (let tries = 0; tries < REGISTER_TRIES_MAX; tries++) {
    const last = await lookAtLast(platform, rpcUrl, payer);
    if (await platform.db.transact((tx) => register(tx, platform, { payer, count, last }))) return;
  }
  throw new StartError(
    "HOT_WALLET_CHANGED: other nodes start with other hot wallets. Give all of them the same HOT_WALLET_KEY.",
  );
}

/** The wallet that pays so far; of another one than the new one, what the chain counts of it, and what nobody has explained. */
type Last = { address: string | null; counted: number; unknown: number };

async function lookAtLast(platform: Platform, rpcUrl: string, { address }: Payer): Promise<Last> {
  const last = await hotWallet(platform);
  if (!last || last.address === address) return { address: last?.address ?? null, counted: 0, unknown: 0 };
  const counted = await countAt(rpcUrl, last.address);
  return { address: last.address, counted, unknown: await countUnknown(platform) };
}

type Registering = { payer: Payer; count: number; last: Last };

/** False when another wallet pays now than the one that was looked at. Whoever signs with the last one is waited for. */
async function register(tx: Tx, { clock }: Platform, { payer, count, last }: Registering): Promise<boolean> {
  const { address, chainId } = payer;
  const [current] = await tx.query(lockCurrentHotWallet, []);
  if ((current?.address ?? null) !== last.address) return false;
  const [elsewhere] = await tx.query(openElsewhere, [address]);
  if (elsewhere && elsewhere.withdrawals > 0)
    throw new StartError(
      `HOT_WALLET_CHANGED: ${elsewhere.withdrawals} payments of another hot wallet are under way. Start with its HOT_WALLET_KEY until they are confirmed, then change it; is that key stolen, see docs/chain-operations.md.`,
    );
  if ((await tx.query(isRetired, [address])).length > 0)
    throw new StartError(
      "HOT_WALLET_RETIRED: this key was given up as stolen. Make a new one and set HOT_WALLET_KEY; see docs/chain-operations.md.",
    );
  if (current && current.address !== address) refuseToReplace(current, last);
  await tx.query(replaceHotWallet, [address]);
  await tx.query(registerHotWallet, [address, chainId, count, clock.now()]);
  return true;
}

/** What holds a wallet back, or is not known of it, stays so under another key. */
function refuseToReplace(
  { address, next_nonce: signed, stopped_for: stopped }: Row<typeof lockCurrentHotWallet>,
  { counted, unknown }: Last,
): void {
  if (stopped !== null)
    throw new StartError(
      `HOT_WALLET_STOPPED: the hot wallet ${address} is stopped (${stopped}). Start with its HOT_WALLET_KEY and resume it, or is its key stolen retire it; then change the key. See docs/chain-operations.md.`,
    );
  // Counted before the lock: what is signed since makes the difference smaller, never larger.
  if (counted > signed)
    throw new StartError(
      `HOT_WALLET_UNEXPLAINED: the chain counts ${counted} transactions of the hot wallet ${address}, ${signed} were signed here: it may have paid what waits. Start with its HOT_WALLET_KEY: it stops. Explain what it paid, and resume it; then change the key. See docs/chain-operations.md.`,
    );
  if (unknown > 0)
    throw new StartError(
      `HOT_WALLET_UNEXPLAINED: ${unknown} payments of a hot wallet were not signed here, and nobody has explained them. See them by \`npm run admin -- payments\`, explain each, then change the key. See docs/chain-operations.md.`,
    );
}

const LOCAL_TOKENS = north(1_000_000_000);

/** On the local chain the distributor of the whole supply tops the hot wallet up at every start; it is the first known account. */
export const fundWallet = (rpcUrl: string, payer: Payer): Promise<void> =>
  fundLocally(rpcUrl, payer, {
    distributor: DEVELOPMENT_ADDRESSES[0],
    tokens: LOCAL_TOKENS,
    gasWei: LOCAL_GAS_WEI,
  });

/** Stops the hot wallet: it signs nothing until an operator resumes it. The first reason stays. */
export async function stopWallet(
  { db, clock, log }: Platform,
  address: string,
  reason: StopReason,
  detail: string,
): Promise<void> {
  const stopped = await db.query(stopHotWallet, [address, reason, detail, clock.now()]);
  if (stopped.length > 0)
    log.error({ alarm: reason, address, detail }, "the hot wallet is stopped until an operator resumes it");
}

/** The kill switch: no withdrawal is taken, signed or sent until an operator resumes the hot wallet, why ever it had stopped before. Audited. */
export function stopByOperator(
  platform: Platform,
  viewer: SignedIn,
  input: { reason: string } & Keyed,
): Promise<Outcome<{ address: string }, "NO_CHAIN" | "ALREADY_STOPPED" | Reuse>> {
  const { reason } = input;
  const request = requestOf(platform, viewer, "stopHotWallet", input);
  return transactOnce<{ address: string }, "NO_CHAIN" | "ALREADY_STOPPED" | "BAD_INPUT">(
    platform.db,
    request,
    async (tx) => {
      if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
      const [wallet] = await tx.query(lockCurrentHotWallet, []);
      if (!wallet) return refuse("NO_CHAIN");
      const { address } = wallet;
      const stopped = await tx.query(stopByHand, [address, reason, platform.clock.now()]);
      if (stopped.length === 0) return refuse("ALREADY_STOPPED");
      const { userId: actorId, principal } = viewer;
      await audit(platform, tx, {
        actorId,
        principal,
        action: "hot-wallet.stopped",
        subject: `wallet:${address}`,
        reason,
      });
      return { ok: true, address };
    },
  );
}

export const RESUME_REFUSALS = [
  "NO_CHAIN",
  "NOT_STOPPED",
  "NOT_PROVEN",
  "PAYMENTS_UNKNOWN",
  "CHAIN_UNAVAILABLE",
] as const;
export type ResumeRefusal = (typeof RESUME_REFUSALS)[number];
export type Resumed = { address: string; burnt: number };

/** A withdrawal whose nonce a final block has with another transaction. */
type Burnt = { withdrawalId: string; nonce: number; by: string };
type Proof = { view: ChainView; burnt: Burnt[] };

const RETRY_MS = 5_000;

/**
 * Lets the hot wallet go on after an operator has looked. Every nonce that was taken is proved again: the final transaction
 * that has it is found, and is none of ours. Only then can its withdrawal get another one. What the account paid and was not
 * signed here, as after a restored backup, is explained first: else it would be paid again. Audited.
 */
export async function resumeWallet(
  platform: Platform,
  viewer: SignedIn,
  input: { reason: string } & Keyed,
): Promise<Outcome<Resumed, ResumeRefusal | Reuse>> {
  const proof = await proved(platform, "SETTLED");
  const request = requestOf(platform, viewer, "resumeHotWallet", input);
  return transactOnce<Resumed, ResumeRefusal | "BAD_INPUT">(platform.db, request, async (tx) => {
    if (input.reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const [wallet] = await tx.query(lockCurrentHotWallet, []);
    if (!wallet) return refuse("NO_CHAIN");
    if (wallet.stopped_for === null) return refuse("NOT_STOPPED");
    if ("code" in proof) return proof;
    await burn(tx, platform, wallet.address, proof.burnt);
    await tx.query(resumeHotWallet, [wallet.address, proof.view.nonces.latest]);
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: "hot-wallet.resumed",
      subject: `wallet:${wallet.address}`,
      reason: [input.reason, ...proof.burnt.map(({ nonce, by }) => `nonce ${nonce} was used by ${by}`)].join("; "),
    });
    return { ok: true, address: wallet.address, burnt: proof.burnt.length };
  });
}

async function burn(tx: Tx, platform: Platform, address: string, burnt: readonly Burnt[]): Promise<void> {
  for (const { withdrawalId, nonce } of burnt) {
    const [row] = await tx.query(lockWithdrawal, [withdrawalId]);
    if (row?.nonce === nonce && row.hot_address === address) await step(tx, platform, row, { type: "BURN" });
  }
}

export const RETIRE_REFUSALS = [...RESUME_REFUSALS, "PAYMENTS_OPEN"] as const;
export type RetireRefusal = (typeof RETIRE_REFUSALS)[number];

/**
 * Gives the hot wallet up for good, because its key may be stolen. It must be stopped by an operator, and every payment that it has
 * signed be over: mined in a final block, or its nonce used there by another transaction. Audited.
 */
export async function retireWallet(
  platform: Platform,
  viewer: SignedIn,
  input: { reason: string } & Keyed,
): Promise<Outcome<Resumed, RetireRefusal | Reuse>> {
  const proof = await proved(platform, "ANY");
  const request = requestOf(platform, viewer, "retireHotWallet", input);
  return transactOnce<Resumed, RetireRefusal | "BAD_INPUT">(platform.db, request, async (tx) => {
    if (input.reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const [wallet] = await tx.query(lockCurrentHotWallet, []);
    if (!wallet) return refuse("NO_CHAIN");
    if (wallet.stopped_for !== "OPERATOR") return refuse("NOT_STOPPED");
    if ("code" in proof) return proof;
    const { address } = wallet;
    await burn(tx, platform, address, proof.burnt);
    const [left] = await tx.query(openElsewhere, [""]);
    if (left && left.withdrawals > 0)
      return refuse("PAYMENTS_OPEN", {
        message: `${left.withdrawals} payments that it has signed may still be mined.`,
      });
    await tx.query(retireHotWallet, [address, platform.clock.now()]);
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: "hot-wallet.retired",
      subject: `wallet:${address}`,
      reason: input.reason,
    });
    return { ok: true, address, burnt: proof.burnt.length };
  });
}

/** SETTLED: nothing that the account did may vanish any more; ANY: a thief may go on with it. */
type Standing = "SETTLED" | "ANY";

const proved = (platform: Platform, standing: Standing) =>
  prove(platform, standing).catch((error: unknown) => {
    platform.log.warn({ err: error }, "the chain cannot prove what became of the hot wallet's nonces");
    return refuse("CHAIN_UNAVAILABLE", { retryAfterMs: RETRY_MS });
  });

async function prove(
  platform: Platform,
  standing: Standing,
): Promise<Proof | ReturnType<typeof refuse<ResumeRefusal>>> {
  const { db, chain } = platform;
  const [paying] = await db.query(payingFrom, []);
  if (!paying || chain.rpcUrl === null) return refuse("NO_CHAIN");
  const { rpcUrl } = chain;
  const payer = { address: paying.address, chainId: paying.chain_id, tokenAddress: paying.token_address };
  const view = await lookAt(rpcUrl, payer);
  // What is not final yet may vanish, and the nonce be free again.
  if (standing === "SETTLED" && view.nonces.latest !== view.nonces.finalized)
    return refuse("NOT_PROVEN", { retryAfterMs: RETRY_MS });
  const burnt: Burnt[] = [];
  const open = await openPayments(db, payer.address);
  const unknown = await unknownSince(platform, rpcUrl, { payer, own: paying.own_addresses, view, open });
  if (unknown > 0)
    return refuse("PAYMENTS_UNKNOWN", { message: `The account made ${unknown} payments that were not signed here.` });
  for (const { id, nonce, to, amount, hashes } of open) {
    const receipts = await receiptsOf(rpcUrl, payer, { to, amount }, hashes);
    if (judgeNonce(nonce, view.nonces, receipts, view.finalHeight).kind !== "TAKEN") continue;
    const by = await userOfNonce(rpcUrl, payer.address, { nonce, finalHeight: view.finalHeight });
    if (by === null || hashes.includes(by)) return refuse("NOT_PROVEN");
    burnt.push({ withdrawalId: id, nonce, by });
  }
  return { view, burnt };
}

type Looking = { payer: Payer; own: readonly string[]; view: ChainView; open: readonly OpenPayment[] };

/** How many payments of the account nobody has explained, since the first nonce that this database does not know to be over. */
async function unknownSince(platform: Platform, rpcUrl: string, { payer, own, view, open }: Looking): Promise<number> {
  const [row] = await platform.db.query(currentHotWallet, []);
  const nonce = Math.min(row?.next_nonce ?? 0, ...open.map((each) => each.nonce));
  const { finalHeight } = view;
  if (nonce >= view.nonces.finalized) return countUnknown(platform);
  return findUnknown(platform, rpcUrl, { payer, own, nonce, finalHeight });
}

type Open = Row<typeof openAttempts>;
/** A payment under way with everything that was signed for it, the dearest last. */
export type OpenPayment = {
  id: string;
  status: string;
  nonce: number;
  to: string;
  amount: bigint;
  hashes: string[];
  attempts: Open[];
};

/** What a hot wallet has signed and the chain not decided, in order of nonces. */
export async function openPayments(db: Platform["db"], address: string): Promise<OpenPayment[]> {
  const rows = await db.query(openAttempts, [address, OPEN_MAX]);
  return [...Map.groupBy(rows, ({ id }) => id)].flatMap(([id, attempts]) => {
    const [first] = attempts;
    if (!first) return [];
    const { status, nonce, to_address: to, amount } = first;
    const hashes = attempts.map(({ tx_hash }) => tx_hash);
    return [{ id, status, nonce, to, amount: unitsOf(amount), hashes, attempts }];
  });
}

/** The hot wallet as operators see it. */
export type HotWallet = Row<typeof currentHotWallet>;

/** The hot wallet now; null where nothing pays. */
export async function hotWallet({ db }: Pick<Platform, "db">): Promise<HotWallet | null> {
  const [wallet] = await db.query(currentHotWallet, []);
  return wallet ?? null;
}
