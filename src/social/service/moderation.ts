import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { refuseBound, type SignedIn } from "../../platform/viewer.ts";
import { isText, REPORT_LENGTH_MAX } from "../rules/content.ts";
import { lockCommented } from "../store/content.ts";
import * as store from "../store/moderation.ts";
import { limited } from "./publish.ts";
import { tellComment, type Content } from "./speak.ts";

type Reported = { reportId: string };
type ReportCode = "INVALID_REASON" | "NOT_FOUND" | "ALREADY_REPORTED" | "MISSING_SCOPE" | "RATE_LIMITED";
type About = { content: Content; reason: string } & Keyed;

/** Tells operators that something should not be there. */
export async function reportContent(
  platform: Platform,
  viewer: SignedIn,
  input: About,
): Promise<Outcome<Reported, ReportCode | Reuse>> {
  const { content, reason } = input;
  const bound = refuseBound(viewer);
  if (bound) return bound;
  if (!isText(reason, REPORT_LENGTH_MAX)) return refuse("INVALID_REASON", { path: ["input", "reason"] });
  const request = requestOf(platform, viewer, "reportContent", input);
  return transactOnce<Reported, ReportCode>(platform.db, request, async (tx) => {
    const points = platform.settings.reportsPerHour;
    const wait = await limited(platform, viewer, { name: "report", points, windowMs: 3_600_000 });
    if (wait) return wait;
    const ofComment = content.of === "COMMENT";
    const [found] = await tx.query(ofComment ? store.commentShown : store.conversationShown, [content.id]);
    if (!found) return refuse("NOT_FOUND", { path: ["input", "contentId"] });
    const at = platform.clock.now();
    const reportId = platform.random.id(at);
    const about = [found.conversation_id, ofComment ? content.id : null, reason.trim(), at];
    const made = await tx.query(store.insertReport, [reportId, viewer.userId, ...about]);
    return made.length > 0 ? { ok: true, reportId } : refuse("ALREADY_REPORTED", { path: ["input", "contentId"] });
  });
}

type Moderated = { content: Content };
type ModerationCode = "NOT_FOUND" | "INVALID_REASON";

/** Hides content from everybody but its author and operators, or shows it again; its open reports are closed. Audited. */
export async function moderate(
  platform: Platform,
  viewer: SignedIn,
  input: About,
  operation: "hideContent" | "restoreContent",
): Promise<Outcome<Moderated, ModerationCode | Reuse>> {
  const { content, reason } = input;
  if (!isText(reason, REPORT_LENGTH_MAX)) return refuse("INVALID_REASON", { path: ["input", "reason"] });
  const hide = operation === "hideContent";
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<Moderated, ModerationCode>(platform.db, request, async (tx) => {
    const done = await setHidden(tx, platform, content, hide ? reason.trim() : null);
    if (!done) return refuse("NOT_FOUND", { path: ["input", "contentId"] });
    await tx.query(store.closeReports, [content.id, platform.clock.now(), hide ? "HIDDEN" : "KEPT"]);
    await audit(platform, tx, {
      actorId: viewer.userId,
      principal: viewer.principal,
      action: hide ? "content.hidden" : "content.restored",
      subject: `${content.of.toLowerCase()}:${content.id}`,
      reason: reason.trim(),
    });
    return { ok: true, content };
  });
}

/** Hides content for a reason, or shows it where there is none; false where there is no such content. */
async function setHidden(tx: Tx, platform: Platform, { of, id }: Content, reason: string | null): Promise<boolean> {
  const hidden = [id, platform.clock.now(), reason];
  if (of === "CONVERSATION") {
    const rows =
      reason === null
        ? await tx.query(store.restoreConversation, [id])
        : await tx.query(store.hideConversation, hidden);
    return rows.length > 0;
  }
  await tx.query(lockCommented, [id]);
  const [comment] =
    reason === null ? await tx.query(store.restoreComment, [id]) : await tx.query(store.hideComment, hidden);
  if (!comment) return false;
  const type = reason === null ? "CommentPosted" : "CommentRemoved";
  await tellComment(tx, platform, comment.conversation_id, { type, commentId: id });
  return true;
}

/** Takes away, in the caller's transaction, what a person who deletes the account published, said and followed. */
export async function forgetPerson(tx: Tx, userId: string): Promise<void> {
  await tx.query(store.forgetReactions, [userId]);
  await tx.query(store.forgetComments, [userId]);
  await tx.query(store.forgetConversations, [userId]);
}
