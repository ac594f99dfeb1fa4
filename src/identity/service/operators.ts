import { hash } from "@node-rs/argon2";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { append } from "../../platform/streams.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { barUser } from "../events.ts";
import {
  insertTicket,
  pruneExpired,
  revokeSessions,
  setOperator,
  setPasswordHash,
  suspendUserRow,
  userByHandle,
} from "../store.ts";
import { audit, secretHash } from "./accounts.ts";

type Acting = Pick<Platform, "db" | "clock" | "random">;

const TICKET_LIFE_MS = 30_000;

/** Suspends a user or lifts it: keys and sessions stop working at once, open sockets within seconds. Audited. */
export function suspendUser(
  platform: Platform,
  viewer: SignedIn,
  input: { userId: string; suspended: boolean; reason: string } & Keyed,
): Promise<Outcome<{ userId: string }, "NOT_FOUND" | Reuse>> {
  const { userId, suspended, reason } = input;
  const request = requestOf(platform, viewer, suspended ? "suspendUser" : "unsuspendUser", input);
  return transactOnce<{ userId: string }, "NOT_FOUND" | "BAD_INPUT">(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const changed = await tx.query(suspendUserRow, [userId, suspended ? platform.clock.now() : null]);
    if (changed.length === 0) return refuse("NOT_FOUND", { path: ["input", "userId"] });
    const appends = suspended ? await barUser.call(tx, platform, userId) : [];
    await append(tx, platform.hub.publish, appends, platform.clock.now());
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: suspended ? "user.suspended" : "user.unsuspended",
      subject: `user:${userId}`,
      reason,
    });
    return { ok: true, userId };
  });
}

/** Makes a user an operator or takes it back, from the server's own machine; false when there is no such handle. */
export function grantOperator(platform: Acting, handle: string, operator: boolean): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    const [user] = await tx.query(setOperator, [handle, operator]);
    if (!user) return false;
    const action = operator ? "operator.granted" : "operator.revoked";
    await audit(platform, tx, { actorId: null, principal: "system", action, subject: `user:${user.id}` });
    return true;
  });
}

/** Gives a user a new random password, shown once, and ends every session; null when there is no such handle. */
export async function resetByOperator(platform: Acting, handle: string): Promise<string | null> {
  const password = platform.random.bytes(15).toString("base64url");
  const passwordHash = await hash(password);
  return platform.db.transact(async (tx) => {
    const [user] = await tx.query(userByHandle, [handle]);
    if (!user) return null;
    const set = await tx.query(setPasswordHash, [user.id, passwordHash]);
    if (set.length === 0) return null;
    await tx.query(revokeSessions, [null, user.id, platform.clock.now()]);
    await audit(platform, tx, {
      actorId: null,
      principal: "system",
      action: "password.reset",
      subject: `user:${user.id}`,
    });
    return password;
  });
}

/** A ticket for one socket within 30 seconds, so that a page of another origin needs no key in a URL. */
export function createSocketTicket(
  platform: Platform,
  viewer: SignedIn,
  input: Keyed,
): Promise<Outcome<{ ticket: string; expiresAt: string }, Reuse>> {
  const at = platform.clock.now();
  const request = { ...requestOf(platform, viewer, "createSocketTicket", input), secret: true };
  return transactOnce(platform.db, request, async (tx) => {
    const ticket = `tk_${platform.random.bytes(32).toString("base64url")}`;
    const expiresAt = new Date(at.getTime() + TICKET_LIFE_MS);
    const session = viewer.kind === "session" ? viewer.sessionId : null;
    const key = viewer.kind === "key" ? viewer.apiKeyId : null;
    await tx.query(insertTicket, [secretHash(ticket), session, key, expiresAt]);
    return { ok: true as const, ticket, expiresAt: expiresAt.toISOString() };
  });
}

/** Forgets nonces and tickets that nobody used in time. */
export async function pruneIdentity({ db, clock }: Platform): Promise<void> {
  await db.query(pruneExpired, [clock.now()]);
}
