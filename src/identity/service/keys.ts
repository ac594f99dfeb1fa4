import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
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
} & Keyed;

type NoKey = "KEY_LIMIT" | "RATE_LIMITED" | "NOT_AUTHENTICATED";
type Refused = "NOT_YOUR_BOT" | "MISSING_SCOPE" | NoKey | Reuse;

type RotateRefusal = "NOT_FOUND" | "ALREADY_ROTATED" | "GRACE_TOO_LONG" | "MISSING_SCOPE" | NoKey;

/** Makes an API key for the viewer, at most 20 live ones a user. A key cannot make a stronger one than itself. */
export function createApiKey(
  platform: Platform,
  viewer: SignedIn,
  input: CreateKey,
): Promise<Outcome<KeyMade, Refused>> {
  const at = platform.clock.now();
  const request = { ...requestOf(platform, viewer, "createApiKey", input), secret: true };
  return transactOnce<KeyMade, Refused>(platform.db, request, async (tx) => {
    if (input.name.trim() === "" || input.name.length > KEY_NAME_LENGTH_MAX)
      return refuse("BAD_INPUT", {
        path: ["input", "name"],
        message: `A key's name has 1 to ${KEY_NAME_LENGTH_MAX} characters.`,
      });
    if (input.expiresAt && input.expiresAt <= at)
      return refuse("BAD_INPUT", { path: ["input", "expiresAt"], message: "A key must expire in the future." });
    const beyond = await beyondReach(tx, viewer, input, at);
    if (beyond) return refuse("MISSING_SCOPE", { path: ["input", beyond] });
    if (input.botId && (await tx.query(ownedBot, [input.botId, viewer.userId])).length === 0)
      return refuse("NOT_YOUR_BOT", { path: ["input", "botId"] });
    const none = await whyNoKey(platform, tx, viewer, at);
    if (none) return none;
    return { ok: true, ...(await writeKey(platform, tx, viewer, input)) };
  });
}

type Rights = Pick<CreateKey, "scopes" | "botId" | "expiresAt">;

/** What a key was made with: a grace that ends it sooner is no right of it. */
const rightsOf = ({ scopes, bot_id: botId, granted_until: expiresAt }: Row<typeof ownKey>): Rights => ({
  scopes: scopes as KeyScope[],
  botId,
  expiresAt,
});

/** What of a key goes beyond the viewer's own credentials: nobody gets a stronger or a longer key by means of another. */
async function beyondReach(
  tx: Tx,
  viewer: SignedIn,
  { scopes, botId, expiresAt }: Rights,
  at: Date,
): Promise<"scopes" | "botId" | "expiresAt" | null> {
  if (!scopes.every((scope) => hasScope(viewer, scope))) return "scopes";
  if (viewer.kind !== "key") return null;
  if (viewer.boundBotId !== null && viewer.boundBotId !== botId) return "botId";
  const [own] = await tx.query(ownKey, [viewer.apiKeyId, viewer.userId, at]);
  const until = own?.expires_at ?? null;
  return until !== null && (!expiresAt || expiresAt > until) ? "expiresAt" : null;
}

/**
 * Why a viewer gets no further key: the account is gone, it has as many live ones as it may, or too many were made this
 * hour. The row's lock makes the first two hold. Keys that make keys use up nothing of what a session may make.
 */
async function whyNoKey(
  { settings, rates }: Platform,
  tx: Tx,
  { kind, userId }: SignedIn,
  at: Date,
  ending = 0,
): Promise<Refusal<NoKey> | null> {
  const [owner] = await tx.query(lockUser, [userId]);
  if (!owner || owner.gone) return refuse("NOT_AUTHENTICATED");
  const [live] = await tx.query(liveKeys, [userId, at]);
  if ((live?.keys ?? 0) - ending >= settings.keysPerUserMax) return refuse("KEY_LIMIT");
  // Points are counted by key: whoever made, spent and ended one after another would have any number of them.
  const bucket = { name: `keys-by-${kind}`, points: settings.keysPerHour, windowMs: 3_600_000 };
  const { retryAfterMs } = await rates.take(bucket, userId);
  return retryAfterMs > 0 ? refuse("RATE_LIMITED", { retryAfterMs }) : null;
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
  input: { apiKeyId: string; graceMs: number } & Keyed,
): Promise<Outcome<KeyMade, RotateRefusal | Refused>> {
  const at = platform.clock.now();
  const request = { ...requestOf(platform, viewer, "rotateApiKey", input), secret: true };
  return transactOnce<KeyMade, RotateRefusal>(platform.db, request, async (tx) => {
    if (input.graceMs < 0 || input.graceMs > ROTATION_GRACE_MAX_MS)
      return refuse("GRACE_TOO_LONG", { path: ["input", "graceMs"] });
    const [old] = await tx.query(ownKey, [input.apiKeyId, viewer.userId, at]);
    if (!old) return refuse("NOT_FOUND", { path: ["input", "apiKeyId"] });
    const rights = rightsOf(old);
    // Who holds a replaced key for its grace, a thief included, must not turn it into a lasting one.
    if (
      viewer.kind === "key" &&
      viewer.apiKeyId === old.id &&
      old.expires_at?.getTime() !== rights.expiresAt?.getTime()
    )
      return refuse("ALREADY_ROTATED", { path: ["input", "apiKeyId"] });
    if (await beyondReach(tx, viewer, rights, at)) return refuse("MISSING_SCOPE", { path: ["input", "apiKeyId"] });
    // A key that works on counts, or rotating one again and again would make any number of them.
    const none = await whyNoKey(platform, tx, viewer, at, input.graceMs === 0 ? 1 : 0);
    if (none) return none;
    await tx.query(expireKey, [old.id, new Date(at.getTime() + input.graceMs)]);
    return { ok: true, ...(await writeKey(platform, tx, viewer, { name: old.name, ...rights })) };
  });
}

/** Ends a key, no stronger than the viewer's own, at once; open subscriptions of it go silent within seconds. */
export async function revokeApiKey(
  platform: Platform,
  viewer: SignedIn,
  input: { apiKeyId: string } & Keyed,
): Promise<Outcome<{ apiKeyId: string }, "NOT_FOUND" | "MISSING_SCOPE" | Reuse>> {
  const request = requestOf(platform, viewer, "revokeApiKey", input);
  return transactOnce<{ apiKeyId: string }, "NOT_FOUND" | "MISSING_SCOPE">(platform.db, request, async (tx) => {
    const at = platform.clock.now();
    const path = ["input", "apiKeyId"];
    const [live] = await tx.query(ownKey, [input.apiKeyId, viewer.userId, at]);
    if (live && (await beyondReach(tx, viewer, rightsOf(live), at))) return refuse("MISSING_SCOPE", { path });
    const [ended] = await tx.query(revokeKeyRow, [input.apiKeyId, viewer.userId, at]);
    if (!ended) return refuse("NOT_FOUND", { path });
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: "key.revoked",
      subject: `key:${ended.id}`,
    });
    return { ok: true, apiKeyId: ended.id };
  });
}
