import type { SiweMessage } from "siwe";
import { hash } from "@node-rs/argon2";
import { checksumAddress } from "../../platform/address.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { judgeSignature } from "../adapter/signature.ts";
import { walletProved } from "../events.ts";
import { NONCE_LIFE_MS, refusePassword, refuseSiwe, type SiweRefusal } from "../rules.ts";
import {
  consumeNonce,
  insertNonce,
  insertUser,
  insertWallet,
  lockUser,
  removeWallet,
  revokeSessions,
  setPasswordHash,
  walletOwner,
  waysIn,
} from "../store.ts";
import { audit, startSession, takeRegistration, takeSignIn, type Asked, type SessionStarted } from "./accounts.ts";

export type Signed = { message: string; signature: string };
export type ProofRefusal = SiweRefusal | "CHAIN_UNAVAILABLE";
type Proven = { ok: true; address: string };

const CHAIN_RETRY_MS = 5_000;
const HANDLE_LENGTHS = [14, 30] as const;

/** A message ready to be signed by a wallet (EIP-4361): its nonce is good for five minutes and one use. */
export async function createSiweChallenge(
  platform: Platform,
  asked: Asked,
  { address }: { address: string },
): Promise<Outcome<{ message: string; expiresAt: string }, "RATE_LIMITED" | "BAD_INPUT">> {
  const limited = await takeSignIn(platform, asked);
  if (limited) return limited;
  const now = platform.clock.now();
  const nonce = platform.random.bytes(12).toString("hex");
  const expiresAt = new Date(now.getTime() + NONCE_LIFE_MS);
  await platform.db.query(insertNonce, [nonce, expiresAt]);
  const { origin, chain } = platform;
  const { SiweMessage: Message } = await import("siwe");
  const message = new Message({
    domain: new URL(origin).host,
    address: checksumAddress(address),
    statement: "Sign in to Agon. This costs nothing and moves nothing.",
    uri: origin,
    version: "1",
    chainId: chain.id,
    nonce,
    issuedAt: now.toISOString(),
    expirationTime: expiresAt.toISOString(),
  });
  return { ok: true, message: message.prepareMessage(), expiresAt: expiresAt.toISOString() };
}

/** The address, lower case, that signed a fresh message of this site; its nonce is used up before the signature is looked at. */
async function prove(platform: Platform, { message, signature }: Signed): Promise<Proven | Refusal<ProofRefusal>> {
  const parsed = await parse(message);
  if (!parsed) return refuse("SIWE_MALFORMED", { path: ["input", "message"] });
  const expected = { origin: platform.origin, chainId: platform.chain.id };
  const refusal = refuseSiwe(parsed, expected, platform.clock.now());
  if (refusal) return refuse(refusal, { path: ["input", "message"] });
  const consumed = await platform.db.query(consumeNonce, [parsed.nonce, platform.clock.now()]);
  if (consumed.length === 0) return refuse("SIWE_NONCE_USED", { path: ["input", "message"] });
  const verdict = await judgeSignature(platform.chain, { address: parsed.address, message, signature });
  if (verdict === "elsewhere") platform.log.error("BASE_RPC_URL leads to another chain than CHAIN_ID says");
  if (verdict === "unavailable" || verdict === "elsewhere")
    return refuse("CHAIN_UNAVAILABLE", { retryAfterMs: CHAIN_RETRY_MS });
  if (verdict === "wrong") return refuse("SIWE_BAD_SIGNATURE", { path: ["input", "signature"] });
  return { ok: true, address: parsed.address.toLowerCase() };
}

/** A message in the strict grammar of EIP-4361, or null. */
async function parse(message: string): Promise<SiweMessage | null> {
  const { SiweMessage: Message } = await import("siwe");
  try {
    return new Message(message);
  } catch {
    // siwe's parser throws for whatever is not in the grammar; that is the answer, not a fault.
    return null;
  }
}

/** Signs in with a wallet; an unknown one becomes a new user. */
export async function signInWithEthereum(
  platform: Platform,
  asked: Asked,
  signed: Signed,
): Promise<Outcome<SessionStarted, ProofRefusal | "RATE_LIMITED" | "ACCOUNT_SUSPENDED">> {
  const limited = await takeSignIn(platform, asked);
  if (limited) return limited;
  const proven = await prove(platform, signed);
  if (!proven.ok) return proven;
  const owners = await platform.db.query(walletOwner, [proven.address]);
  const crowded = owners.length > 0 ? null : await takeRegistration(platform, asked);
  if (crowded) return crowded;
  const attempt = (length: number) =>
    platform.db.transact<Outcome<SessionStarted, "ACCOUNT_SUSPENDED">>(async (tx) => {
      const [known] = await tx.query(walletOwner, [proven.address]);
      if (known?.suspended) return refuse("ACCOUNT_SUSPENDED", { path: ["input", "message"] });
      const userId = known?.user_id ?? (await newUser(platform, tx, proven.address, length));
      await walletProved.call(tx, platform, { userId, address: proven.address });
      return { ok: true, ...(await startSession(platform, tx, userId, asked.device)) };
    });
  try {
    return await attempt(HANDLE_LENGTHS[0]);
  } catch (error) {
    // The same wallet twice at once, or a handle that is taken: the second look finds the user or takes a longer name.
    if (violatedConstraint(error) === null) throw error;
    return attempt(HANDLE_LENGTHS[1]);
  }
}

