import { statement } from "../../platform/statement.ts";
import { HELD } from "./remotes.ts";

/** What a node says of its servers; gives which of them operators drain. Ids are of those that are new. */
export const beatServers = statement(
  "quake.beat-servers",
  `INSERT INTO game_server AS s (id, place, port, node, state, map, beat_at)
   SELECT g.id, $1, g.port, $2, g.state, g.map, $4
   FROM json_to_recordset($3::json) AS g(id uuid, port int, state text, map text) ORDER BY g.port
   ON CONFLICT (place, port) DO UPDATE SET node = excluded.node, state = excluded.state, map = excluded.map, beat_at = excluded.beat_at
   RETURNING port, draining_since IS NOT NULL AS draining`,
  { port: "int4", draining: "bool" },
);
/** Servers that are not there any more and of which nobody wants anything. */
export const forgetServers = statement(
  "quake.forget-servers",
  `DELETE FROM game_server s WHERE beat_at < $1 AND draining_since IS NULL AND NOT EXISTS (SELECT FROM remote_server r WHERE r.id = s.id)`,
  {},
);
export const lockServer = statement(
  "quake.lock-server",
  `SELECT draining_since IS NOT NULL AS draining FROM game_server WHERE id = $1 FOR UPDATE`,
  { draining: "bool" },
);
export const drainServer = statement(
  "quake.drain-server",
  `UPDATE game_server SET draining_since = $2, drain_reason = $3 WHERE id = $1`,
  {},
);
const SERVER = `s.id, s.port, s.state, s.map, s.beat_at > $1 AS heard, s.draining_since, s.drain_reason,
  r.host, r.answer, r.players, r.answered_in_ms,
  ${HELD} AS held`;
const SERVERS = `game_server s LEFT JOIN remote_server r ON r.id = s.id`;
const SERVER_ROW = {
  id: "uuid",
  port: "int4",
  state: "text",
  map: "text?",
  heard: "bool",
  draining_since: "timestamptz?",
  drain_reason: "text?",
  host: "text?",
  answer: "text?",
  players: "int4?",
  answered_in_ms: "int4?",
  held: "bool",
} as const;
/** Those of the nodes first. */
export const allServers = statement(
  "quake.all-servers",
  `SELECT ${SERVER} FROM ${SERVERS} ORDER BY r.host NULLS FIRST, s.place, s.port LIMIT $2`,
  SERVER_ROW,
);
export const serverById = statement(
  "quake.server-by-id",
  `SELECT ${SERVER} FROM ${SERVERS} WHERE s.id = $2`,
  SERVER_ROW,
);
