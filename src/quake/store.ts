import { leaseHeld } from "../platform/leases.ts";
import { statement } from "../platform/statement.ts";

export const namesOf = statement(
  "quake.names",
  `SELECT id, name, house_policy IS NOT NULL AS house FROM bot WHERE id = ANY($1::uuid[])`,
  { id: "uuid", name: "text", house: "bool" },
);
export const writeMatches = statement(
  "quake.write-matches",
  `WITH given AS (
     SELECT * FROM json_to_recordset($1::json) AS g(id uuid, map text, starts_at timestamptz, pooled boolean, last_seq int, bots json)
   ), made AS (
     INSERT INTO quake_match (id, map, phase, starts_at, pooled, last_seq) SELECT id, map, 'ANNOUNCED', starts_at, pooled, last_seq FROM given RETURNING id
   )
   INSERT INTO quake_player (match_id, bot_id, side)
   SELECT g.id, p.bot_id::uuid, p.place - 1 FROM given g JOIN made ON made.id = g.id, json_array_elements_text(g.bots) WITH ORDINALITY AS p(bot_id, place)`,
  {},
);

const LEASE_OF = "'match:' || m.id";
const UNHELD = `NOT EXISTS (SELECT FROM lease l WHERE l.name = ${LEASE_OF} AND l.expires_at > now())`;
/** Announced matches that nobody runs and whose time has come, but for some: rated ones first, then as they were made. */
export const waitingMatches = statement(
  "quake.waiting",
  `SELECT m.id FROM contest c JOIN quake_match m ON m.id = c.id
   WHERE c.ladder = 'QUAKE' AND c.status = 'ANNOUNCED' AND m.phase = 'ANNOUNCED' AND m.starts_at <= $1 AND ${UNHELD} AND m.id <> ALL ($3::uuid[])
   ORDER BY c.rated DESC, c.id LIMIT $2`,
  { id: "uuid" },
);
/** Matches that are not over and that nobody runs, those first that had begun: of those that wait there may be many. */
export const abandonedMatches = statement(
  "quake.abandoned",
  `SELECT m.id, m.phase, m.attempts, m.starts_at FROM quake_match m
   WHERE m.phase IN ('ANNOUNCED', 'JOINING', 'COUNTDOWN', 'LIVE') AND ${UNHELD} ORDER BY m.phase = 'ANNOUNCED', m.id LIMIT 200`,
  { id: "uuid", phase: "text", attempts: "int4", starts_at: "timestamptz" },
);
export const openMatches = statement(
  "quake.open",
  `SELECT id, last_seq FROM quake_match WHERE phase IN ('ANNOUNCED', 'JOINING', 'COUNTDOWN', 'LIVE') ORDER BY id`,
  { id: "uuid", last_seq: "int4" },
);

const MATCH_COLUMNS = `m.id, m.map, m.phase, m.attempts, m.starts_at, m.pooled, m.last_seq, c.ladder, c.origin, c.rated, c.seed`;
const MATCH_ROW = {
  id: "uuid",
  map: "text",
  phase: "text",
  attempts: "int4",
  starts_at: "timestamptz",
  pooled: "bool",
  last_seq: "int4",
  ladder: "text",
  origin: "text",
  rated: "bool",
  seed: "bytea",
} as const;
export const lockMatch = statement(
  "quake.lock",
  `SELECT ${MATCH_COLUMNS} FROM quake_match m JOIN contest c ON c.id = m.id WHERE m.id = $1 FOR UPDATE OF m`,
  MATCH_ROW,
);
/** Like lockMatch, and nothing for whoever has lost the lease. */
export const lockHeldMatch = statement(
  "quake.lock-held",
  `SELECT ${MATCH_COLUMNS} FROM quake_match m JOIN contest c ON c.id = m.id
   WHERE m.id = $1 AND ${leaseHeld("$2", "$3")} FOR UPDATE OF m`,
  MATCH_ROW,
);
/** Of a match, or of a game server elsewhere. */
export const renewLease = statement(
  "quake.renew",
  `UPDATE lease SET expires_at = now() + interval '3 seconds' WHERE name = $1 AND fence = $2::bigint RETURNING true AS held`,
  { held: "bool" },
);
/** Lets another node take a match. Its row stays: a fence that came again would let a stale holder write. */
export const releaseMatch = statement(
  "quake.release",
  `UPDATE lease SET expires_at = '-infinity' WHERE name = 'match:' || ($1::uuid)::text`,
  {},
);
/** Forgets the lease of a match that is over: nobody writes it any more, whatever its fence. */
export const forgetLease = statement(
  "quake.forget-lease",
  `DELETE FROM lease WHERE name = 'match:' || ($1::uuid)::text
     AND NOT EXISTS (SELECT FROM quake_match WHERE id = $1 AND phase IN ('ANNOUNCED', 'JOINING', 'COUNTDOWN', 'LIVE'))`,
  {},
);

