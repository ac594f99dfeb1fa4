import { hash, verify } from "@node-rs/argon2";
import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { orTakenBack, refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { append } from "../../platform/streams.ts";
import type { SignedIn, Viewer } from "../../platform/viewer.ts";
import { barUser, personGone, whyMoneyStays } from "../events.ts";
import {
  refusePassword,
  refuseRegistration,
  SESSION_MS,
  SESSIONS_MAX,
  type IdentityRefusal,
  type Registration,
} from "../rules.ts";
import {
  anonymise,
  changePasswordHash,
  endOldSessions,
  holdPassword,
  insertAudit,
  insertSession,
  insertUser,
  holdAccount,
  lockUser,
  loginRow,
  passwordOf,
  revokeOtherSessions,
  revokeSessions,
  sessionById,
} from "../store.ts";

/** A session's token is given once; the database holds its SHA-256. */
export type SessionStarted = { userId: string; token: string; expiresAt: string };

/** SHA-256 of a secret, as it is stored. */
export const secretHash = (secret: string) => createHash("sha256").update(secret).digest();

/** From where and with what somebody asks. */
export type Asked = { viewer: Viewer; address: string | null; device: string | null };

/** Registers a person with e-mail and password and signs them in. */
export async function registerUser(
  platform: Platform,
  asked: Asked,
  input: Registration,
): Promise<Outcome<SessionStarted, IdentityRefusal | "RATE_LIMITED">> {
  const refusal = refuseRegistration(input);
  if (refusal) return refuse(refusal.code, { path: ["input", refusal.field] });
  const limited = await takeRegistration(platform, asked);
  if (limited) return limited;
  const passwordHash = await hash(input.password);
  try {
    return await platform.db.transact(async (tx) => {
      const now = platform.clock.now();
      const userId = platform.random.id(now);
      await tx.query(insertUser, [userId, input.handle, input.email, passwordHash, now]);
      await audit(platform, tx, {
        actorId: userId,
        principal: `user:${userId}`,
        action: "user.registered",
        subject: `user:${userId}`,
      });
      return { ok: true as const, ...(await startSession(platform, tx, userId, asked.device)) };
    });
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === "app_user_handle_key") return refuse("HANDLE_TAKEN", { path: ["input", "handle"] });
    if (constraint === "app_user_email_key") return refuse("EMAIL_TAKEN", { path: ["input", "email"] });
    throw error;
  }
}

// Verified when there is no such account, so that sign-in takes as long as with one.
const nobodysHash = hash("nobody's password");

/** Signs in by handle or e-mail; how long it takes does not tell whether the account exists. */
export async function signIn(
  platform: Platform,
  asked: Asked,
  input: { login: string; password: string },
): Promise<Outcome<SessionStarted, "WRONG_LOGIN" | "RATE_LIMITED">> {
  const limited = await takeSignIn(platform, asked);
  if (limited) return limited;
  const [user] = await platform.db.query(loginRow, [input.login]);
  const right = await verify(user?.password_hash ?? (await nobodysHash), input.password);
  if (!user?.password_hash || !right || user.suspended) return refuse("WRONG_LOGIN");
  return platform.db.transact(async (tx) => {
    // The password may have been changed while it was verified.
    const held = await tx.query(holdPassword, [user.id, user.password_hash]);
    if (held.length === 0) return refuse("WRONG_LOGIN");
    return { ok: true as const, ...(await startSession(platform, tx, user.id, asked.device)) };
  });
}

/** Ends the session that asks, or all of the user's. */
export async function signOut(
  { db, clock }: Platform,
  viewer: SignedIn,
  everywhere: boolean,
): Promise<Outcome<{ signedOut: boolean }>> {
  if (viewer.kind !== "session") return { ok: true, signedOut: false };
  const ended = await db.query(revokeSessions, [everywhere ? null : viewer.sessionId, viewer.userId, clock.now()]);
  return { ok: true, signedOut: ended.length > 0 };
}

