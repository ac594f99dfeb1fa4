import { statement } from "../../platform/statement.ts";

/** What may be reported, with the conversation that it is of. */
export const conversationShown = statement(
  "social.conversation-shown",
  `SELECT id AS conversation_id FROM conversation WHERE id = $1 AND hidden_at IS NULL`,
  { conversation_id: "uuid" },
);
export const commentShown = statement(
  "social.comment-shown",
  `SELECT m.conversation_id FROM conversation_comment m JOIN conversation c ON c.id = m.conversation_id
   WHERE m.id = $1 AND m.hidden_at IS NULL AND c.hidden_at IS NULL`,
  { conversation_id: "uuid" },
);
/** One open report of a person on the same: the index content_report_open. */
export const insertReport = statement(
  "social.insert-report",
  `INSERT INTO content_report (id, reporter_id, subject_id, conversation_id, comment_id, reason, created_at)
   VALUES ($1, $2, COALESCE($4::uuid, $3::uuid), $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id`,
  { id: "uuid" },
);
export const hideConversation = statement(
  "social.hide-conversation",
  `UPDATE conversation SET hidden_at = COALESCE(hidden_at, $2), hidden_reason = $3 WHERE id = $1 RETURNING id`,
  { id: "uuid" },
);
export const restoreConversation = statement(
  "social.restore-conversation",
  `UPDATE conversation SET hidden_at = NULL, hidden_reason = NULL WHERE id = $1 RETURNING id`,
  { id: "uuid" },
);
/** The comment's conversation is locked before: the count moves once. */
export const hideComment = statement(
  "social.hide-comment",
  `WITH before AS (SELECT conversation_id, hidden_at FROM conversation_comment WHERE id = $1),
   counted AS (UPDATE conversation c SET comments = comments - 1 FROM before b WHERE c.id = b.conversation_id AND b.hidden_at IS NULL)
   UPDATE conversation_comment SET hidden_at = COALESCE(hidden_at, $2), hidden_reason = $3 WHERE id = $1 RETURNING conversation_id`,
  { conversation_id: "uuid" },
);
export const restoreComment = statement(
  "social.restore-comment",
  `WITH before AS (SELECT conversation_id, hidden_at FROM conversation_comment WHERE id = $1),
   counted AS (UPDATE conversation c SET comments = comments + 1 FROM before b WHERE c.id = b.conversation_id AND b.hidden_at IS NOT NULL)
   UPDATE conversation_comment SET hidden_at = NULL, hidden_reason = NULL WHERE id = $1 RETURNING conversation_id`,
  { conversation_id: "uuid" },
);
export const closeReports = statement(
  "social.close-reports",
  `UPDATE content_report SET closed_at = $2, outcome = $3 WHERE subject_id = $1 AND closed_at IS NULL`,
  {},
);

/** What a person leaves behind is taken away, and the counts of others with it. */
export const forgetReactions = statement(
  "social.forget-reactions",
  `WITH gone AS (DELETE FROM social_reaction WHERE user_id = $1 RETURNING subject_id),
   many AS (SELECT subject_id, count(*)::int4 AS n FROM gone GROUP BY subject_id),
   conversations AS (UPDATE conversation c SET reactions = c.reactions - m.n FROM many m WHERE c.id = m.subject_id)
   UPDATE conversation_comment c SET reactions = c.reactions - m.n FROM many m WHERE c.id = m.subject_id`,
  {},
);
export const forgetComments = statement(
  "social.forget-comments",
  `WITH gone AS (DELETE FROM conversation_comment WHERE author_id = $1 RETURNING conversation_id, hidden_at),
   many AS (SELECT conversation_id, count(*) FILTER (WHERE hidden_at IS NULL)::int4 AS n FROM gone GROUP BY conversation_id)
   UPDATE conversation c SET comments = c.comments - m.n FROM many m WHERE c.id = m.conversation_id`,
  {},
);
export const forgetConversations = statement(
  "social.forget-conversations",
  `WITH bots AS (DELETE FROM bot_follow WHERE follower_id = $1),
   people AS (DELETE FROM user_follow WHERE follower_id = $1 OR user_id = $1)
   DELETE FROM conversation WHERE publisher_id = $1`,
  {},
);
