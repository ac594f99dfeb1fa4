import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import type { Authenticated, KeyScope, SignedIn } from "../../platform/viewer.ts";
import { SESSION_MS } from "../rules.ts";
import {
  findKey,
  findSession,
  holdingCredentials,
  keyById,
  moveSessions,
  redeemTicket,
  sessionById,
  touchKey,
} from "../store.ts";
import { secretHash } from "./accounts.ts";

const TICKET_FORM = /^tk_[\w-]{43}$/;
const KEY_FORM = /^cq_[0-9a-f]{40}$/;
const USED_GRAIN_MS = 60_000;
/** A session's end is moved at most this often: not each read is a write. */
const SESSION_GRAIN_MS = 5 * 60_000;
const isToMove = (usedAt: Date, now: Date) => now.getTime() - usedAt.getTime() >= SESSION_GRAIN_MS;
const endFrom = (now: Date) => new Date(now.getTime() + SESSION_MS);

/** The viewer of a key, a ticket or a session's token, or null when it is not valid (any more). One indexed read by hash. */
export async function authenticate(
  platform: Platform,
  { secret, byCookie }: { secret: string; byCookie: boolean },
): Promise<Authenticated | null> {
  // A browser's cookie is a session's: a key in it would outlive every sign-out, and pass for a person's session.
  if (byCookie || (!TICKET_FORM.test(secret) && !KEY_FORM.test(secret))) return bySession(platform, secret);
  const viewer = await (TICKET_FORM.test(secret) ? byTicket(platform, secret) : byKey(platform, secret));
  return viewer && { viewer, renewedUntil: null };
}

/**
 * Those of the viewers whose credentials still hold, with the rights that they were given. One statement, however many:
 * open connections are asked about every few seconds. Holding one open is a use: it moves a session's end as a request does.
 */
export async function stillValid<V extends SignedIn>({ db, clock }: Platform, viewers: readonly V[]): Promise<V[]> {
  const keys = viewers.flatMap((viewer) => (viewer.kind === "key" ? [viewer.apiKeyId] : []));
  const sessions = viewers.flatMap((viewer) => (viewer.kind === "session" ? [viewer.sessionId] : []));
  const now = clock.now();
  const rows = await db.query(holdingCredentials, [keys, sessions, now]);
  const moving = rows.filter(({ last_used_at: usedAt }) => usedAt !== null && isToMove(usedAt, now));
  if (moving.length > 0) await db.query(moveSessions, [moving.map(({ id }) => id), now, endFrom(now)]);
  const operators = new Map(rows.map(({ id, operator }) => [id, operator]));
  const idOf = (viewer: V) => (viewer.kind === "key" ? viewer.apiKeyId : viewer.sessionId);
  // Of the rights only an operator's are given and taken while a key or session lives; scopes are for good.
  return viewers.filter((viewer) => operators.get(idOf(viewer)) === viewer.operator);
}

/** A ticket opens one socket: whoever deletes its row has used it. */
async function byTicket({ db, clock }: Platform, ticket: string): Promise<SignedIn | null> {
  const now = clock.now();
  const [used] = await db.query(redeemTicket, [secretHash(ticket), now]);
  if (!used) return null;
  const [key] = used.api_key_id ? await db.query(keyById, [used.api_key_id, now]) : [];
  if (key) return keyViewer(key);
  const [session] = used.session_id ? await db.query(sessionById, [used.session_id, now]) : [];
  return session ? sessionViewer(session) : null;
}

async function byKey({ db, clock }: Platform, key: string): Promise<SignedIn | null> {
  const now = clock.now();
  const [row] = await db.query(findKey, [secretHash(key), now]);
  if (!row) return null;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= USED_GRAIN_MS)
    await db.query(touchKey, [row.id, now]);
  return keyViewer(row);
}

function keyViewer(row: Row<typeof keyById>): SignedIn {
  return {
    kind: "key",
    principal: `key:${row.id}`,
    userId: row.user_id,
    apiKeyId: row.id,
    scopes: row.scopes as KeyScope[],
    boundBotId: row.bot_id,
    operator: row.operator,
  };
}

async function bySession({ db, clock }: Platform, token: string): Promise<Authenticated | null> {
  const now = clock.now();
  const [row] = await db.query(findSession, [secretHash(token), now]);
  if (!row) return null;
  const viewer = sessionViewer(row);
  if (!isToMove(row.last_used_at, now)) return { viewer, renewedUntil: null };
  const renewedUntil = endFrom(now);
  await db.query(moveSessions, [[row.id], now, renewedUntil]);
  return { viewer, renewedUntil };
}

function sessionViewer({ id, user_id: userId, operator }: Row<typeof sessionById>): SignedIn {
  return { kind: "session", principal: `session:${id}`, userId, sessionId: id, operator };
}
