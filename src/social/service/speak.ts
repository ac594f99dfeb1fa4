import { audit, refuseGone } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { append } from "../../platform/streams.ts";
import { hasScope, refuseBound, type SignedIn } from "../../platform/viewer.ts";
import { toConversation, type ConversationEvent } from "../events.ts";
import { COMMENT_LENGTH_MAX, FOLLOWS_MAX, isText, type ReactionKind } from "../rules/content.ts";
import { sanitise } from "../rules/transcript.ts";
import * as store from "../store/content.ts";
import { limited } from "./publish.ts";

/** A conversation or a comment. */
export type Content = { of: "CONVERSATION" | "COMMENT"; id: string };

/** Tells those who read a conversation what became of a comment. */
export async function tellComment(
  tx: Tx,
  { hub, clock }: Platform,
  conversationId: string,
  event: ConversationEvent,
): Promise<void> {
  await append(tx, hub.publish, [toConversation(conversationId, event)], clock.now());
}

type Commented = { commentId: string; conversationId: string };
type CommentCode = "INVALID_COMMENT" | "NOT_FOUND" | "MISSING_SCOPE" | "NOT_AUTHENTICATED" | "RATE_LIMITED";

/** Says something of a conversation: 1 to 2,000 characters. */
export async function createComment(
  platform: Platform,
  viewer: SignedIn,
  input: { conversationId: string; text: string } & Keyed,
): Promise<Outcome<Commented, CommentCode | Reuse>> {
  const { conversationId } = input;
  const bound = refuseBound(viewer);
  if (bound) return bound;
  if (!isText(input.text, COMMENT_LENGTH_MAX)) return refuse("INVALID_COMMENT", { path: ["input", "text"] });
  const request = requestOf(platform, viewer, "createComment", input);
  return transactOnce<Commented, CommentCode>(platform.db, request, async (tx) => {
    const gone = await refuseGone(tx, viewer);
    if (gone) return gone;
    const points = platform.settings.commentsPerMinute;
    const wait = await limited(platform, viewer, { name: "comment", points, windowMs: 60_000 });
    if (wait) return wait;
    const at = platform.clock.now();
    const commentId = platform.random.id(at);
    const text = sanitise(input.text.trim());
    const made = await tx.query(store.insertComment, [commentId, conversationId, viewer.userId, text, at]);
    if (made.length === 0) return refuse("NOT_FOUND", { path: ["input", "conversationId"] });
    await tellComment(tx, platform, conversationId, { type: "CommentPosted", commentId });
    return { ok: true, commentId, conversationId };
  });
}

/** A comment with its conversation, both locked; null when there is none. */
async function lockedComment(tx: Tx, commentId: string) {
  await tx.query(store.lockCommented, [commentId]);
  const [comment] = await tx.query(store.lockComment, [commentId]);
  return comment ?? null;
}

/** Says it in other words. What an operator hid stays as it was. */
export async function editComment(
  platform: Platform,
  viewer: SignedIn,
  input: { commentId: string; text: string } & Keyed,
): Promise<Outcome<Commented, CommentCode | Reuse>> {
  const { commentId } = input;
  const bound = refuseBound(viewer);
  if (bound) return bound;
  if (!isText(input.text, COMMENT_LENGTH_MAX)) return refuse("INVALID_COMMENT", { path: ["input", "text"] });
  const request = requestOf(platform, viewer, "editComment", input);
  return transactOnce<Commented, CommentCode>(platform.db, request, async (tx) => {
    const comment = await lockedComment(tx, commentId);
    if (!comment || comment.hidden || comment.author_id !== viewer.userId)
      return refuse("NOT_FOUND", { path: ["input", "commentId"] });
    const conversationId = comment.conversation_id;
    await tx.query(store.editCommentRow, [commentId, sanitise(input.text.trim()), platform.clock.now()]);
    await tellComment(tx, platform, conversationId, { type: "CommentEdited", commentId });
    return { ok: true, commentId, conversationId };
  });
}

