import { statement } from "../../platform/statement.ts";

export const phaseOf = statement("quake.phase", `SELECT phase FROM quake_match WHERE id = $1`, { phase: "text" });
export const writeReplay = statement(
  "quake.write-replay",
  `INSERT INTO quake_replay (match_id, frames, length_ms, bytes, document, sha256, stored_at)
   VALUES ($1, $2, $3, octet_length($4::bytea), $4::bytea, $5, $6)`,
  {},
);
/** What is stored of a match; no row where there is no such match. */
export const replayOf = statement(
  "quake.replay",
  `SELECT r.document, r.pruned_at FROM quake_match m LEFT JOIN quake_replay r ON r.match_id = m.id WHERE m.id = $1`,
  { document: "bytea?", pruned_at: "timestamptz?" },
);
/** Forgets what at most $3 matches looked like of which it was stored before $1, the oldest first. */
export const pruneReplays = statement(
  "quake.prune-replays",
  `UPDATE quake_replay SET document = NULL, pruned_at = $2 WHERE match_id IN (
     SELECT match_id FROM quake_replay WHERE pruned_at IS NULL AND stored_at < $1 ORDER BY stored_at LIMIT $3
   ) RETURNING match_id`,
  { match_id: "uuid" },
);
/** Everything that a signed record's header says; no row before the match's end, because of the seed. */
export const recordHeader = statement(
  "quake.record-header",
  `SELECT c.ladder, c.rated, c.status, m.map, c.started_at, c.ended_at, c.seed_hash, c.seed,
     (SELECT json_agg(json_build_object('side', p.side, 'botId', p.bot_id, 'name', b.name) ORDER BY p.side)
      FROM quake_player p JOIN bot b ON b.id = p.bot_id WHERE p.match_id = m.id) AS participants,
     (SELECT json_agg(json_build_object('botId', p.bot_id, 'placement', o.placement, 'score', p.score, 'kills', p.kills, 'deaths', p.deaths)
        ORDER BY o.placement, p.side)
      FROM quake_player p JOIN contest_participant o ON o.contest_id = p.match_id AND o.bot_id = p.bot_id WHERE p.match_id = m.id) AS results,
     (SELECT sha256 FROM quake_replay r WHERE r.match_id = m.id) AS frames_sha256
   FROM contest c JOIN quake_match m ON m.id = c.id WHERE c.id = $1 AND c.ended_at IS NOT NULL`,
  {
    ladder: "text",
    rated: "bool",
    status: "text",
    map: "text",
    started_at: "timestamptz?",
    ended_at: "timestamptz",
    seed_hash: "bytea",
    seed: "bytea",
    participants: "json",
    results: "json",
    frames_sha256: "bytea?",
  },
);
