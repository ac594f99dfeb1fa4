import { statement } from "../../platform/statement.ts";

export const walletsOf = statement(
  "xp.wallets-of",
  `SELECT address FROM wallet WHERE user_id = $1 ORDER BY linked_at, id`,
  { address: "text" },
);
export const trustedIssuers = statement("xp.badge-issuers", `SELECT public_key FROM xp_badge_issuer`, {
  public_key: "text",
});
export const trustIssuer = statement(
  "xp.trust-issuer",
  `INSERT INTO xp_badge_issuer (public_key, granted_by, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
  {},
);
export const distrustIssuer = statement("xp.distrust-issuer", `DELETE FROM xp_badge_issuer WHERE public_key = $1`, {});
export const insertBadges = statement(
  "xp.insert-badges",
  `INSERT INTO xp_badge (user_id, issuer_key, key, issuer, name, description, at, imported_at)
   SELECT $1, issuer_key, key, issuer, name, description, at, $3
   FROM json_to_recordset($2::json) AS b(issuer_key text, key text, issuer text, name text, description text, at timestamptz)
   ON CONFLICT DO NOTHING RETURNING key`,
  { key: "text" },
);
export const badgesOf = statement(
  "xp.badges-of",
  `SELECT user_id, issuer, key, name, description, at FROM xp_badge WHERE user_id = ANY($1::uuid[]) ORDER BY user_id, at DESC, key`,
  { user_id: "uuid", issuer: "text", key: "text", name: "text", description: "text", at: "timestamptz" },
);