/** Takes one of an address's sign-ins of this minute; a refusal when there is none left. */
export async function takeSignIn(
  { settings, rates }: Platform,
  { address }: Asked,
): Promise<Refusal<"RATE_LIMITED"> | null> {
  const bucket = { name: "sign-in", points: settings.signInsPerMinute, windowMs: 60_000 };
  const { retryAfterMs } = await rates.take(bucket, address ?? "unknown");
  return retryAfterMs > 0 ? refuse("RATE_LIMITED", { retryAfterMs }) : null;
}

/** Counts a try of a password against its account: whoever has found an open session must not guess on from many addresses. */
async function takePassword(
  { settings, rates }: Platform,
  { userId }: SignedIn,
): Promise<Refusal<"RATE_LIMITED"> | null> {
  const bucket = { name: "password", points: settings.signInsPerMinute, windowMs: 60_000 };
  const { retryAfterMs } = await rates.take(bucket, userId);
  return retryAfterMs > 0 ? refuse("RATE_LIMITED", { retryAfterMs }) : null;
}

/** Counts a new account against its address, by whichever way it comes; gives the refusal when there were too many. */
export async function takeRegistration(
  { settings, rates }: Platform,
  { address }: Asked,
): Promise<Refusal<"RATE_LIMITED"> | null> {
  const bucket = { name: "register", points: settings.registrationsPerHour, windowMs: 3_600_000 };
  const { retryAfterMs } = await rates.take(bucket, address ?? "unknown");
  return retryAfterMs > 0 ? refuse("RATE_LIMITED", { retryAfterMs }) : null;
}

/** Opens a session in the caller's transaction; its token is given this once. Beyond SESSIONS_MAX the one that was used least lately ends. */
export async function startSession(
  { clock, random }: Platform,
  tx: Tx,
  userId: string,
  device: string | null,
): Promise<SessionStarted> {
  const now = clock.now();
  const token = random.bytes(32).toString("base64url");
  const expiresAt = new Date(now.getTime() + SESSION_MS);
  await tx.query(insertSession, [
    random.id(now),
    userId,
    secretHash(token),
    device?.slice(0, 200) ?? null,
    now,
    expiresAt,
  ]);
  await tx.query(endOldSessions, [userId, now, SESSIONS_MAX]);
  return { userId, token, expiresAt: expiresAt.toISOString() };
}

type Audited = { actorId: string | null; principal: string; action: string; subject: string; reason?: string };

/** Writes who changed what, in the transaction that changes it. */
export async function audit(
  { clock, random }: Pick<Platform, "clock" | "random">,
  tx: Tx,
  { actorId, principal, action, subject, reason }: Audited,
): Promise<void> {
  const now = clock.now();
  await tx.query(insertAudit, [random.id(now), now, actorId, principal, action, subject, reason ?? null]);
}

/**
 * Holds the viewer's account until the transaction ends, or says that it is gone: what is written in its name behind its
 * deletion would stay. Asked before any other row is held, as the deletion does.
 */
export async function refuseGone(tx: Tx, { userId }: SignedIn): Promise<Refusal<"NOT_AUTHENTICATED"> | null> {
  const there = await tx.query(holdAccount, [userId]);
  return there.length > 0 ? null : refuse("NOT_AUTHENTICATED");
}

type PasswordRefusal =
  | "PASSWORD_TOO_SHORT"
  | "WRONG_PASSWORD"
  | "SESSION_NEEDED"
  | "RATE_LIMITED"
  | "NOT_AUTHENTICATED";

