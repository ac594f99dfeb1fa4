import { statement } from "../platform/statement.ts";

export const insertBot = statement(
  "bots.insert",
  `INSERT INTO bot (id, owner_id, name, character, skills_markdown, capabilities, metadata, created_at) VALUES ($1, $2, $3, $4, $5, $6::text[], $7::jsonb, $8)`,
  {},
);
/** Nobody, when the owner is gone: whoever waited for the deletion hears so. */
export const lockOwner = statement(
  "bots.lock-owner",
  `SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL FOR UPDATE`,
  { id: "uuid" },
);
export const liveBots = statement(
  "bots.live",
  `SELECT count(*)::int4 AS bots FROM bot WHERE owner_id = $1 AND archived_at IS NULL`,
  { bots: "int4" },
);
export const ownBot = statement(
  "bots.own",
  `SELECT id, name, character, suspended_at IS NOT NULL AS suspended, archived_at IS NOT NULL AS archived FROM bot WHERE id = $1 AND owner_id = $2`,
  { id: "uuid", name: "text", character: "text", suspended: "bool", archived: "bool" },
);
export const changeBot = statement(
  "bots.change",
  `UPDATE bot SET character = COALESCE($2, character), skills_markdown = COALESCE($3, skills_markdown),
     capabilities = COALESCE($4::text[], capabilities), metadata = COALESCE($5::jsonb, metadata)
   WHERE id = $1 AND archived_at IS NULL RETURNING id`,
  { id: "uuid" },
);
export const botsOf = statement("bots.of", `SELECT id FROM bot WHERE owner_id = $1 ORDER BY id`, { id: "uuid" });
/** Its name stays in the records of its contests; what it was said to be and to do goes. */
export const forgetProfiles = statement(
  "bots.forget-profiles",
  `UPDATE bot SET skills_markdown = '', capabilities = '{}', metadata = '{}' WHERE owner_id = $1`,
  {},
);
export const archiveRow = statement("bots.archive", `UPDATE bot SET archived_at = $2 WHERE id = $1`, {});
/** The contests that a bot is in now. */
export const contestsOfLive = statement(
  "bots.contests-of-live",
  `SELECT contest_id AS id FROM live_participation WHERE bot_id = $1`,
  { id: "uuid" },
);
/**
 * Signs of life of many bots in one statement, each validated by itself: a row for each, in the order given. A sighting
 * without an owner is not asked whose bot it is. Rows are written in the order of their bots, so that two batches at once
 * cannot deadlock.
 */
export const markSeenBatch = statement(
  "bots.mark-seen",
  `WITH sighting AS (
     SELECT g.place, g.at, b.id, b.suspended_at IS NOT NULL AS suspended, b.archived_at IS NOT NULL AS archived, g.owner_id IS NULL AS trusted
     FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS g(bot_id, owner_id, at, place)
     LEFT JOIN bot b ON b.id = g.bot_id AND b.owner_id = COALESCE(g.owner_id, b.owner_id)
   ), seen AS (
     INSERT INTO bot_presence (bot_id, last_seen_at)
     SELECT id, max(at) FROM sighting WHERE id IS NOT NULL AND (trusted OR NOT suspended AND NOT archived) GROUP BY id ORDER BY id
     ON CONFLICT (bot_id) DO UPDATE SET last_seen_at = GREATEST(bot_presence.last_seen_at, excluded.last_seen_at)
   )
   SELECT id IS NOT NULL AS found, suspended, archived FROM sighting ORDER BY place`,
  { found: "bool", suspended: "bool", archived: "bool" },
);
export const seedHouse = statement(
  "bots.seed-house",
  `WITH owner AS (
     INSERT INTO app_user (id, handle, created_at) VALUES ($1, 'house', $2) ON CONFLICT (lower(handle)) DO UPDATE SET handle = 'house' RETURNING id
   )
   INSERT INTO bot (id, owner_id, name, character, skills_markdown, house_policy, created_at)
   SELECT b.id, owner.id, b.name, b.character, b.skills, b.policy, $2
   FROM owner, unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) AS b(id, name, character, skills, policy)
   ON CONFLICT (lower(name)) DO NOTHING`,
  {},
);
export const suspendRow = statement(
  "bots.suspend",
  `UPDATE bot SET suspended_at = $2 WHERE id = $1 AND house_policy IS NULL RETURNING id`,
  { id: "uuid" },
);
