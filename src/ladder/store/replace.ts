import { statement } from "../../platform/statement.ts";
import { MAY_PLAY } from "./queue.ts";

const TEAMS = `ARRAY(SELECT m.team_id::text FROM team_member m WHERE m.user_id = b.owner_id) AS teams`;

/** The bot that waits longest in the queue that an announced contest came from; `teams` are those of its owner. */
export const claimReplacement = statement(
  "ladder.claim-replacement",
  `SELECT q.id, q.bot_id, b.name, b.owner_id, ${TEAMS} FROM queue_entry q JOIN bot b ON b.id = q.bot_id JOIN app_user u ON u.id = b.owner_id
   JOIN bot_presence p ON p.bot_id = b.id
   JOIN contest c ON c.id = $1 AND c.status = 'ANNOUNCED' AND q.ladder = c.ladder AND q.mode || '_QUEUE' = c.origin
   WHERE q.status = 'WAITING' AND p.last_seen_at >= $2 AND ${MAY_PLAY}
     AND NOT EXISTS (SELECT FROM live_participation l WHERE l.ladder = q.ladder AND l.bot_id = q.bot_id)
   ORDER BY q.joined_at, q.id LIMIT 1 FOR UPDATE OF q SKIP LOCKED`,
  { id: "uuid", bot_id: "uuid", name: "text", owner_id: "uuid", teams: "_text" },
);
/** The bots of a contest but for $2, and whose they are. */
export const sidesBeside = statement(
  "ladder.sides-beside",
  `SELECT b.id, b.owner_id, ${TEAMS} FROM contest_participant p JOIN bot b ON b.id = p.bot_id
   WHERE p.contest_id = $1 AND p.bot_id <> $2`,
  { id: "uuid", owner_id: "uuid", teams: "_text" },
);
/** $2 goes, $3 comes with its queue entry $4; the contest stays rated only if $6. */
export const swapParticipant = statement(
  "ladder.swap-participant",
  `WITH gone AS (
     DELETE FROM live_participation WHERE contest_id = $1 AND bot_id = $2
   ), over AS (
     UPDATE queue_entry SET status = 'EXPIRED', ended_at = $5 WHERE contest_id = $1 AND bot_id = $2 AND status IN ('MATCHED', 'PLAYING')
   ), placed AS (
     UPDATE contest_participant p SET bot_id = $3,
       rating_before = COALESCE((SELECT elo FROM rating r WHERE r.ladder = p.ladder AND r.bot_id = $3), 1000)
     WHERE p.contest_id = $1 AND p.bot_id = $2 RETURNING p.ladder
   ), live AS (
     INSERT INTO live_participation (ladder, bot_id, contest_id) SELECT ladder, $3, $1 FROM placed
   ), waited AS (
     UPDATE queue_entry q SET status = 'MATCHED', contest_id = $1 FROM placed WHERE q.id = $4
   )
   UPDATE contest c SET rated = c.rated AND $6
   FROM placed WHERE c.id = $1 RETURNING c.rated`,
  { rated: "bool" },
);
