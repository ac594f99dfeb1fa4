import { statement } from "../../platform/statement.ts";

/** The bot's row lock makes version numbers gapless and the count of versions hold. */
export const lockBot = statement("quake.lock-bot", `SELECT id FROM bot WHERE id = $1 FOR NO KEY UPDATE`, {
  id: "uuid",
});
export const versionsOf = statement(
  "quake.versions-of",
  `SELECT count(*)::int4 AS versions, coalesce(max(version), 0)::int4 AS newest FROM strategy WHERE bot_id = $1`,
  { versions: "int4", newest: "int4" },
);
export const insertStrategy = statement(
  "quake.insert-strategy",
  `INSERT INTO strategy (id, bot_id, version, source, code, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
  {},
);
export const botOfStrategy = statement("quake.bot-of-strategy", `SELECT bot_id FROM strategy WHERE id = $1`, {
  bot_id: "uuid",
});
export const deactivate = statement(
  "quake.deactivate",
  `UPDATE strategy SET active = false, deactivated_at = $3 WHERE bot_id = $1 AND active AND id <> $2`,
  {},
);
export const deactivateOne = statement(
  "quake.deactivate-one",
  `UPDATE strategy SET active = false, deactivated_at = $2 WHERE id = $1 AND active RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const activate = statement(
  "quake.activate",
  `UPDATE strategy SET active = true, activated_at = $2 WHERE id = $1 AND NOT active`,
  {},
);
/** A bot whose code, in whatever version, took too much of the others' time in a round that is remembered plays apart. */
export const activeStrategies = statement(
  "quake.active-strategies",
  `SELECT s.id, s.bot_id, s.code, m.kept,
     EXISTS (SELECT FROM strategy o JOIN strategy_run r ON r.strategy_id = o.id
       WHERE o.bot_id = s.bot_id AND (r.forfeit LIKE 'NEVER_ENDED%' OR r.forfeit LIKE 'TOO_SLOW%')) AS apart
   FROM strategy s LEFT JOIN strategy_memory m ON m.bot_id = s.bot_id
   WHERE s.bot_id = ANY ($1::uuid[]) AND s.active`,
  { id: "uuid", bot_id: "uuid", code: "text", kept: "text?", apart: "bool" },
);
export const houseAmong = statement(
  "quake.house-among",
  `SELECT b.id, b.house_policy AS policy, m.kept FROM bot b LEFT JOIN strategy_memory m ON m.bot_id = b.id
   WHERE b.id = ANY ($1::uuid[]) AND b.house_policy IS NOT NULL`,
  { id: "uuid", policy: "text", kept: "text?" },
);
export const insertRun = statement(
  "quake.insert-run",
  `INSERT INTO strategy_run (id, strategy_id, ticks, misses, forfeit, log, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  {},
);
/** Of each strategy the newest logs are kept. */
export const pruneRuns = statement(
  "quake.prune-runs",
  `DELETE FROM strategy_run WHERE id IN (SELECT id FROM strategy_run WHERE strategy_id = $1 ORDER BY id DESC OFFSET $2)`,
  {},
);
export const keepMemory = statement(
  "quake.keep-memory",
  `INSERT INTO strategy_memory (bot_id, kept, kept_at) VALUES ($1, $2, $3)
   ON CONFLICT (bot_id) DO UPDATE SET kept = excluded.kept, kept_at = excluded.kept_at`,
  {},
);
/** Who plays a bot was settled when it was seated; before that, whether it has code now. */
export const remoteSeat = statement(
  "quake.remote-seat",
  `SELECT m.phase, p.bot_id IS NOT NULL AS plays,
     coalesce(p.coded, EXISTS (SELECT FROM strategy s WHERE s.bot_id = $2 AND s.active)) AS coded
   FROM quake_match m LEFT JOIN quake_player p ON p.match_id = m.id AND p.bot_id = $2 WHERE m.id = $1`,
  { phase: "text", plays: "bool", coded: "bool" },
);
