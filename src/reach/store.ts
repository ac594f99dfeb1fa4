import { statement } from "../platform/statement.ts";

export const liveContests = statement(
  "reach.live-contests",
  `SELECT contest_id AS id FROM live_participation WHERE bot_id = $1 ORDER BY contest_id`,
  { id: "uuid" },
);
/** A fight's events from its newest request on, oldest first; all of them where it has not asked for a move yet. */
export const fightTail = statement(
  "reach.fight-tail",
  `SELECT seq, type, payload AS text, at FROM stream_event
   WHERE stream = $1 AND seq >= COALESCE((
     SELECT r.seq FROM stream_event r WHERE r.stream = $1 AND r.type = 'ExchangeRequested' ORDER BY r.seq DESC LIMIT 1), 1)
   ORDER BY seq`,
  { seq: "int4", type: "text", text: "text", at: "timestamptz" },
);
export const openCallouts = statement(
  "reach.open-callouts",
  `SELECT id FROM callout WHERE target_id = $1 AND status = 'PENDING' AND expires_at > $2 ORDER BY id LIMIT 100`,
  { id: "uuid" },
);
export const laidTasks = statement(
  "reach.laid-tasks",
  `SELECT id FROM task WHERE bot_id = $1 AND state = 'ASSIGNED' AND pushed ORDER BY id LIMIT 100`,
  { id: "uuid" },
);