/** Changes the viewer's password, or gives an account its first one; every other session ends. */
export async function setPassword(
  platform: Platform,
  viewer: SignedIn,
  input: { current?: string | null; password: string },
): Promise<Outcome<{ userId: string }, PasswordRefusal>> {
  if (viewer.kind !== "session") return refuse("SESSION_NEEDED");
  if (refusePassword(input.password)) return refuse("PASSWORD_TOO_SHORT", { path: ["input", "password"] });
  const limited = await takePassword(platform, viewer);
  if (limited) return limited;
  const { userId, principal } = viewer;
  const [user] = await platform.db.query(passwordOf, [userId]);
  const wrong = refuse("WRONG_PASSWORD", { path: ["input", "current"] });
  if (user?.password_hash && !(await verify(user.password_hash, input.current ?? ""))) return wrong;
  const passwordHash = await hash(input.password);
  return platform.db.transact<Outcome<{ userId: string }, PasswordRefusal>>(async (tx) => {
    const now = platform.clock.now();
    // A reset or a deletion that came while the password was verified has ended this session: it is not overruled.
    await tx.query(lockUser, [userId]);
    const live = await tx.query(sessionById, [viewer.sessionId, now]);
    if (live.length === 0) return refuse("NOT_AUTHENTICATED");
    const changed = await tx.query(changePasswordHash, [userId, passwordHash, user?.password_hash ?? null]);
    if (changed.length === 0) return wrong;
    await tx.query(revokeOtherSessions, [viewer.sessionId, userId, now]);
    await audit(platform, tx, { actorId: userId, principal, action: "password.set", subject: `user:${userId}` });
    return { ok: true, userId };
  });
}

/** Ends one of the viewer's sessions; its open subscriptions go silent within seconds. */
export async function revokeSession(
  platform: Platform,
  viewer: SignedIn,
  input: { sessionId: string } & Keyed,
): Promise<Outcome<{ sessionId: string }, "NOT_FOUND" | Reuse>> {
  const { sessionId } = input;
  const request = requestOf(platform, viewer, "revokeSession", input);
  return transactOnce<{ sessionId: string }, "NOT_FOUND">(platform.db, request, async (tx) => {
    const ended = await tx.finish(revokeSessions, [sessionId, viewer.userId, platform.clock.now()]);
    return ended.length > 0 ? { ok: true, sessionId } : refuse("NOT_FOUND", { path: ["input", "sessionId"] });
  });
}

type Leaving = { handle: string; giveUpMoney?: boolean | null | undefined };

/**
 * Deletes the viewer's account: handle, e-mail, password, wallets, keys and sessions go at once; its bots are archived
 * and keep their names only, what it published and said is taken away, its work ends and it leaves its teams. Contests stay, under an anonymous name. Nobody reaches what money is left then.
 */
export async function deleteAccount(
  platform: Platform,
  viewer: SignedIn,
  input: Leaving,
): Promise<Outcome<{ deleted: boolean }, "BAD_INPUT" | "MONEY_IN_PLAY" | "MONEY_LEFT">> {
  const { userId, principal } = viewer;
  return orTakenBack((takeBack: (refusal: Refusal<MoneyRefusal>) => never) =>
    platform.db.transact(async (tx) => {
      // Requests for withdrawals wait for this lock, too.
      await tx.query(lockUser, [userId]);
      const kept = await refuseMoney(tx, platform, userId, input);
      if (kept) return kept;
      const gone = `deleted-${userId.slice(-12)}`;
      const deleted = await tx.query(anonymise, [userId, gone, platform.clock.now(), input.handle]);
      if (deleted.length === 0)
        return refuse("BAD_INPUT", { path: ["input", "handle"], message: "Type your own handle to confirm." });
      const appends = await barUser.call(tx, platform, userId);
      // Whoever took a wager of this account's meanwhile was waited for: nobody can any more.
      const taken = await refuseMoney(tx, platform, userId, input);
      if (taken) return takeBack(taken);
      await personGone.call(tx, platform, userId);
      await audit(platform, tx, { actorId: userId, principal, action: "user.deleted", subject: `user:${userId}` });
      tx.afterCommit(() => platform.hub.touch("people"));
      // Last, because from here on nobody can say anything in the Pit until the commit.
      await append(tx, platform.hub.publish, appends, platform.clock.now());
      return { ok: true as const, deleted: true };
    }),
  );
}

type MoneyRefusal = "MONEY_IN_PLAY" | "MONEY_LEFT";

async function refuseMoney(
  tx: Tx,
  platform: Platform,
  userId: string,
  { giveUpMoney }: Leaving,
): Promise<Refusal<MoneyRefusal> | null> {
  const money = await whyMoneyStays.call(tx, platform, userId);
  return money === "MONEY_IN_PLAY" || (money && !giveUpMoney) ? refuse(money) : null;
}
