import { statement } from "../../platform/statement.ts";

export const insertConversation = statement(
  "social.insert-conversation",
  `INSERT INTO conversation (id, publisher_id, bot_id, title, tags, visibility, turns, turn_count, bytes, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, jsonb_array_length($7::jsonb), octet_length($7::text), $8)`,
  {},
);
export const lockConversation = statement(
  "social.lock-conversation",
  `SELECT publisher_id, bot_id FROM conversation WHERE id = $1 FOR UPDATE`,
  { publisher_id: "uuid", bot_id: "uuid?" },
);
export const editConversationRow = statement(
  "social.edit-conversation",
  `UPDATE conversation SET title = COALESCE($2, title), tags = COALESCE($3::text[], tags), visibility = COALESCE($4, visibility), edited_at = $5
   WHERE id = $1`,
  {},
);
/** Comments, reactions and reports go with it. */
export const deleteConversationRow = statement(
  "social.delete-conversation",
  `DELETE FROM conversation WHERE id = $1`,
  {},
);

/** Nobody comments on what is hidden. */
export const insertComment = statement(
  "social.insert-comment",
  `WITH about AS (UPDATE conversation SET comments = comments + 1 WHERE id = $2 AND hidden_at IS NULL RETURNING id)
   INSERT INTO conversation_comment (id, conversation_id, author_id, text, created_at) SELECT $1, id, $3, $4, $5 FROM about RETURNING id`,
  { id: "uuid" },
);
/** A comment under its conversation's lock, which is taken first everywhere. */
export const lockCommented = statement(
  "social.lock-commented",
  `SELECT id FROM conversation WHERE id = (SELECT conversation_id FROM conversation_comment WHERE id = $1) FOR UPDATE`,
  { id: "uuid" },
);
export const lockComment = statement(
  "social.lock-comment",
  `SELECT m.conversation_id, m.author_id, m.hidden_at IS NOT NULL OR c.hidden_at IS NOT NULL AS hidden
   FROM conversation_comment m JOIN conversation c ON c.id = m.conversation_id WHERE m.id = $1 FOR UPDATE OF m`,
  { conversation_id: "uuid", author_id: "uuid", hidden: "bool" },
);
export const editCommentRow = statement(
  "social.edit-comment",
  `UPDATE conversation_comment SET text = $2, edited_at = $3 WHERE id = $1`,
  {},
);
/** The count of a conversation is of the comments that everybody sees. */
export const deleteCommentRow = statement(
  "social.delete-comment",
  `WITH gone AS (DELETE FROM conversation_comment WHERE id = $1 RETURNING conversation_id, hidden_at)
   UPDATE conversation c SET comments = comments - 1 FROM gone WHERE c.id = gone.conversation_id AND gone.hidden_at IS NULL`,
  {},
);

/**
 * What may be seen is held first, and only under that lock something is written: a reaction is there if and only if it is
 * counted, whoever hides the subject meanwhile. The subject is given where it may be seen, also when nothing was new.
 */
const held = (columns: string, table: string, visible: string) =>
  `held AS (SELECT ${columns} FROM ${table} s WHERE s.id = $1 AND ${visible} FOR NO KEY UPDATE OF s)`;
/** One of a kind: the primary key. */
const reacted = (table: string, conversationId: string, commentId: string, visible: string) =>
  `WITH ${held(`s.id, ${conversationId} AS conversation_id`, table, visible)}, made AS (
     INSERT INTO social_reaction (subject_id, user_id, kind, conversation_id, comment_id, at)
     SELECT s.id, $2, $3, s.conversation_id, ${commentId}, $4 FROM held s ON CONFLICT DO NOTHING RETURNING subject_id
   )
   UPDATE ${table} s SET reactions = s.reactions + (SELECT count(*) FROM made)::int4 FROM held WHERE s.id = held.id RETURNING s.id`;
const unreacted = (table: string, visible: string) =>
  `WITH ${held("s.id", table, visible)}, gone AS (
     DELETE FROM social_reaction r USING held WHERE r.subject_id = held.id AND r.user_id = $2 AND r.kind = $3 RETURNING r.subject_id
   )
   UPDATE ${table} s SET reactions = s.reactions - (SELECT count(*) FROM gone)::int4 FROM held WHERE s.id = held.id RETURNING s.id`;
const SHOWN = "s.hidden_at IS NULL";
const SHOWN_COMMENT = `${SHOWN} AND EXISTS (SELECT FROM conversation c WHERE c.id = s.conversation_id AND c.hidden_at IS NULL)`;
export const reactToConversation = statement(
  "social.react-to-conversation",
  reacted("conversation", "s.id", "NULL::uuid", SHOWN),
  { id: "uuid" },
);
export const reactToComment = statement(
  "social.react-to-comment",
  reacted("conversation_comment", "s.conversation_id", "s.id", SHOWN_COMMENT),
  { id: "uuid" },
);
export const unreactToConversation = statement("social.unreact-to-conversation", unreacted("conversation", SHOWN), {
  id: "uuid",
});
export const unreactToComment = statement(
  "social.unreact-to-comment",
  unreacted("conversation_comment", SHOWN_COMMENT),
  { id: "uuid" },
);

/** The person's row, so that the count holds; none where the account is gone. */
export const holdFollower = statement(
  "social.hold-follower",
  `SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
  {
    id: "uuid",
  },
);
export const followsOf = statement(
  "social.follows-of",
  `SELECT (SELECT count(*)::int4 FROM bot_follow WHERE follower_id = $1) AS bots, (SELECT count(*)::int4 FROM user_follow WHERE follower_id = $1) AS users`,
  { bots: "int4", users: "int4" },
);
/** The one that is followed, also when that is nothing new. */
export const followBot = statement(
  "social.follow-bot",
  `WITH made AS (INSERT INTO bot_follow (follower_id, bot_id, at) SELECT $1, id, $3 FROM bot WHERE id = $2 AND archived_at IS NULL ON CONFLICT DO NOTHING)
   SELECT id FROM bot WHERE id = $2 AND archived_at IS NULL`,
  { id: "uuid" },
);
export const followUser = statement(
  "social.follow-user",
  `WITH there AS (SELECT id FROM app_user WHERE id = $2 AND deleted_at IS NULL FOR KEY SHARE),
   made AS (INSERT INTO user_follow (follower_id, user_id, at) SELECT $1, id, $3 FROM there ON CONFLICT DO NOTHING)
   SELECT id FROM there`,
  { id: "uuid" },
);
export const unfollowBot = statement(
  "social.unfollow-bot",
  `WITH gone AS (DELETE FROM bot_follow WHERE follower_id = $1 AND bot_id = $2) SELECT id FROM bot WHERE id = $2`,
  { id: "uuid" },
);
export const unfollowUser = statement(
  "social.unfollow-user",
  `WITH gone AS (DELETE FROM user_follow WHERE follower_id = $1 AND user_id = $2) SELECT id FROM app_user WHERE id = $2`,
  { id: "uuid" },
);
