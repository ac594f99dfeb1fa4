import type { Platform } from "../../platform/platform.ts";
import type { KeyScope, Viewer } from "../../platform/viewer.ts";
import { SESSION_MS } from "../rules.ts";
import { findKey, findSession, touchKey } from "../store.ts";
import { secretHash } from "./accounts.ts";

const KEY_FORM = /^cq_[0-9a-f]{40}$/;
const USED_GRAIN_MS = 60_000;

/** The viewer of a key or a session's token, or null when it is not valid (any more). One indexed read by hash. */
export async function authenticate(platform: Platform, secret: string): Promise<Viewer | null> {
  return KEY_FORM.test(secret) ? byKey(platform, secret) : bySession(platform, secret);
}

async function byKey({ db, clock }: Platform, key: string): Promise<Viewer | null> {
  const now = clock.now();
  const [row] = await db.query(findKey, [secretHash(key), now]);
  if (!row) return null;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= USED_GRAIN_MS)
    await db.query(touchKey, [row.id, now]);
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
  return row
    ? {
        kind: "session",
        principal: `session:${row.id}`,
        userId: row.user_id,
        sessionId: row.id,
        operator: row.operator,
      }
    : null;
}
