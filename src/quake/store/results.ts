import { statement } from "../../platform/statement.ts";

/** The results as they were judged, with shots by weapon; what was counted on the way must be the same. */
export const writeResults = statement(
  "quake.write-results",
  `WITH given AS (
     SELECT * FROM json_to_recordset($2::json)
       AS g(bot_id uuid, score int, kills int, deaths int, shots int, hits int, excellent int, impressive int, gauntlet int, aim json)
   ), aimed AS (
     INSERT INTO quake_aim (match_id, bot_id, weapon, shots, hits)
     SELECT $1::uuid, g.bot_id, a.weapon, a.shots, a.hits
     FROM given g CROSS JOIN json_to_recordset(g.aim) AS a(weapon int, shots int, hits int)
   )
   UPDATE quake_player p SET score = g.score, shots = g.shots, hits = g.hits,
     excellent = g.excellent, impressive = g.impressive, gauntlet = g.gauntlet
   FROM given g WHERE p.match_id = $1 AND p.bot_id = g.bot_id RETURNING p.kills = g.kills AND p.deaths = g.deaths AS agrees`,
  { agrees: "bool" },
);
/** Adds tallies to the bots' records, or takes them away with $2 = -1. House bots have no record. */
export const addTallies = statement(
  "quake.add-tallies",
  `INSERT INTO quake_weapon_stat AS s (bot_id, means, kills, deaths, suicides)
   SELECT g.bot_id, g.means, $2 * g.kills, $2 * g.deaths, $2 * g.suicides
   FROM json_to_recordset($1::json) AS g(bot_id uuid, means int, kills int, deaths int, suicides int)
   JOIN bot b ON b.id = g.bot_id AND b.house_policy IS NULL ORDER BY g.bot_id, g.means
   ON CONFLICT (bot_id, means) DO UPDATE SET kills = s.kills + excluded.kills, deaths = s.deaths + excluded.deaths,
     suicides = s.suicides + excluded.suicides`,
  {},
);
/** Adds a match's shots to the records of its bots, or takes them away with $2 = -1. */
export const addAims = statement(
  "quake.add-aims",
  `INSERT INTO quake_aim_stat AS s (bot_id, weapon, shots, hits)
   SELECT a.bot_id, a.weapon, $2 * a.shots, $2 * a.hits FROM quake_aim a
   JOIN bot b ON b.id = a.bot_id AND b.house_policy IS NULL WHERE a.match_id = $1 ORDER BY a.bot_id, a.weapon
   ON CONFLICT (bot_id, weapon) DO UPDATE SET shots = s.shots + excluded.shots, hits = s.hits + excluded.hits`,
  {},
);
/** Adds a match's awards to the records of its bots, or takes them away with $2 = -1. */
export const addAwards = statement(
  "quake.add-awards",
  `INSERT INTO quake_award_stat AS s (bot_id, excellent, impressive, gauntlet)
   SELECT p.bot_id, $2 * p.excellent, $2 * p.impressive, $2 * p.gauntlet FROM quake_player p
   JOIN bot b ON b.id = p.bot_id AND b.house_policy IS NULL WHERE p.match_id = $1 ORDER BY p.bot_id
   ON CONFLICT (bot_id) DO UPDATE SET excellent = s.excellent + excluded.excellent,
     impressive = s.impressive + excluded.impressive, gauntlet = s.gauntlet + excluded.gauntlet`,
  {},
);

export const statsOf = statement(
  "quake.stats",
  `SELECT bot_id, means, kills, deaths, suicides FROM quake_weapon_stat
   WHERE bot_id = ANY($1::uuid[]) AND kills + deaths + suicides > 0`,
  { bot_id: "uuid", means: "int4", kills: "int4", deaths: "int4", suicides: "int4" },
);
export const aimsOf = statement(
  "quake.aims",
  `SELECT bot_id, weapon, shots, hits FROM quake_aim_stat WHERE bot_id = ANY($1::uuid[]) AND shots > 0 ORDER BY weapon`,
  { bot_id: "uuid", weapon: "int4", shots: "int4", hits: "int4" },
);
export const awardsOf = statement(
  "quake.awards",
  `SELECT bot_id, excellent, impressive, gauntlet FROM quake_award_stat WHERE bot_id = ANY($1::uuid[])`,
  { bot_id: "uuid", excellent: "int4", impressive: "int4", gauntlet: "int4" },
);
