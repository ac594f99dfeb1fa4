import { statement } from "../platform/statement.ts";

export const insertUser = statement(
  "identity.insert-user",
  `INSERT INTO app_user (id, handle, email, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)`,
  {},
);
export const loginRow = statement(
  "identity.login",
  `SELECT id, password_hash, suspended_at IS NOT NULL AS suspended FROM app_user
   WHERE (lower(handle) = lower($1) OR lower(email) = lower($1)) AND deleted_at IS NULL LIMIT 1`,
  { id: "uuid", password_hash: "text?", suspended: "bool" },
);
/** Holds a password until the session that it opens is written: whoever changes it then ends that session, too. */
export const holdPassword = statement(
  "identity.hold-password",
  `SELECT id FROM app_user WHERE id = $1 AND password_hash = $2 AND deleted_at IS NULL FOR SHARE`,
  { id: "uuid" },
);
export const insertSession = statement(
  "identity.insert-session",
  `INSERT INTO session (id, user_id, token_hash, device, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6)`,
  {},
);
/** Those that were used last stay, so many of them. */
export const endOldSessions = statement(
  "identity.end-old-sessions",
  `UPDATE session SET revoked_at = $2 WHERE id IN (
     SELECT id FROM session WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY last_used_at DESC, id DESC OFFSET $3
   )`,
  {},
);
export const findSession = statement(
  "identity.find-session",
  `SELECT s.id, s.user_id, s.last_used_at, u.operator FROM session s JOIN app_user u ON u.id = s.user_id
   WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.suspended_at IS NULL AND u.deleted_at IS NULL`,
  { id: "uuid", user_id: "uuid", last_used_at: "timestamptz", operator: "bool" },
);
export const moveSessions = statement(
  "identity.move-sessions",
  `UPDATE session SET last_used_at = $2, expires_at = $3 WHERE id = ANY($1) AND revoked_at IS NULL`,
  {},
);
export const revokeSessions = statement(
  "identity.revoke-sessions",
  `UPDATE session SET revoked_at = $3 WHERE ($1::uuid IS NULL OR id = $1) AND user_id = $2 AND revoked_at IS NULL RETURNING id`,
  { id: "uuid" },
);
export const findKey = statement(
  "identity.find-key",
  `SELECT k.id, k.user_id, k.bot_id, k.scopes, k.last_used_at, u.operator FROM api_key k JOIN app_user u ON u.id = k.user_id
   WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AND u.suspended_at IS NULL AND u.deleted_at IS NULL`,
  { id: "uuid", user_id: "uuid", bot_id: "uuid?", scopes: "_text", last_used_at: "timestamptz?", operator: "bool" },
);
export const touchKey = statement("identity.touch-key", `UPDATE api_key SET last_used_at = $2 WHERE id = $1`, {});
export const lockUser = statement(
  "identity.lock-user",
  `SELECT deleted_at IS NOT NULL AS gone FROM app_user WHERE id = $1 FOR UPDATE`,
  {
    gone: "bool",
  },
);
/** A person who is still there, until the transaction ends: a deletion comes before or after. Others may hold it alike. */
export const holdAccount = statement(
  "identity.hold-account",
  `SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE`,
  { id: "uuid" },
);
export const liveKeys = statement(
  "identity.live-keys",
  `SELECT count(*)::int4 AS keys FROM api_key WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
  { keys: "int4" },
);
export const insertKey = statement(
  "identity.insert-key",
  `INSERT INTO api_key (id, user_id, bot_id, name, prefix, key_hash, scopes, created_at, expires_at, granted_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
  {},
);
export const ownedBot = statement(
  "identity.owned-bot",
  `SELECT id FROM bot WHERE id = $1 AND owner_id = $2 AND archived_at IS NULL`,
  { id: "uuid" },
);
export const ownKey = statement(
  "identity.own-key",
  `SELECT id, name, scopes, bot_id, expires_at, granted_until FROM api_key
   WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3) FOR UPDATE`,
  {
    id: "uuid",
    name: "text",
    scopes: "_text",
    bot_id: "uuid?",
    expires_at: "timestamptz?",
    granted_until: "timestamptz?",
  },
);
export const expireKey = statement(
  "identity.expire-key",
  `UPDATE api_key SET expires_at = LEAST(COALESCE(expires_at, $2), $2) WHERE id = $1`,
  {},
);
export const revokeKeyRow = statement(
  "identity.revoke-key",
  `UPDATE api_key SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING id`,
  { id: "uuid" },
);
export const insertAudit = statement(
  "identity.audit",
  `INSERT INTO audit_entry (id, at, actor_id, principal, action, subject, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  {},
);
export const passwordOf = statement("identity.password", `SELECT password_hash FROM app_user WHERE id = $1`, {
  password_hash: "text?",
});
export const setPasswordHash = statement(
  "identity.set-password",
  `UPDATE app_user SET password_hash = $2 WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
  { id: "uuid" },
);
/** Changes the password that was verified ($3, null when there was none): another one that came meanwhile stays. */
export const changePasswordHash = statement(
  "identity.change-password",
  `UPDATE app_user SET password_hash = $2
   WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $3 AND deleted_at IS NULL RETURNING id`,
  { id: "uuid" },
);
export const revokeOtherSessions = statement(
  "identity.revoke-other-sessions",
  `UPDATE session SET revoked_at = $3 WHERE id <> $1 AND user_id = $2 AND revoked_at IS NULL`,
  {},
);
export const insertNonce = statement(
  "identity.insert-nonce",
  `INSERT INTO siwe_nonce (nonce, expires_at) VALUES ($1, $2)`,
  {},
);
/** Whoever deletes the row has used the nonce; nobody else can. */
export const consumeNonce = statement(
  "identity.consume-nonce",
  `DELETE FROM siwe_nonce WHERE nonce = $1 AND expires_at > $2 RETURNING nonce`,
  { nonce: "text" },
);
/** Holds the owner: while the account is deleted this waits, and finds nobody then. */
export const walletOwner = statement(
  "identity.wallet-owner",
  `SELECT w.user_id, u.suspended_at IS NOT NULL AS suspended FROM wallet w JOIN app_user u ON u.id = w.user_id
   WHERE w.address = $1 AND u.deleted_at IS NULL FOR NO KEY UPDATE OF u`,
  { user_id: "uuid", suspended: "bool" },
);
export const insertWallet = statement(
  "identity.insert-wallet",
  `INSERT INTO wallet (id, address, user_id, linked_at) VALUES ($1, $2, $3, $4)`,
  {},
);
export const waysIn = statement(
  "identity.ways-in",
  `SELECT password_hash IS NOT NULL AS password, (SELECT count(*) FROM wallet w WHERE w.user_id = u.id)::int4 AS wallets
   FROM app_user u WHERE u.id = $1`,
  { password: "bool", wallets: "int4" },
);
/** Finds the viewer's wallet and removes it when it is not the last way in ($3). */
export const removeWallet = statement(
  "identity.remove-wallet",
  `WITH found AS (SELECT id, address FROM wallet WHERE address = $1 AND user_id = $2), gone AS (
     DELETE FROM wallet w USING found WHERE w.id = found.id AND $3 RETURNING w.id
   )
   SELECT address, EXISTS (SELECT FROM gone) AS removable FROM found`,
  { address: "text", removable: "bool" },
);
export const anonymise = statement(
  "identity.anonymise",
  `WITH gone AS (
     UPDATE app_user SET handle = $2, email = NULL, password_hash = NULL, operator = false, deleted_at = $3
     WHERE id = $1 AND lower(handle) = lower($4) AND deleted_at IS NULL RETURNING id
   ), wallets AS (DELETE FROM wallet w USING gone WHERE w.user_id = gone.id
   ), keys AS (UPDATE api_key k SET revoked_at = COALESCE(k.revoked_at, $3), name = '' FROM gone WHERE k.user_id = gone.id
   ), sessions AS (UPDATE session s SET revoked_at = COALESCE(s.revoked_at, $3), device = NULL FROM gone WHERE s.user_id = gone.id
   ), bots AS (UPDATE bot b SET archived_at = $3 FROM gone WHERE b.owner_id = gone.id AND b.archived_at IS NULL)
   SELECT id FROM gone`,
  { id: "uuid" },
);
export const accountRecord = statement(
  "identity.account-record",
  `SELECT json_build_object(
     'user', (SELECT json_build_object('id', id, 'handle', handle, 'email', email, 'createdAt', created_at) FROM app_user WHERE id = $1),
     'wallets', (SELECT coalesce(json_agg(json_build_object('address', address, 'linkedAt', linked_at) ORDER BY id), '[]') FROM wallet WHERE user_id = $1),
     'sessions', (SELECT coalesce(json_agg(json_build_object('device', device, 'createdAt', created_at, 'lastUsedAt', last_used_at, 'revokedAt', revoked_at) ORDER BY id), '[]') FROM session WHERE user_id = $1),
     'apiKeys', (SELECT coalesce(json_agg(json_build_object('name', name, 'prefix', prefix, 'scopes', scopes, 'createdAt', created_at, 'lastUsedAt', last_used_at, 'revokedAt', revoked_at) ORDER BY id), '[]') FROM api_key WHERE user_id = $1),
     'bots', (SELECT coalesce(json_agg(json_build_object('id', b.id, 'name', b.name, 'character', b.character, 'skillsMarkdown', b.skills_markdown, 'createdAt', b.created_at, 'archivedAt', b.archived_at,
       'contests', (SELECT coalesce(json_agg(json_build_object('contestId', p.contest_id, 'ladder', p.ladder, 'placement', p.placement, 'ratingAfter', p.rating_after) ORDER BY p.contest_id), '[]') FROM contest_participant p WHERE p.bot_id = b.id),
       'messages', (SELECT coalesce(json_agg(json_build_object('text', m.text, 'at', m.at) ORDER BY m.id), '[]') FROM pit_message m WHERE m.bot_id = b.id)) ORDER BY b.id), '[]') FROM bot b WHERE b.owner_id = $1),
     'ledger', (SELECT coalesce(json_agg(json_build_object('at', j.at, 'kind', j.kind, 'account', p.account, 'amount', p.amount::text, 'reference', j.reference, 'reversal', j.reverses_id IS NOT NULL, 'reason', j.reason) ORDER BY j.id), '[]') FROM posting p JOIN journal j ON j.id = p.journal_id WHERE p.subject_id = $1),
     'teams', (SELECT coalesce(json_agg(json_build_object('teamId', m.team_id, 'name', t.name, 'role', m.role, 'joinedAt', m.joined_at, 'leftAt', m.left_at) ORDER BY m.joined_at), '[]')
       FROM (SELECT team_id, role, joined_at, NULL::timestamptz AS left_at FROM team_member WHERE user_id = $1 UNION ALL SELECT team_id, NULL, joined_at, left_at FROM team_member_past WHERE user_id = $1) m JOIN team t ON t.id = m.team_id),
     'teamInvitations', (SELECT coalesce(json_agg(json_build_object('teamId', team_id, 'role', role, 'status', status, 'createdAt', created_at, 'endedAt', ended_at) ORDER BY id), '[]') FROM team_invitation WHERE user_id = $1),
     'tasks', (SELECT coalesce(json_agg(json_build_object('id', id, 'title', title, 'payload', payload, 'state', state, 'visibility', visibility, 'teamId', team_id, 'projectId', project_id, 'workflowId', workflow_id, 'capabilities', capabilities,
       'priority', priority, 'complexity', complexity, 'attempt', attempt, 'failure', failure, 'error', error, 'result', result, 'createdAt', created_at, 'startedAt', started_at, 'endedAt', ended_at) ORDER BY id), '[]') FROM task WHERE creator_id = $1),
     'work', (SELECT coalesce(json_agg(json_build_object('taskId', t.id, 'botId', t.bot_id, 'title', t.title, 'state', t.state, 'result', t.result, 'error', t.error, 'startedAt', t.started_at, 'endedAt', t.ended_at) ORDER BY t.id), '[]')
       FROM task t JOIN bot b ON b.id = t.bot_id WHERE b.owner_id = $1 AND t.creator_id <> $1),
     'workflowDefinitions', (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'version', version, 'teamId', team_id, 'projectId', project_id, 'body', body, 'createdAt', created_at) ORDER BY id), '[]') FROM workflow_definition WHERE creator_id = $1),
     'workflows', (SELECT coalesce(json_agg(json_build_object('id', id, 'definitionId', definition_id, 'teamId', team_id, 'projectId', project_id, 'state', state, 'failure', failure, 'input', input, 'createdAt', created_at, 'endedAt', ended_at) ORDER BY id), '[]') FROM workflow WHERE creator_id = $1),
     'xp', (SELECT json_build_object('total', xp, 'public', public_xp, 'contests', contest_xp, 'counters', counters, 'privacy', json_build_object('profile', profile, 'stats', stats, 'achievements', achievements)) FROM xp_user WHERE user_id = $1),
     'xpEvents', (SELECT coalesce(json_agg(json_build_object('id', id, 'source', source, 'externalId', external_id, 'botId', bot_id, 'requesterId', requester_id, 'projectId', project_id, 'origin', origin, 'kind', kind, 'success', success, 'complexity', complexity,
       'result', result, 'durationMs', duration_ms, 'quality', quality / 1000.0, 'multiplier', custom / 100.0, 'reason', reason, 'evidence', evidence, 'skills', skills, 'bonuses', bonuses, 'computed', computed, 'added', added, 'publicly', publicly, 'occurredAt', occurred_at) ORDER BY id), '[]')
       FROM xp_event WHERE owner_id = $1),
     'achievements', (SELECT coalesce(json_agg(json_build_object('key', key, 'botId', bot_id, 'at', at) ORDER BY at, key), '[]') FROM xp_achievement WHERE user_id = $1),
     'badges', (SELECT coalesce(json_agg(json_build_object('issuer', issuer, 'key', key, 'name', name, 'description', description, 'at', at, 'importedAt', imported_at) ORDER BY at, key), '[]') FROM xp_badge WHERE user_id = $1),
     'bets', (SELECT coalesce(json_agg(json_build_object('at', placed_at, 'contestId', contest_id, 'botId', bot_id, 'amount', amount::text, 'status', status, 'payout', payout::text) ORDER BY id), '[]') FROM bet WHERE user_id = $1),
     'conversations', (SELECT coalesce(json_agg(json_build_object('title', title, 'tags', tags, 'visibility', visibility, 'turns', turns, 'createdAt', created_at, 'hiddenReason', hidden_reason) ORDER BY created_at), '[]') FROM conversation WHERE publisher_id = $1),
     'comments', (SELECT coalesce(json_agg(json_build_object('conversationId', conversation_id, 'text', text, 'createdAt', created_at, 'hiddenReason', hidden_reason) ORDER BY id), '[]') FROM conversation_comment WHERE author_id = $1),
     'reactions', (SELECT coalesce(json_agg(json_build_object('subjectId', subject_id, 'kind', kind, 'at', at) ORDER BY at), '[]') FROM social_reaction WHERE user_id = $1),
     'follows', (SELECT coalesce(json_agg(json_build_object('botId', bot_id, 'userId', user_id, 'at', at) ORDER BY at), '[]')
       FROM (SELECT bot_id, NULL::uuid AS user_id, at FROM bot_follow WHERE follower_id = $1 UNION ALL SELECT NULL, user_id, at FROM user_follow WHERE follower_id = $1) f),
     'reports', (SELECT coalesce(json_agg(json_build_object('subjectId', subject_id, 'reason', reason, 'createdAt', created_at, 'outcome', outcome) ORDER BY id), '[]') FROM content_report WHERE reporter_id = $1),
     'audit', (SELECT coalesce(json_agg(json_build_object('at', at, 'action', action, 'subject', subject, 'reason', reason) ORDER BY id), '[]') FROM audit_entry WHERE actor_id = $1)
   ) AS record`,
  { record: "json?" },
);
export const keyById = statement(
  "identity.key-by-id",
  `SELECT k.id, k.user_id, k.bot_id, k.scopes, u.operator FROM api_key k JOIN app_user u ON u.id = k.user_id
   WHERE k.id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AND u.suspended_at IS NULL AND u.deleted_at IS NULL`,
  { id: "uuid", user_id: "uuid", bot_id: "uuid?", scopes: "_text", operator: "bool" },
);
export const sessionById = statement(
  "identity.session-by-id",
  `SELECT s.id, s.user_id, u.operator FROM session s JOIN app_user u ON u.id = s.user_id
   WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.suspended_at IS NULL AND u.deleted_at IS NULL`,
  { id: "uuid", user_id: "uuid", operator: "bool" },
);
export const holdingCredentials = statement(
  "identity.holding-credentials",
  `SELECT k.id, u.operator, NULL::timestamptz AS last_used_at FROM api_key k JOIN app_user u ON u.id = k.user_id
   WHERE k.id = ANY($1) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3) AND u.suspended_at IS NULL AND u.deleted_at IS NULL
   UNION ALL
   SELECT s.id, u.operator, s.last_used_at FROM session s JOIN app_user u ON u.id = s.user_id
   WHERE s.id = ANY($2) AND s.revoked_at IS NULL AND s.expires_at > $3 AND u.suspended_at IS NULL AND u.deleted_at IS NULL`,
  { id: "uuid", operator: "bool", last_used_at: "timestamptz?" },
);
export const insertTicket = statement(
  "identity.insert-ticket",
  `INSERT INTO socket_ticket (ticket_hash, session_id, api_key_id, expires_at) VALUES ($1, $2, $3, $4)`,
  {},
);
export const redeemTicket = statement(
  "identity.redeem-ticket",
  `DELETE FROM socket_ticket WHERE ticket_hash = $1 AND expires_at > $2 RETURNING session_id, api_key_id`,
  { session_id: "uuid?", api_key_id: "uuid?" },
);
export const pruneExpired = statement(
  "identity.prune-expired",
  `WITH nonces AS (DELETE FROM siwe_nonce WHERE expires_at < $1) DELETE FROM socket_ticket WHERE expires_at < $1`,
  {},
);
export const suspendUserRow = statement(
  "identity.suspend-user",
  `UPDATE app_user SET suspended_at = $2 WHERE id = $1 AND handle <> 'house' AND deleted_at IS NULL RETURNING id`,
  { id: "uuid" },
);
export const setOperator = statement(
  "identity.set-operator",
  `UPDATE app_user SET operator = $2 WHERE lower(handle) = lower($1) AND deleted_at IS NULL AND handle <> 'house' RETURNING id`,
  { id: "uuid" },
);
export const userByHandle = statement(
  "identity.user-by-handle",
  `SELECT id FROM app_user WHERE lower(handle) = lower($1) AND deleted_at IS NULL AND handle <> 'house'`,
  { id: "uuid" },
);
