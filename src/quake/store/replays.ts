import { statement } from "../../platform/statement.ts";

export const phaseOf = statement("quake.phase", `SELECT phase FROM quake_match WHERE id = $1`, { phase: "text" });
export const writeReplay = statement(
  "quake.write-replay",
  `INSERT INTO quake_replay (match_id, frames, length_ms, bytes, document, stored_at)
   VALUES ($1, $2, $3, octet_length($4::bytea), $4::bytea, $5)`,
  {},
);
/** What is stored of a match; no row where there is no such match. */
export const replayOf = statement(
  "quake.replay",
  `SELECT r.document FROM quake_match m LEFT JOIN quake_replay r ON r.match_id = m.id WHERE m.id = $1`,
  { document: "bytea?" },
);
