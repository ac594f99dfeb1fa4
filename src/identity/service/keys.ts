import type { Tx } from "../../platform/database.ts";
import { transactOnce } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { hasScope, type KeyScope, type SignedIn } from "../../platform/viewer.ts";
import { KEY_NAME_LENGTH_MAX, ROTATION_GRACE_MAX_MS } from "../rules.ts";
import { expireKey, insertKey, liveKeys, lockUser, ownedBot, ownKey, revokeKeyRow } from "../store.ts";
import { audit, secretHash } from "./accounts.ts";

const PREFIX_LENGTH = 12;

/** A new key: the whole of it is shown this once. */
export type KeyMade = { apiKeyId: string; key: string };
export type CreateKey = {
  name: string;
  scopes: readonly KeyScope[];
  botId?: string | null;
  expiresAt?: Date | null;
  idempotencyKey?: string | null;
};

type Refused = "NOT_YOUR_BOT" | "KEY_LIMIT" | "BAD_INPUT" | "MISSING_SCOPE" | "IDEMPOTENCY_KEY_REUSED" | "ALREADY_DONE";

type RotateRefusal = "NOT_FOUND" | "GRACE_TOO_LONG" | "MISSING_SCOPE";

/** Makes an API key for the viewer, at most 20 live ones a user. A key cannot make a stronger one than itself. */
export function createApiKey(
  platform: Platform,
  viewer: SignedIn,
  input: CreateKey,
): Promise<Outcome<KeyMade, Refused>> {
  const at = platform.clock.now();
  const request = {
    principal: viewer.principal,
    operation: "createApiKey",
    input,
    key: input.idempotencyKey,
    at,
    secret: true,
  };
  return transactOnce<KeyMade, Refused>(platform.db, request, async (tx) => {
    if (input.name.trim() === "" || input.name.length > KEY_NAME_LENGTH_MAX)
      return refuse("BAD_INPUT", {
        path: ["input", "name"],
        message: `A key's name has 1 to ${KEY_NAME_LENGTH_MAX} characters.`,
      });
    if (input.expiresAt && input.expiresAt <= at)
      return refuse("BAD_INPUT", { path: ["input", "expiresAt"], message: "A key must expire in the future." });
    const beyond = beyondReach(viewer, input);
    if (beyond) return refuse("MISSING_SCOPE", { path: ["input", beyond] });
    if (input.botId && (await tx.query(ownedBot, [input.botId, viewer.userId])).length === 0)
      return refuse("NOT_YOUR_BOT", { path: ["input", "botId"] });
    // The user's row lock makes the count of live keys hold.
    await tx.query(lockUser, [viewer.userId]);
    const [live] = await tx.query(liveKeys, [viewer.userId, at]);
    if ((live?.keys ?? 0) >= platform.settings.keysPerUserMax) return refuse("KEY_LIMIT");
    return { ok: true, ...(await writeKey(platform, tx, viewer, input)) };
  });
}

/** What of a key goes beyond the viewer's own credentials: nobody gets a stronger key by means of a weaker one. */
function beyondReach(
  viewer: SignedIn,
  { scopes, botId }: { scopes: readonly KeyScope[]; botId?: string | null },
): "scopes" | "botId" | null {
  if (!scopes.every((scope) => hasScope(viewer, scope))) return "scopes";
  const bound = viewer.kind === "key" ? viewer.boundBotId : null;
  return bound !== null && bound !== botId ? "botId" : null;
}

async function writeKey(
  platform: Platform,
  tx: Tx,
  viewer: SignedIn,
  { name, scopes, botId, expiresAt }: CreateKey,
): Promise<KeyMade> {
  const at = platform.clock.now();
  const apiKeyId = platform.random.id(at);
  const key = `cq_${platform.random.bytes(20).toString("hex")}`;
  await tx.query(insertKey, [
    apiKeyId,
    viewer.userId,
    botId ?? null,
    name.trim(),
    key.slice(0, PREFIX_LENGTH),
    secretHash(key),
    [...scopes],
    at,
    expiresAt ?? null,
  ]);
  await audit(platform, tx, {
    actorId: viewer.userId,
    principal: viewer.principal,
    action: "key.created",
    subject: `key:${apiKeyId}`,
  });
  return { apiKeyId, key };
}

/** Replaces a key, no stronger than the viewer's own, by a new one of the same rights; the old one works on for `graceMs`, at most 24 hours. */
export function rotateApiKey(
  platform: Platform,
  viewer: SignedIn,
  input: { apiKeyId: string; graceMs: number; idempotencyKey?: string | null },
): Promise<Outcome<KeyMade, RotateRefusal | Refused>> {
  const at = platform.clock.now();
  const request = {
    principal: viewer.principal,
    operation: "rotateApiKey",
    input,
    key: input.idempotencyKey,
    at,
    secret: true,
  };
  return transactOnce<KeyMade, RotateRefusal>(platform.db, request, async (tx) => {
    if (input.graceMs < 0 || input.graceMs > ROTATION_GRACE_MAX_MS)
      return refuse("GRACE_TOO_LONG", { path: ["input", "graceMs"] });
    const [old] = await tx.query(ownKey, [input.apiKeyId, viewer.userId]);
    if (!old) return refuse("NOT_FOUND", { path: ["input", "apiKeyId"] });
    const scopes = old.scopes as KeyScope[];
    if (beyondReach(viewer, { scopes, botId: old.bot_id }))
      return refuse("MISSING_SCOPE", { path: ["input", "apiKeyId"] });
    await tx.query(expireKey, [old.id, new Date(at.getTime() + input.graceMs)]);
    const made = await writeKey(platform, tx, viewer, {
      name: old.name,
      scopes,
      botId: old.bot_id,
      expiresAt: old.expires_at,
    });
    return { ok: true, ...made };
  });
}

/** Ends a key at once; open subscriptions of it go silent within seconds. */
export async function revokeApiKey(
  platform: Platform,
  viewer: SignedIn,
  input: { apiKeyId: string },
): Promise<Outcome<{ apiKeyId: string }, "NOT_FOUND">> {
  return platform.db.transact(async (tx) => {
    const [ended] = await tx.query(revokeKeyRow, [input.apiKeyId, viewer.userId, platform.clock.now()]);
    if (!ended) return refuse("NOT_FOUND", { path: ["input", "apiKeyId"] });
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: "key.revoked",
      subject: `key:${ended.id}`,
    });
    return { ok: true as const, apiKeyId: ended.id };
  });
}