async function newUser(platform: Platform, tx: Tx, address: string, length: number): Promise<string> {
  const now = platform.clock.now();
  const userId = platform.random.id(now);
  await tx.query(insertUser, [userId, address.slice(0, length), null, null, now]);
  await tx.query(insertWallet, [platform.random.id(now), address, userId, now]);
  await audit(platform, tx, {
    actorId: userId,
    principal: `user:${userId}`,
    action: "user.registered",
    subject: `wallet:${address}`,
  });
  return userId;
}

/** Links another wallet to the viewer's account by its signature. */
export async function linkWallet(
  platform: Platform,
  viewer: SignedIn,
  signed: Signed,
): Promise<Outcome<{ address: string }, ProofRefusal | "WALLET_TAKEN" | "NOT_AUTHENTICATED">> {
  const proven = await prove(platform, signed);
  if (!proven.ok) return proven;
  const now = platform.clock.now();
  const { address } = proven;
  try {
    return await platform.db.transact<Outcome<{ address: string }, "NOT_AUTHENTICATED">>(async (tx) => {
      // A wallet of an account that was deleted meanwhile could never sign in again.
      const [owner] = await tx.query(lockUser, [viewer.userId]);
      if (!owner || owner.gone) return refuse("NOT_AUTHENTICATED");
      await tx.query(insertWallet, [platform.random.id(now), address, viewer.userId, now]);
      await audit(platform, tx, {
        actorId: viewer.userId,
        principal: viewer.principal,
        action: "wallet.linked",
        subject: `wallet:${address}`,
      });
      await walletProved.call(tx, platform, { userId: viewer.userId, address });
      return { ok: true, address };
    });
  } catch (error) {
    if (violatedConstraint(error) === "wallet_address_key")
      return refuse("WALLET_TAKEN", { path: ["input", "message"] });
    throw error;
  }
}

/** Takes a wallet off the viewer's account; the last way in stays. */
export function unlinkWallet(
  platform: Platform,
  viewer: SignedIn,
  input: { address: string } & Keyed,
): Promise<Outcome<{ address: string }, "NOT_FOUND" | "LAST_WAY_IN" | Reuse>> {
  const request = requestOf(platform, viewer, "unlinkWallet", input);
  return transactOnce<{ address: string }, "NOT_FOUND" | "LAST_WAY_IN">(platform.db, request, async (tx) => {
    // The user's row lock makes the count of ways in hold.
    await tx.query(lockUser, [viewer.userId]);
    const [ways] = await tx.query(waysIn, [viewer.userId]);
    const removed = await tx.query(removeWallet, [
      input.address.toLowerCase(),
      viewer.userId,
      (ways?.wallets ?? 0) + (ways?.password ? 1 : 0) > 1,
    ]);
    const [wallet] = removed;
    if (!wallet) return refuse("NOT_FOUND", { path: ["input", "address"] });
    if (!wallet.removable) return refuse("LAST_WAY_IN", { path: ["input", "address"] });
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: "wallet.unlinked",
      subject: `wallet:${wallet.address}`,
    });
    return { ok: true, address: wallet.address };
  });
}

/** Sets a new password by the signature of a linked wallet, ends every session, and signs in anew. */
export async function resetPassword(
  platform: Platform,
  asked: Asked,
  { password, ...signed }: Signed & { password: string },
): Promise<Outcome<SessionStarted, ProofRefusal | "RATE_LIMITED" | "PASSWORD_TOO_SHORT" | "NOT_FOUND">> {
  if (refusePassword(password)) return refuse("PASSWORD_TOO_SHORT", { path: ["input", "password"] });
  const limited = await takeSignIn(platform, asked);
  if (limited) return limited;
  const proven = await prove(platform, signed);
  if (!proven.ok) return proven;
  const passwordHash = await hash(password);
  return platform.db.transact(async (tx) => {
    const [known] = await tx.query(walletOwner, [proven.address]);
    if (!known || known.suspended) return refuse("NOT_FOUND", { path: ["input", "message"] });
    const userId = known.user_id;
    await tx.query(setPasswordHash, [userId, passwordHash]);
    await tx.query(revokeSessions, [null, userId, platform.clock.now()]);
    await audit(platform, tx, {
      actorId: userId,
      principal: `wallet:${proven.address}`,
      action: "password.reset",
      subject: `user:${userId}`,
    });
    return { ok: true as const, ...(await startSession(platform, tx, userId, asked.device)) };
  });
}
