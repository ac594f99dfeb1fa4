import { audit, refuseGone } from "../../identity/service/accounts.ts";
import { requireBot } from "../../bots/service/bots.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { hasScope, type SignedIn } from "../../platform/viewer.ts";
import { isTitle, tagsOf, type Visibility } from "../rules/content.ts";
import { parseTranscript, sanitise } from "../rules/transcript.ts";
import { deleteConversationRow, editConversationRow, insertConversation, lockConversation } from "../store/content.ts";

export type Published = { conversationId: string };
type Own = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
type PublishCode =
  | Own
  | "INVALID_TITLE"
  | "INVALID_TAGS"
  | "INVALID_TRANSCRIPT"
  | "TRANSCRIPT_TOO_LARGE"
  | "NOT_AUTHENTICATED"
  | "RATE_LIMITED";

/** A random UUID (RFC 9562, version 4): 122 bits that nobody guesses. */
function secretId({ random }: Pick<Platform, "random">): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Takes one of a person's points of a bucket; a refusal when there is none left. */
export async function limited(
  { rates }: Platform,
  { userId }: SignedIn,
  bucket: { name: string; points: number; windowMs: number },
): Promise<Refusal<"RATE_LIMITED"> | null> {
  const { retryAfterMs } = await rates.take(bucket, userId);
  return retryAfterMs > 0 ? refuse("RATE_LIMITED", { retryAfterMs }) : null;
}

export type Publish = {
  botId: string | null;
  title: string;
  tags: readonly string[];
  visibility: Visibility;
  transcript?: unknown;
} & Keyed;

/** Publishes a transcript, of a bot where one is named: secrets are cut, and what is kept is what everybody sees. */
export async function publishConversation(
  platform: Platform,
  viewer: SignedIn,
  input: Publish,
): Promise<Outcome<Published, PublishCode | Reuse>> {
  const { botId, visibility } = input;
  if (!isTitle(input.title)) return refuse("INVALID_TITLE", { path: ["input", "title"] });
  const tags = tagsOf(input.tags);
  if (!tags) return refuse("INVALID_TAGS", { path: ["input", "tags"] });
  const title = sanitise(input.title.trim());
  const request = requestOf(platform, viewer, "publishConversation", input);
  return transactOnce<Published, PublishCode>(platform.db, request, async (tx) => {
    const gone = await refuseGone(tx, viewer);
    if (gone) return gone;
    const own = await speaksFor(tx, viewer, botId);
    if (!own.ok) return own;
    const points = platform.settings.publicationsPerHour;
    const wait = await limited(platform, viewer, { name: "publish", points, windowMs: 3_600_000 });
    if (wait) return wait;
    // To read it is the dearest part: whoever has no point left is refused before.
    const parsed = parseTranscript(input.transcript);
    if (!parsed.ok) return refuse(parsed.refusal, { path: ["input", "transcript"], message: parsed.message });
    const conversationId = secretId(platform);
    const at = platform.clock.now();
    const about = [title, tags, visibility, JSON.stringify(parsed.turns), at];
    await tx.query(insertConversation, [conversationId, viewer.userId, botId, ...about]);
    return { ok: true, conversationId };
  });
}

/** A key that is bound to a bot publishes what that bot did, and nothing else. */
async function speaksFor(tx: Tx, viewer: SignedIn, botId: string | null): Promise<{ ok: true } | Refusal<Own>> {
  if (botId !== null) return requireBot(tx, viewer, botId);
  const bound = viewer.kind === "key" && viewer.boundBotId !== null;
  return bound ? refuse("NOT_YOUR_BOT", { path: ["input", "botId"] }) : { ok: true };
}

/** Whether a conversation is the viewer's own, in reach of the viewer's credentials. */
const isOwn = (viewer: SignedIn, { publisher_id, bot_id }: { publisher_id: string; bot_id: string | null }): boolean =>
  publisher_id === viewer.userId &&
  (viewer.kind === "session" || viewer.boundBotId === null || viewer.boundBotId === bot_id);

export type Edit = {
  conversationId: string;
  title?: string | null;
  tags?: readonly string[] | null;
  visibility?: Visibility | null;
} & Keyed;

/** Changes a conversation's title, tags or visibility; what was said stays as it was. */
export async function editConversation(
  platform: Platform,
  viewer: SignedIn,
  input: Edit,
): Promise<Outcome<Published, "NOT_FOUND" | "INVALID_TITLE" | "INVALID_TAGS" | Reuse>> {
  const { conversationId, visibility } = input;
  const title = input.title ?? null;
  if (title !== null && !isTitle(title)) return refuse("INVALID_TITLE", { path: ["input", "title"] });
  const tags = input.tags == null ? null : tagsOf(input.tags);
  if (input.tags != null && !tags) return refuse("INVALID_TAGS", { path: ["input", "tags"] });
  const request = requestOf(platform, viewer, "editConversation", input);
  return transactOnce<Published, "NOT_FOUND">(platform.db, request, async (tx) => {
    const [found] = await tx.query(lockConversation, [conversationId]);
    if (!found || !isOwn(viewer, found)) return refuse("NOT_FOUND", { path: ["input", "conversationId"] });
    const shown = title === null ? null : sanitise(title.trim());
    await tx.query(editConversationRow, [conversationId, shown, tags, visibility ?? null, platform.clock.now()]);
    return { ok: true, conversationId };
  });
}

/** Deletes a conversation with all that was said of it. Operators may, and that is audited. */
export function deleteConversation(
  platform: Platform,
  viewer: SignedIn,
  input: { conversationId: string } & Keyed,
): Promise<Outcome<Published, "NOT_FOUND" | Reuse>> {
  const { conversationId } = input;
  const request = requestOf(platform, viewer, "deleteConversation", input);
  return transactOnce<Published, "NOT_FOUND">(platform.db, request, async (tx) => {
    const [found] = await tx.query(lockConversation, [conversationId]);
    const own = found && isOwn(viewer, found);
    if (!found || (!own && !hasScope(viewer, "ADMIN")))
      return refuse("NOT_FOUND", { path: ["input", "conversationId"] });
    await tx.query(deleteConversationRow, [conversationId]);
    const { userId: actorId, principal } = viewer;
    if (!own)
      await audit(platform, tx, {
        actorId,
        principal,
        action: "content.deleted",
        subject: `conversation:${conversationId}`,
      });
    return { ok: true, conversationId };
  });
}
