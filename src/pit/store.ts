import { statement } from "../platform/statement.ts";

/** The bot's row is held: what archives it is waited for, or finds it here. */
export const enter = statement(
  "pit.enter",
  `INSERT INTO pit_presence (bot_id, entered_at)
   SELECT b.id, $2 FROM bot b WHERE b.id = $1 AND b.archived_at IS NULL AND b.suspended_at IS NULL
     AND EXISTS (SELECT FROM bot_presence p WHERE p.bot_id = b.id AND p.last_seen_at >= $3)
   FOR SHARE OF b ON CONFLICT (bot_id) DO NOTHING RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const isPresent = statement("pit.present", `SELECT bot_id FROM pit_presence WHERE bot_id = $1`, {
  bot_id: "uuid",
});
/** Whoever deletes the row tells of it: one AgentLeft, whatever the number of sockets and nodes. */
export const leave = statement(
  "pit.leave",
  `DELETE FROM pit_presence WHERE bot_id = ANY($1::uuid[]) RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const leaveSilent = statement(
  "pit.leave-silent",
  `DELETE FROM pit_presence WHERE bot_id IN (
     SELECT p.bot_id FROM pit_presence p JOIN bot b ON b.id = p.bot_id LEFT JOIN bot_presence s ON s.bot_id = p.bot_id
     WHERE b.house_policy IS NULL AND (s.last_seen_at IS NULL OR s.last_seen_at < $1 OR b.archived_at IS NOT NULL OR b.suspended_at IS NOT NULL)
     ORDER BY p.bot_id LIMIT 100 FOR UPDATE OF p SKIP LOCKED)
   RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const seatHouse = statement(
  "pit.seat-house",
  `INSERT INTO pit_presence (bot_id, entered_at)
   SELECT id, $1 FROM bot WHERE house_policy IS NOT NULL AND archived_at IS NULL ON CONFLICT DO NOTHING`,
  {},
);

/**
 * Whoever speaks or calls out holds the row of its presence: one after another. What decides about it is read by a
 * statement of its own behind this one, because the snapshot of a statement that waits for a lock is older than the wait.
 */
export const lockPresence = statement(
  "pit.lock-presence",
  `SELECT bot_id FROM pit_presence WHERE bot_id = $1 FOR UPDATE`,
  { bot_id: "uuid" },
);
export const speakerStanding = statement(
  "pit.speaker-standing",
  `SELECT (SELECT max(m.at) FROM pit_message m WHERE m.bot_id = $1) AS last_at,
          EXISTS (SELECT FROM pit_mute u WHERE u.bot_id = $1 AND (u.until IS NULL OR u.until > $2)) AS muted`,
  { last_at: "timestamptz?", muted: "bool" },
);
export const insertMessage = statement(
  "pit.insert-message",
  `INSERT INTO pit_message (id, bot_id, text, at) VALUES ($1, $2, $3, $4)`,
  {},
);
export const mute = statement(
  "pit.mute",
  `INSERT INTO pit_mute (bot_id, until, reason) SELECT id, $2, $3 FROM bot WHERE id = $1
   ON CONFLICT (bot_id) DO UPDATE SET until = excluded.until, reason = excluded.reason RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const unmute = statement("pit.unmute", `DELETE FROM pit_mute WHERE bot_id = $1 RETURNING bot_id`, {
  bot_id: "uuid",
});

/** Everything that decides about a callout to be made, but whether the challenger is there: the lock of its presence says that. */
export const challengeStanding = statement(
  "pit.challenge-standing",
  `SELECT t.id AS target_id, t.owner_id AS target_owner_id, t.house_policy IS NOT NULL AS house,
          EXISTS (SELECT FROM pit_presence p WHERE p.bot_id = t.id) AS target_present,
          (SELECT max(c.created_at) FROM callout c WHERE c.challenger_id = $1) AS last_at,
          EXISTS (SELECT FROM callout c WHERE c.challenger_id = $1 AND c.target_id = t.id AND c.status = 'PENDING') AS pending,
          EXISTS (SELECT FROM pit_mute u WHERE u.bot_id = $1 AND (u.until IS NULL OR u.until > $3)) AS muted,
          EXISTS (SELECT FROM live_participation l WHERE l.bot_id = $1 AND l.ladder = $4) AS challenger_busy
   FROM bot t WHERE t.id = $2 AND t.archived_at IS NULL`,
  {
    target_id: "uuid",
    target_owner_id: "uuid",
    house: "bool",
    target_present: "bool",
    last_at: "timestamptz?",
    pending: "bool",
    muted: "bool",
    challenger_busy: "bool",
  },
);
export const insertCallout = statement(
  "pit.insert-callout",
  `INSERT INTO callout (id, challenger_id, target_id, ladder, message, wager, sealed, status, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8, $9)`,
  {},
);
export const lockCallout = statement(
  "pit.lock-callout",
  `SELECT c.id, c.challenger_id, c.target_id, c.ladder, c.wager, c.sealed, c.status, c.expires_at,
          (SELECT b.owner_id FROM bot b WHERE b.id = c.challenger_id) AS challenger_owner_id,
          (SELECT b.owner_id FROM bot b WHERE b.id = c.target_id) AS target_owner_id,
          EXISTS (SELECT FROM pit_presence p WHERE p.bot_id = c.challenger_id) AS challenger_present,
          EXISTS (SELECT FROM pit_presence p WHERE p.bot_id = c.target_id) AS target_present,
          EXISTS (SELECT FROM live_participation l WHERE l.bot_id = c.challenger_id AND l.ladder = c.ladder) AS challenger_busy,
          EXISTS (SELECT FROM live_participation l WHERE l.bot_id = c.target_id AND l.ladder = c.ladder) AS target_busy
   FROM callout c WHERE c.id = $1 FOR UPDATE OF c`,
  {
    id: "uuid",
    challenger_id: "uuid",
    target_id: "uuid",
    ladder: "text",
    wager: "numeric",
    sealed: "bool",
    status: "text",
    expires_at: "timestamptz",
    challenger_owner_id: "uuid",
    target_owner_id: "uuid",
    challenger_present: "bool",
    target_present: "bool",
    challenger_busy: "bool",
    target_busy: "bool",
  },
);
export const endCallout = statement(
  "pit.end-callout",
  `UPDATE callout SET status = $2, ended_at = $3, fight_id = $4, sealed = $5 WHERE id = $1 AND status = 'PENDING'`,
  {},
);
export const pendingCallouts = statement(
  "pit.pending-callouts",
  `SELECT id FROM callout WHERE status = 'PENDING' AND (challenger_id = ANY($1::uuid[]) OR target_id = ANY($1::uuid[])) ORDER BY id`,
  { id: "uuid" },
);
export const dueCallouts = statement(
  "pit.due-callouts",
  `SELECT id FROM callout WHERE status = 'PENDING' AND expires_at <= $1 ORDER BY expires_at LIMIT 100`,
  { id: "uuid" },
);

/** One row the first time only, so that a job that runs twice tells once. */
export const tellOnce = statement(
  "pit.tell-once",
  `INSERT INTO pit_announcement (contest_id, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING contest_id`,
  { contest_id: "uuid" },
);
export const contestResult = statement(
  "pit.contest-result",
  `SELECT c.status = 'VOIDED' AS voided,
          (SELECT CASE WHEN count(*) = 1 THEN min(p.bot_id::text)::uuid END FROM contest_participant p WHERE p.contest_id = c.id AND p.placement = 1) AS winner_id
   FROM contest c WHERE c.id = $1`,
  { voided: "bool", winner_id: "uuid?" },
);
export const messageExists = statement("pit.message-exists", `SELECT id FROM pit_message WHERE id = $1`, {
  id: "uuid",
});
export const pruneMessages = statement(
  "pit.prune-messages",
  `DELETE FROM pit_message WHERE at < $1 OR id <= (SELECT id FROM pit_message ORDER BY id DESC OFFSET $2 LIMIT 1)`,
  {},
);
export const forgetMessages = statement(
  "pit.forget-messages",
  `DELETE FROM pit_message m USING bot b WHERE b.id = m.bot_id AND b.owner_id = $1`,
  {},
);
export const forgetCallouts = statement(
  "pit.forget-callouts",
  `UPDATE callout c SET message = NULL FROM bot b WHERE b.id = c.challenger_id AND b.owner_id = $1 AND c.message IS NOT NULL`,
  {},
);
/** The Pit's stream is no proof of anything, and has no hashes: its words can be taken out, its numbers stay. */
export const forgetTold = statement(
  "pit.forget-told",
  `UPDATE stream_event e SET payload = CASE e.type
       WHEN 'MessagePosted' THEN jsonb_set(e.payload::jsonb, '{text}', '""')
       ELSE jsonb_set(e.payload::jsonb, '{message}', 'null') END::text
   WHERE e.stream = 'pit' AND e.hash IS NULL
     AND CASE e.type WHEN 'MessagePosted' THEN e.payload::jsonb ->> 'botId' WHEN 'CalloutCreated' THEN e.payload::jsonb ->> 'challengerId' END
       = ANY(ARRAY(SELECT b.id::text FROM bot b WHERE b.owner_id = $1))`,
  {},
);

/** Escrows that hold something else than the stakes of their callout and its fight. */
export const wrongEscrows = statement(
  "pit.check-escrows",
  `WITH held AS (SELECT subject_id AS id, sum(amount) AS sum FROM posting WHERE account = 'escrow' GROUP BY subject_id), due AS (
     SELECT c.id, CASE WHEN c.status = 'PENDING' THEN c.wager WHEN k.status IN ('ANNOUNCED', 'LIVE') THEN 2 * c.wager ELSE 0 END AS due
     FROM callout c LEFT JOIN contest k ON k.id = c.fight_id WHERE c.wager > 0
   )
   SELECT id::text AS subject, 'holds ' || COALESCE(h.sum, 0) || ', due are ' || COALESCE(d.due, 0) AS detail
   FROM held h FULL JOIN due d USING (id) WHERE COALESCE(h.sum, 0) <> COALESCE(d.due, 0) LIMIT 20`,
  { subject: "text", detail: "text" },
);
/** Fights that have ended and whose stakes did not go where the rules say: the winner takes both less 3 %, else each its own. */
export const wrongPayouts = statement(
  "pit.check-payouts",
  `SELECT f.id::text AS subject, 'each staked ' || f.wager || ' in escrow ' || f.escrow_id || ', the winner is ' || COALESCE(f.winner_id::text, 'nobody') AS detail
   FROM fight f JOIN contest k ON k.id = f.id LEFT JOIN journal j ON j.key = 'escrow:' || f.escrow_id || ':emptied'
   WHERE f.wager > 0 AND k.ended_at IS NOT NULL AND (j.id IS NULL OR j.reference <> 'Fight:' || f.id OR EXISTS (
     SELECT FROM contest_participant p JOIN bot b ON b.id = p.bot_id
       LEFT JOIN posting o ON o.journal_id = j.id AND o.account = 'user:available' AND o.subject_id = b.owner_id
     WHERE p.contest_id = f.id AND COALESCE(o.amount, 0) <> CASE
       WHEN f.winner_id IS NULL THEN f.wager WHEN f.winner_id = p.bot_id THEN 2 * f.wager - div(2 * f.wager * 3, 100) ELSE 0 END
   )) LIMIT 20`,
  { subject: "text", detail: "text" },
);
