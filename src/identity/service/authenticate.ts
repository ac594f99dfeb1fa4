import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import type { KeyScope, SignedIn, Viewer } from "../../platform/viewer.ts";
import { SESSION_MS } from "../rules.ts";
import { findKey, findSession, holdingCredentials, keyById, redeemTicket, sessionById, touchKey } from "../store.ts";
import { secretHash } from "./accounts.ts";

const TICKET_FORM = /^tk_[\w-]{43}$/;
const KEY_FORM = /^cq_[0-9a-f]{40}$/;
const USED_GRAIN_MS = 60_000;

/** The viewer of a key, a ticket or a session's token, or null when it is not valid (any more). One indexed read by hash. */
export async function authenticate(platform: Platform, secret: string): Promise<Viewer | null> {
  if (TICKET_FORM.test(secret)) return byTicket(platform, secret);
  return KEY_FORM.test(secret) ? byKey(platform, secret) : bySession(platform, secret);
}

/** Those of the viewers whose credentials still hold. One statement, however many: open connections are asked about every few seconds. */
export async function stillValid<V extends SignedIn>({ db, clock }: Platform, viewers: readonly V[]): Promise<V[]> {
  const keys = viewers.flatMap((viewer) => (viewer.kind === "key" ? [viewer.apiKeyId] : []));
  const sessions = viewers.flatMap((viewer) => (viewer.kind === "session" ? [viewer.sessionId] : []));
  const rows = await db.query(holdingCredentials, [keys, sessions, clock.now()]);
  const holding = new Set(rows.map(({ id }) => id));
  return viewers.filter((viewer) => holding.has(viewer.kind === "key" ? viewer.apiKeyId : viewer.sessionId));
}

/** A ticket opens one socket: whoever deletes its row has used it. */
async function byTicket({ db, clock }: Platform, ticket: string): Promise<Viewer | null> {
  const now = clock.now();
  const [used] = await db.query(redeemTicket, [secretHash(ticket), now]);
  if (!used) return null;
  const [key] = used.api_key_id ? await db.query(keyById, [used.api_key_id, now]) : [];
  if (key) return keyViewer(key);
  const [session] = used.session_id ? await db.query(sessionById, [used.session_id, now]) : [];
  return session ? sessionViewer(session) : null;
}

async function byKey({ db, clock }: Platform, key: string): Promise<Viewer | null> {
  const now = clock.now();
  const [row] = await db.query(findKey, [secretHash(key), now]);
  if (!row) return null;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= USED_GRAIN_MS)
    await db.query(touchKey, [row.id, now]);
  return keyViewer(row);
}

function keyViewer(row: Row<typeof keyById>): Viewer {
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

async function bySession({ db, clock }: Platform, token: string): Promise<Viewer | null> {
  const now = clock.now();
  const [row] = await db.query(findSession, [secretHash(token), now, new Date(now.getTime() + SESSION_MS)]);
  return row ? sessionViewer(row) : null;
}

function sessionViewer({ id, user_id: userId, operator }: Row<typeof sessionById>): Viewer {
  return { kind: "session", principal: `session:${id}`, userId, sessionId: id, operator };
}