export const rosterOf = statement(
  "quake.roster",
  `SELECT p.bot_id, b.name, p.side FROM quake_player p JOIN bot b ON b.id = p.bot_id WHERE p.match_id = $1 ORDER BY p.side`,
  { bot_id: "uuid", name: "text", side: "int4" },
);
export const replacePlayer = statement(
  "quake.replace-player",
  `UPDATE quake_player SET bot_id = $3, coded = NULL WHERE match_id = $1 AND bot_id = $2`,
  {},
);
/** Of these bots the second list are played by strategies, and the others from afar, by whoever holds the match's lease. */
export const seatPlayers = statement(
  "quake.seat-players",
  `UPDATE quake_player SET coded = bot_id = ANY ($3::uuid[])
   WHERE match_id = $1 AND bot_id = ANY ($2::uuid[]) AND ${leaseHeld("$4", "$5")}`,
  {},
);
/** A step of a match; null leaves a column as it is. `last_seq` follows the stream's gapless numbers under the row's lock. */
export const writeStep = statement(
  "quake.write-step",
  `UPDATE quake_match SET phase = COALESCE($2, phase), ends_at = COALESCE($3, ends_at), attempts = attempts + $4, last_seq = last_seq + $5
   WHERE id = $1`,
  {},
);
export const markVoid = statement("quake.mark-void", `UPDATE quake_match SET phase = 'VOIDED' WHERE id = $1`, {});
export const writeKills = statement(
  "quake.write-kills",
  `WITH given AS (
     SELECT * FROM json_to_recordset($2::json) AS g(number int, killer_id uuid, victim_id uuid, means int, suicide boolean, at_ms int)
   ), killed AS (
     INSERT INTO quake_kill (match_id, number, killer_id, victim_id, means, suicide, at_ms, at)
     SELECT $1::uuid, number, killer_id, victim_id, means, suicide, at_ms, $4::timestamptz FROM given
   ), moved AS (
     SELECT p.bot_id, (SELECT count(*) FROM given WHERE killer_id = p.bot_id AND NOT suicide) AS kills,
            (SELECT count(*) FROM given WHERE victim_id = p.bot_id) AS deaths,
            (SELECT count(*) FROM given WHERE victim_id = p.bot_id AND suicide) AS suicides
     FROM quake_player p WHERE p.match_id = $1
   )
   UPDATE quake_player p SET kills = p.kills + m.kills, deaths = p.deaths + m.deaths, suicides = p.suicides + m.suicides,
     score = COALESCE(($3::json ->> p.bot_id::text)::int, p.score)
   FROM moved m WHERE p.match_id = $1 AND p.bot_id = m.bot_id`,
  {},
);
export const killsOf = statement(
  "quake.kills",
  `SELECT killer_id AS killer, victim_id AS victim, means, suicide FROM quake_kill WHERE match_id = $1 ORDER BY number`,
  { killer: "uuid?", victim: "uuid", means: "int4", suicide: "bool" },
);
export const beatHost = statement(
  "quake.beat-host",
  `INSERT INTO quake_host (node, servers, busy, beat_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (node) DO UPDATE SET servers = excluded.servers, busy = excluded.busy, beat_at = excluded.beat_at`,
  {},
);
export const forgetHosts = statement(
  "quake.forget-hosts",
  `DELETE FROM quake_host WHERE node = $1 OR beat_at < $2`,
  {},
);
export const liveHosts = statement(
  "quake.live-hosts",
  `SELECT count(*)::int4 AS nodes, count(*) FILTER (WHERE servers > 0)::int4 AS hosts,
     (SELECT count(*)::int4 FROM game_server s JOIN remote_server r ON r.id = s.id WHERE s.draining_since IS NULL) AS elsewhere,
     (SELECT count(*)::int4 FROM game_server s JOIN remote_server r ON r.id = s.id WHERE s.draining_since IS NULL AND r.answer = 'ANSWERS') AS answering,
     EXISTS (SELECT FROM game_server WHERE draining_since IS NOT NULL) AS drained
   FROM quake_host WHERE beat_at > $1`,
  { nodes: "int4", hosts: "int4", elsewhere: "int4", answering: "int4", drained: "bool" },
);

const KILL = `k.match_id, k.number, k.killer_id AS killer, k.victim_id AS victim, k.means, k.suicide, k.at_ms, k.at`;
const pageOfKills = (name: string, order: "ASC" | "DESC") =>
  statement(
    name,
    `SELECT ${KILL} FROM unnest($1::uuid[]) AS g(match_id) CROSS JOIN LATERAL (
       SELECT * FROM quake_kill WHERE match_id = g.match_id AND number > $2 AND number < $3 ORDER BY number ${order} LIMIT $4
     ) k ORDER BY k.match_id, k.number`,
    {
      match_id: "uuid",
      number: "int4",
      killer: "uuid?",
      victim: "uuid",
      means: "int4",
      suicide: "bool",
      at_ms: "int4",
      at: "timestamptz",
    },
  );
export const killsForward = pageOfKills("quake.kills-forward", "ASC");
export const killsBackward = pageOfKills("quake.kills-backward", "DESC");
export const killsOfMany = statement(
  "quake.kills-of-many",
  `SELECT match_id, killer_id AS killer, victim_id AS victim, means, suicide FROM quake_kill WHERE match_id = ANY($1::uuid[])`,
  { match_id: "uuid", killer: "uuid?", victim: "uuid", means: "int4", suicide: "bool" },
);
