import { statement } from "../../platform/statement.ts";

/** Which of many external ids of a reporter were counted, and for which bots. */
export const eventsOf = statement(
  "xp.events-of",
  `SELECT external_id, bot_id FROM xp_event WHERE source = $1 AND external_id = ANY($2::text[])`,
  { external_id: "text", bot_id: "uuid" },
);

/** Bots by their names that the viewer may report of: own ones, and those of own teams. */
export const botsNamed = statement(
  "xp.bots-named",
  `SELECT lower(b.name) AS name, b.id, b.owner_id FROM bot b
   WHERE lower(b.name) = ANY($1::text[]) AND b.archived_at IS NULL AND b.house_policy IS NULL AND (b.owner_id = $2 OR EXISTS (
     SELECT FROM team_bot t JOIN team_member m ON m.team_id = t.team_id WHERE t.bot_id = b.id AND m.user_id = $2))`,
  { name: "text", id: "uuid", owner_id: "uuid" },
);
