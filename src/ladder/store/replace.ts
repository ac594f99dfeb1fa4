import { statement } from "../../platform/statement.ts";
import { MAY_PLAY } from "./queue.ts";

/** The bot that waits longest in the queue that an announced contest came from. */
export const claimReplacement = statement(
  "ladder.claim-replacement",
  `SELECT q.id, q.bot_id, b.name FROM queue_entry q JOIN bot b ON b.id = q.bot_id JOIN app_user u ON u.id = b.owner_id
   JOIN bot_presence p ON p.bot_id = b.id
   JOIN contest c ON c.id = $1 AND c.status = 'ANNOUNCED' AND q.ladder = c.ladder AND q.mode || '_QUEUE' = c.origin
   WHERE q.status = 'WAITING' AND p.last_seen_at >= $2 AND ${MAY_PLAY}
     AND NOT EXISTS (SELECT FROM live_participation l WHERE l.ladder = q.ladder AND l.bot_id = q.bot_id)
   ORDER BY q.joined_at, q.id LIMIT 1 FOR UPDATE OF q SKIP LOCKED`,
  { id: "uuid", bot_id: "uuid", name: "text" },
);
/** $2 goes, $3 comes with its queue entry $4. Allies, as the rules of the ladder have them, are not rated. */
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
   UPDATE contest c SET rated = c.rated AND NOT EXISTS (
     SELECT FROM contest_participant o JOIN bot ob ON ob.id = o.bot_id JOIN bot nb ON nb.id = $3
     WHERE o.contest_id = $1 AND o.bot_id <> $2 AND (ob.owner_id = nb.owner_id OR EXISTS (
       SELECT FROM team_member one JOIN team_member two ON two.team_id = one.team_id
       WHERE one.user_id = ob.owner_id AND two.user_id = nb.owner_id)))
   FROM placed WHERE c.id = $1 RETURNING c.rated`,
  { rated: "bool" },
);
