import { statement } from "../platform/statement.ts";

export const writeFights = statement(
  "fights.write",
  `INSERT INTO fight (id, rules, sealed, wager, escrow_id, phase, state, last_seq, deadline_at)
   SELECT id, rules, sealed, wager, escrow_id, phase, state, last_seq, deadline_at
   FROM json_to_recordset($1::json) AS g(id uuid, rules text, sealed boolean, wager numeric, escrow_id uuid, phase text, state jsonb, last_seq int, deadline_at timestamptz)`,
  {},
);
export const fightersOf = statement(
  "fights.fighters",
  `SELECT id, character, house_policy FROM bot WHERE id = ANY($1::uuid[])`,
  { id: "uuid", character: "text", house_policy: "text?" },
);
const LOCKED_FIGHT = `SELECT f.id, f.state, f.version, f.wager, f.escrow_id, f.outage_ms, c.ladder, c.origin, c.rated, c.seed,
          (SELECT json_object_agg(b.id, b.house_policy) FROM contest_participant p JOIN bot b ON b.id = p.bot_id WHERE p.contest_id = f.id) AS policies
   FROM fight f JOIN contest c ON c.id = f.id`;
const LOCKED_FIGHT_COLUMNS = {
  id: "uuid",
  state: "jsonb",
  version: "int4",
  wager: "numeric",
  escrow_id: "uuid?",
  outage_ms: "int4",
  ladder: "text",
  origin: "text",
  rated: "bool",
  seed: "bytea",
  policies: "json?",
} as const;
export const lockFight = statement(
  "fights.lock",
  `${LOCKED_FIGHT} WHERE f.id = $1 FOR UPDATE OF f`,
  LOCKED_FIGHT_COLUMNS,
);
/** Those of some fights that nobody else has. */
export const lockFreeFights = statement(
  "fights.lock-free",
  `${LOCKED_FIGHT} WHERE f.id = ANY($1::uuid[]) FOR UPDATE OF f SKIP LOCKED`,
  LOCKED_FIGHT_COLUMNS,
);
/** Whose the bots of a fight are, by side. */
export const stakersOf = statement(
  "fights.stakers",
  `SELECT p.bot_id, b.owner_id FROM contest_participant p JOIN bot b ON b.id = p.bot_id WHERE p.contest_id = $1 ORDER BY p.side`,
  { bot_id: "uuid", owner_id: "uuid" },
);
export const writeState = statement(
  "fights.write-state",
  `UPDATE fight SET state = $2::jsonb, phase = $3, deadline_at = $4, winner_id = $5, end_reason = $6, outage_ms = 0, version = version + 1 WHERE id = $1`,
  {},
);
/**
 * One statement for a step: the fight's row, its events ($9 of them) and (through append_events) the head of its stream.
 * `last_seq` follows the stream's gapless numbers under the row's own lock.
 */
export const writeStep = statement(
  "fights.write-step",
  `WITH step AS (
     UPDATE fight SET state = $2::jsonb, phase = $3, deadline_at = $4, winner_id = $5, end_reason = $6, outage_ms = 0, version = version + 1,
       last_seq = last_seq + $9 WHERE id = $1
   )
   SELECT stream, seq, hash FROM append_events($7::json, $8::timestamptz)`,
  { stream: "text", seq: "int4", hash: "bytea?" },
);
/** Fights that time changes now: those whose deadline has passed, and those that are still owed an outage. */
export const dueFights = statement(
  "fights.due",
  `SELECT id FROM (
     (SELECT id, deadline_at FROM fight WHERE outage_ms > 0 ORDER BY id LIMIT 200)
     UNION ALL (SELECT id, deadline_at FROM fight WHERE deadline_at <= $1 AND outage_ms = 0 ORDER BY deadline_at LIMIT 200)
   ) due ORDER BY deadline_at`,
  { id: "uuid" },
);
export const lastBeat = statement("fights.last-beat", `SELECT max(beat_at) AS at FROM engine_heartbeat`, {
  at: "timestamptz?",
});
export const beat = statement(
  "fights.beat",
  `INSERT INTO engine_heartbeat (node, beat_at) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET beat_at = excluded.beat_at`,
  {},
);
/**
 * The one node that takes the old beat away owes the outage to every running fight; the others find the new beat. It is
 * one statement: who is killed has either owed it to all of them or left the old beat to the next one.
 */
export const claimOutage = statement(
  "fights.claim-outage",
  `WITH claimed AS (
     UPDATE engine_heartbeat SET beat_at = $2 WHERE beat_at = $1 RETURNING node
   ), owed AS (
     UPDATE fight SET outage_ms = outage_ms + $3 WHERE deadline_at IS NOT NULL AND EXISTS (SELECT FROM claimed)
   )
   SELECT node FROM claimed`,
  { node: "text" },
);
/** Everything that a replay's header says; no row before the contest's end, because of the seed. */
export const contestHeader = statement(
  "fights.header",
  `SELECT c.ladder, c.rated, f.rules, c.started_at, c.ended_at, c.seed_hash, c.seed,
          (SELECT json_agg(json_build_object('side', p.side, 'botId', p.bot_id, 'name', b.name, 'character', p.character) ORDER BY p.side)
           FROM contest_participant p JOIN bot b ON b.id = p.bot_id WHERE p.contest_id = c.id) AS participants
   FROM contest c JOIN fight f ON f.id = c.id WHERE c.id = $1 AND c.ended_at IS NOT NULL`,
  {
    ladder: "text",
    rated: "bool",
    rules: "text",
    started_at: "timestamptz",
    ended_at: "timestamptz",
    seed_hash: "bytea",
    seed: "bytea",
    participants: "json",
  },
);
