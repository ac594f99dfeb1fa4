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
export const insertSession = statement(
  "identity.insert-session",
  `INSERT INTO session (id, user_id, token_hash, device, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6)`,
  {},
);
export const findSession = statement(
  "identity.find-session",
  `UPDATE session s SET last_used_at = $2, expires_at = $3 FROM app_user u
   WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.id = s.user_id AND u.suspended_at IS NULL AND u.deleted_at IS NULL
   RETURNING s.id, s.user_id, u.operator`,
  { id: "uuid", user_id: "uuid", operator: "bool" },
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
export const lockUser = statement("identity.lock-user", `SELECT id FROM app_user WHERE id = $1 FOR UPDATE`, {
  id: "uuid",
});
export const liveKeys = statement(
  "identity.live-keys",
  `SELECT count(*)::int4 AS keys FROM api_key WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
  { keys: "int4" },
);
export const insertKey = statement(
  "identity.insert-key",
  `INSERT INTO api_key (id, user_id, bot_id, name, prefix, key_hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  {},
);
export const ownedBot = statement(
  "identity.owned-bot",
  `SELECT id FROM bot WHERE id = $1 AND owner_id = $2 AND archived_at IS NULL`,
  { id: "uuid" },
);
export const ownKey = statement(
  "identity.own-key",
  `SELECT id, name, scopes, bot_id, expires_at FROM api_key WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL FOR UPDATE`,
  { id: "uuid", name: "text", scopes: "_text", bot_id: "uuid?", expires_at: "timestamptz?" },
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
