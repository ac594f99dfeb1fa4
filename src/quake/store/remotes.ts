import { leaseHeld } from "../../platform/leases.ts";
import { statement } from "../../platform/statement.ts";

/** The lease of whoever uses a server elsewhere. */
export const serverLease = (id: string) => `game_server:${id}`;
const leaseOf = (id: string) => `'${serverLease("")}' || ${id}`;
/** Whether somebody uses the server `s`. */
export const HELD = `EXISTS (SELECT FROM lease l WHERE l.name = ${leaseOf("s.id")} AND l.expires_at > now())`;

/** A server elsewhere is a game server whose place is its own id; the address is there once. */
export const addRemote = statement(
  "quake.add-remote",
  `WITH added AS (
     INSERT INTO game_server (id, place, port, node, state, beat_at) VALUES ($1, $1, $3, $1, 'FREE', $4) RETURNING id
   )
   INSERT INTO remote_server (id, host, port, rcon_password, configured) SELECT id, $2, $3, $5, $6 FROM added`,
  {},
);
export const countRemotes = statement("quake.count-remotes", `SELECT count(*)::int4 AS servers FROM remote_server`, {
  servers: "int4",
});
export const remoteAt = statement(
  "quake.remote-at",
  `SELECT id, rcon_password, configured FROM remote_server WHERE host = $1 AND port = $2`,
  { id: "uuid", rcon_password: "bytea", configured: "bool" },
);
/** A password that the environment changed; what was known of the server is asked anew. */
export const repeatRemote = statement(
  "quake.repeat-remote",
  `UPDATE remote_server SET rcon_password = $2, configured = true, answer = NULL, asked_at = NULL WHERE id = $1`,
  {},
);
/** Locks a server elsewhere; `held` while a node uses it. */
export const lockRemote = statement(
  "quake.lock-remote",
  `SELECT r.id, ${HELD} AS held FROM game_server s JOIN remote_server r ON r.id = s.id WHERE s.id = $1 FOR UPDATE OF s`,
  { id: "uuid", held: "bool" },
);
/** With its lease: no id comes again. */
export const removeServer = statement(
  "quake.remove-server",
  `WITH gone AS (DELETE FROM lease WHERE name = ${leaseOf("($1::uuid)::text")}) DELETE FROM game_server WHERE id = $1`,
  {},
);

const KNOWN = `s.id, r.host, r.port, r.rcon_password, r.configured, r.flavour, r.own_password, r.answer, s.state, ${HELD} AS held`;
const KNOWN_ROW = {
  id: "uuid",
  host: "text",
  port: "int4",
  rcon_password: "bytea",
  configured: "bool",
  flavour: "text?",
  own_password: "bytea?",
  answer: "text?",
  state: "text",
  held: "bool",
} as const;
/** Those that nobody holds and that are to be asked again: after a while, or because their round was left behind. */
export const remotesToAsk = statement(
  "quake.remotes-to-ask",
  `SELECT ${KNOWN} FROM game_server s JOIN remote_server r ON r.id = s.id
   WHERE NOT ${HELD} AND (r.rests_until IS NULL OR r.rests_until <= $1)
     AND (r.asked_at IS NULL OR r.asked_at <= $2 OR s.state IN ('STARTING', 'BUSY')) ORDER BY s.id LIMIT 64`,
  KNOWN_ROW,
);
/** What came of asking; nothing for whoever does not hold the server any more. Of what was known, null changes nothing. */
export const writeAnswer = statement(
  "quake.write-answer",
  `WITH asked AS (
     UPDATE remote_server SET answer = $4, flavour = COALESCE($5, flavour), own_password = COALESCE($6, own_password),
       players = $7, answered_in_ms = $8, asked_at = $9, rests_until = NULL
     WHERE id = $1 AND ${leaseHeld("$2", "$3")} RETURNING id
   )
   UPDATE game_server s SET state = COALESCE($10, s.state), map = COALESCE($11, s.map), beat_at = $9 FROM asked WHERE s.id = asked.id`,
  {},
);

/** Those that a round can be played on, the quickest to answer first. */
export const freeRemotes = statement(
  "quake.free-remotes",
  `SELECT ${KNOWN} FROM game_server s JOIN remote_server r ON r.id = s.id
   WHERE s.state = 'FREE' AND s.draining_since IS NULL AND r.answer = 'ANSWERS' AND NOT ${HELD}
     AND (r.rests_until IS NULL OR r.rests_until <= $1) ORDER BY r.answered_in_ms, s.id LIMIT 16`,
  KNOWN_ROW,
);
/** Written before anything is done with it: whatever happens then, it is made ready again. Nothing where it is not free any more. */
export const beginRental = statement(
  "quake.begin-rental",
  `UPDATE game_server SET state = 'STARTING', beat_at = $4
   WHERE id = $1 AND state = 'FREE' AND draining_since IS NULL AND ${leaseHeld("$2", "$3")} RETURNING true AS begun`,
  { begun: "bool" },
);
export const playRental = statement(
  "quake.play-rental",
  `UPDATE game_server SET state = 'BUSY', map = $5, beat_at = $4 WHERE id = $1 AND ${leaseHeld("$2", "$3")} RETURNING true AS held`,
  { held: "bool" },
);
/** What a server is after a round; nothing for whoever does not hold it any more. */
export const endRental = statement(
  "quake.end-rental",
  `WITH ended AS (
     UPDATE remote_server SET answer = $6, rests_until = $7, asked_at = $8 WHERE id = $1 AND ${leaseHeld("$2", "$3")} RETURNING id
   )
   UPDATE game_server s SET state = $5, beat_at = $4 FROM ended WHERE s.id = ended.id`,
  {},
);
