import { statement } from "../platform/statement.ts";

export const liveFights = statement(
  "reach.live-fights",
  `SELECT f.id FROM live_participation l JOIN fight f ON f.id = l.contest_id WHERE l.bot_id = $1 ORDER BY f.id`,
  { id: "uuid" },
);
export const openCallouts = statement(
  "reach.open-callouts",
  `SELECT id FROM callout WHERE target_id = $1 AND status = 'PENDING' AND expires_at > $2 ORDER BY id`,
  { id: "uuid" },
);