/** Takes a comment back. Operators may, and that is audited. */
export function deleteComment(
  platform: Platform,
  viewer: SignedIn,
  input: { commentId: string } & Keyed,
): Promise<Outcome<Commented, "NOT_FOUND" | "MISSING_SCOPE" | Reuse>> {
  const { commentId } = input;
  const request = requestOf(platform, viewer, "deleteComment", input);
  return transactOnce<Commented, "NOT_FOUND" | "MISSING_SCOPE">(platform.db, request, async (tx) => {
    const bound = refuseBound(viewer);
    if (bound) return bound;
    const comment = await lockedComment(tx, commentId);
    const own = comment?.author_id === viewer.userId;
    if (!comment || (!own && !hasScope(viewer, "ADMIN"))) return refuse("NOT_FOUND", { path: ["input", "commentId"] });
    const conversationId = comment.conversation_id;
    await tx.query(store.deleteCommentRow, [commentId]);
    await tellComment(tx, platform, conversationId, { type: "CommentRemoved", commentId });
    const { userId: actorId, principal } = viewer;
    if (!own)
      await audit(platform, tx, { actorId, principal, action: "content.deleted", subject: `comment:${commentId}` });
    return { ok: true, commentId, conversationId };
  });
}

const REACTIONS = {
  react: { CONVERSATION: store.reactToConversation, COMMENT: store.reactToComment },
  unreact: { CONVERSATION: store.unreactToConversation, COMMENT: store.unreactToComment },
} as const;
export type Reaction = { content: Content; kind: ReactionKind } & Keyed;
type ReactionCode = "NOT_FOUND" | "MISSING_SCOPE" | "NOT_AUTHENTICATED";

/** Reacts to a conversation or comment, once in each way, or takes that back. */
export function setReaction(
  platform: Platform,
  viewer: SignedIn,
  input: Reaction,
  operation: keyof typeof REACTIONS,
): Promise<Outcome<{ content: Content }, ReactionCode | Reuse>> {
  const { content, kind } = input;
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<{ content: Content }, ReactionCode>(platform.db, request, async (tx) => {
    const refusal = refuseBound(viewer) ?? (await refuseGone(tx, viewer));
    if (refusal) return refusal;
    const values = [content.id, viewer.userId, kind];
    const found =
      operation === "react"
        ? await tx.query(REACTIONS.react[content.of], [...values, platform.clock.now()])
        : await tx.query(REACTIONS.unreact[content.of], values);
    return found.length > 0 ? { ok: true, content } : refuse("NOT_FOUND", { path: ["input", "contentId"] });
  });
}

/** A bot or a person. */
export type Followed = { of: "BOT" | "USER"; id: string };
type FollowCode = "NOT_FOUND" | "MISSING_SCOPE" | "NOT_AUTHENTICATED" | "FOLLOW_ONESELF" | "FOLLOW_LIMIT";

/** Follows a bot or a person; again is no more. */
export function follow(
  platform: Platform,
  viewer: SignedIn,
  input: { subject: Followed } & Keyed,
): Promise<Outcome<{ subject: Followed }, FollowCode | Reuse>> {
  const { subject } = input;
  const { userId } = viewer;
  const path = ["input", "subjectId"];
  const request = requestOf(platform, viewer, "follow", input);
  return transactOnce<{ subject: Followed }, FollowCode>(platform.db, request, async (tx) => {
    const bound = refuseBound(viewer);
    if (bound) return bound;
    if (subject.id === userId) return refuse("FOLLOW_ONESELF", { path });
    const held = await tx.query(store.holdFollower, [userId]);
    if (held.length === 0) return refuse("NOT_AUTHENTICATED");
    const [follows] = await tx.query(store.followsOf, [userId]);
    if ((follows?.[subject.of === "BOT" ? "bots" : "users"] ?? 0) >= FOLLOWS_MAX)
      return refuse("FOLLOW_LIMIT", { path });
    const statement = subject.of === "BOT" ? store.followBot : store.followUser;
    const found = await tx.query(statement, [userId, subject.id, platform.clock.now()]);
    return found.length > 0 ? { ok: true, subject } : refuse("NOT_FOUND", { path });
  });
}

/** Follows no more. */
export function unfollow(
  platform: Platform,
  viewer: SignedIn,
  input: { subject: Followed } & Keyed,
): Promise<Outcome<{ subject: Followed }, "NOT_FOUND" | "MISSING_SCOPE" | Reuse>> {
  const { subject } = input;
  const request = requestOf(platform, viewer, "unfollow", input);
  return transactOnce<{ subject: Followed }, "NOT_FOUND" | "MISSING_SCOPE">(platform.db, request, async (tx) => {
    const bound = refuseBound(viewer);
    if (bound) return bound;
    const statement = subject.of === "BOT" ? store.unfollowBot : store.unfollowUser;
    const found = await tx.query(statement, [viewer.userId, subject.id]);
    return found.length > 0 ? { ok: true, subject } : refuse("NOT_FOUND", { path: ["input", "subjectId"] });
  });
}
