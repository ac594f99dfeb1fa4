import { leaseHeld } from "../../platform/leases.ts";
import { statement } from "../../platform/statement.ts";

/** Whether a bot `b` of `u` may meet anybody: a bot joins at the instant in which its owner is suspended, too. */
export const MAY_PLAY = "b.suspended_at IS NULL AND b.archived_at IS NULL AND u.suspended_at IS NULL";

/**
 * One statement: whose bot it is, why it may not wait, and its place in the queue when it may. The bot's row is held, so that
 * it cannot be archived or suspended in between: what bars it is waited for, or finds the place.
 */
export const joinWaiting = statement(
  "ladder.join",
  `WITH asked AS (
     SELECT b.id, b.suspended_at IS NOT NULL AS suspended, b.archived_at IS NOT NULL AS archived, p.last_seen_at,
            EXISTS (SELECT FROM live_participation l WHERE l.ladder = $4 AND l.bot_id = b.id) AS in_contest
     FROM bot b LEFT JOIN bot_presence p ON p.bot_id = b.id WHERE b.id = $2 AND b.owner_id = $3 FOR SHARE OF b
   ), joined AS (
     INSERT INTO queue_entry (id, bot_id, ladder, mode, sealed, joined_at)
     SELECT $1, id, $4, $5, $6, $7 FROM asked
     WHERE NOT suspended AND NOT archived AND NOT in_contest AND last_seen_at >= $8 AND $9
     ON CONFLICT (bot_id, ladder) WHERE status IN ('WAITING', 'MATCHED') DO NOTHING RETURNING id
   )
   SELECT suspended, archived, last_seen_at, in_contest, EXISTS (SELECT FROM joined) AS joined FROM asked`,
  { suspended: "bool", archived: "bool", last_seen_at: "timestamptz?", in_contest: "bool", joined: "bool" },
);
export const leaveWaiting = statement(
  "ladder.leave",
  `UPDATE queue_entry SET status = 'LEFT', ended_at = $3
   WHERE bot_id = $1 AND ladder = $2 AND status = 'WAITING' RETURNING id, mode`,
  { id: "uuid", mode: "text" },
);
export const barWaiting = statement(
  "ladder.bar",
  `UPDATE queue_entry SET status = 'LEFT', ended_at = $2
   WHERE bot_id = ANY($1::uuid[]) AND status = 'WAITING' RETURNING id, bot_id, ladder, mode`,
  { id: "uuid", bot_id: "uuid", ladder: "text", mode: "text" },
);
export const expireWaiting = statement(
  "ladder.expire",
  `UPDATE queue_entry q SET status = 'EXPIRED', ended_at = $2
   WHERE q.id = ANY($1::uuid[]) AND q.status = 'WAITING' AND ${leaseHeld("$4", "$5")}
     AND NOT EXISTS (
       SELECT FROM bot_presence p JOIN bot b ON b.id = p.bot_id JOIN app_user u ON u.id = b.owner_id
       WHERE p.bot_id = q.bot_id AND p.last_seen_at >= $3 AND ${MAY_PLAY})
   RETURNING q.id, q.bot_id, q.mode`,
  { id: "uuid", bot_id: "uuid", mode: "text" },
);
/** Who may not play any more is as good as never seen; `teams` are those of the bot's owner. */
export const waitingEntries = statement(
  "ladder.waiting",
  `SELECT q.id, q.bot_id, b.owner_id, ARRAY(SELECT m.team_id::text FROM team_member m WHERE m.user_id = b.owner_id) AS teams, q.mode, q.sealed, q.joined_at,
          CASE WHEN ${MAY_PLAY} THEN p.last_seen_at END AS last_seen_at, COALESCE(r.elo, 1000) AS elo,
          last.side AS last_side, last.opponent_id AS last_opponent_id
   FROM queue_entry q JOIN bot b ON b.id = q.bot_id JOIN app_user u ON u.id = b.owner_id
   LEFT JOIN bot_presence p ON p.bot_id = q.bot_id
   LEFT JOIN rating r ON r.ladder = q.ladder AND r.bot_id = q.bot_id
   LEFT JOIN LATERAL (
     SELECT mine.side, other.bot_id AS opponent_id FROM contest_participant mine
     JOIN contest_participant other ON other.contest_id = mine.contest_id AND other.bot_id <> mine.bot_id
     WHERE mine.bot_id = q.bot_id AND mine.ladder = q.ladder ORDER BY mine.contest_id DESC LIMIT 1
   ) last ON true
   WHERE q.ladder = $1 AND q.status = 'WAITING'
     AND NOT EXISTS (SELECT FROM live_participation l WHERE l.ladder = q.ladder AND l.bot_id = q.bot_id)
   ORDER BY q.joined_at, q.id LIMIT $2`,
  {
    id: "uuid",
    bot_id: "uuid",
    owner_id: "uuid",
    teams: "_text",
    mode: "text",
    sealed: "bool",
    joined_at: "timestamptz",
    last_seen_at: "timestamptz?",
    elo: "int4",
    last_side: "int4?",
    last_opponent_id: "uuid?",
  },
);
export const houseBots = statement(
  "ladder.house",
  `SELECT id FROM bot WHERE house_policy IS NOT NULL AND archived_at IS NULL AND suspended_at IS NULL ORDER BY name`,
  { id: "uuid" },
);
/** Ids are UUIDv7: `contest_id >= $4` bounds the time and keeps the cost free of how much a bot has played. */
export const ratedSince = statement(
  "ladder.rated-since",
  `SELECT pair.a, pair.b, count(*)::int4 AS contests
   FROM unnest($1::uuid[], $2::uuid[]) AS pair(a, b)
   JOIN contest_participant pa ON pa.bot_id = pair.a AND pa.ladder = $3 AND pa.contest_id >= $4
   JOIN contest_participant pb ON pb.contest_id = pa.contest_id AND pb.bot_id = pair.b
   JOIN contest c ON c.id = pb.contest_id AND c.rated AND c.status <> 'VOIDED'
   GROUP BY pair.a, pair.b`,
  { a: "uuid", b: "uuid", contests: "int4" },
);
export const claimWaiting = statement(
  "ladder.claim",
  `SELECT q.id FROM queue_entry q
   WHERE q.id = ANY($1::uuid[]) AND q.status = 'WAITING' AND ${leaseHeld("$2", "$3")}
   ORDER BY q.id FOR UPDATE SKIP LOCKED`,
  { id: "uuid" },
);
