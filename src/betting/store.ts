import { statement } from "../platform/statement.ts";

export const insertPools = statement(
  "betting.insert-pools",
  `INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at)
   SELECT contest_id, 'OPEN', exhibition, $2, $3 FROM json_to_recordset($1::json) AS g(contest_id uuid, exhibition boolean)`,
  {},
);
export const movePoolRow = statement(
  "betting.move-pool",
  `UPDATE bet_pool SET closes_at = $2 WHERE contest_id = $1 AND status = 'OPEN' RETURNING true AS moved`,
  { moved: "bool" },
);
/** Waits for the bets that are under way: none commits after this does. */
export const closePool = statement("betting.close-pool", `SELECT close_pool($1::uuid, $2::timestamptz) AS closed`, {
  closed: "bool",
});
export const placeBetRow = statement(
  "betting.place",
  `SELECT outcome, retry_after_ms FROM place_bet($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::numeric, $7::timestamptz, $8::numeric, $9::int)`,
  { outcome: "text", retry_after_ms: "int4?" },
);
export const settlePoolRow = statement(
  "betting.settle",
  `SELECT outcome, total, rake, winner, reason, conflicted, given_back FROM settle_pool($1::uuid, $2::uuid, $3::timestamptz, $4::int)`,
  {
    outcome: "text",
    total: "numeric?",
    rake: "numeric?",
    winner: "uuid?",
    reason: "text?",
    conflicted: "_uuid?",
    given_back: "numeric?",
  },
);
/** Whether bets stand of a person on contests of a team's members, or of theirs on contests of the person's. */
export const betsBetween = statement(
  "betting.between",
  `SELECT EXISTS (
     SELECT FROM bet_pool pool JOIN contest_participant p ON p.contest_id = pool.contest_id JOIN bot o ON o.id = p.bot_id
     JOIN bet b ON b.contest_id = pool.contest_id
     WHERE pool.status IN ('OPEN', 'LOCKED') AND (
       (b.user_id = $2 AND o.owner_id IN (SELECT user_id FROM team_member WHERE team_id = $1))
       OR (o.owner_id = $2 AND b.user_id IN (SELECT user_id FROM team_member WHERE team_id = $1)))
   ) AS stand`,
  { stand: "bool" },
);
/** Whether a person has money in bets, fights or withdrawals that are not over, and whether any is left or would come back. */
export const moneyOfPerson = statement(
  "betting.money-of-person",
  `SELECT EXISTS (SELECT FROM bet WHERE user_id = $1 AND status = 'ACTIVE')
       OR EXISTS (SELECT FROM user_balance WHERE user_id = $1 AND account = 'user:held' AND balance > 0)
       OR EXISTS (SELECT FROM bot b JOIN live_participation l ON l.bot_id = b.id JOIN fight f ON f.id = l.contest_id
                  WHERE b.owner_id = $1 AND f.wager > 0) AS in_play,
     EXISTS (SELECT FROM user_balance WHERE user_id = $1 AND account = 'user:available' AND balance > 0)
       OR EXISTS (SELECT FROM bot b JOIN callout c ON c.challenger_id = b.id WHERE b.owner_id = $1 AND c.status = 'PENDING' AND c.wager > 0) AS left`,
  { in_play: "bool", left: "bool" },
);
/** What people have in bets that are not decided, in the order of their ids. */
export const inBetsOf = statement(
  "betting.in-bets",
  `SELECT COALESCE(b.amount, 0) AS amount FROM unnest($1::uuid[]) WITH ORDINALITY AS u(user_id, place)
   LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM bet WHERE user_id = u.user_id AND status = 'ACTIVE') b ON true
   ORDER BY u.place`,
  { amount: "numeric" },
);
export const poolsOf = statement(
  "betting.pools",
  `SELECT contest_id, status, exhibition, opened_at, closes_at, locked_at, ended_at, winner_id, rake, refund_reason
   FROM bet_pool WHERE contest_id = ANY($1::uuid[])`,
  {
    contest_id: "uuid",
    status: "text",
    exhibition: "bool",
    opened_at: "timestamptz",
    closes_at: "timestamptz",
    locked_at: "timestamptz?",
    ended_at: "timestamptz?",
    winner_id: "uuid?",
    rake: "numeric",
    refund_reason: "text?",
  },
);
/** What lies on each participant of contests, by side. */
export const backedOf = statement(
  "betting.backed",
  `SELECT p.contest_id, p.bot_id, COALESCE(b.amount, 0) AS amount, COALESCE(b.bets, 0)::int4 AS bets
   FROM contest_participant p LEFT JOIN LATERAL (
     SELECT sum(amount) AS amount, count(*) AS bets FROM bet WHERE contest_id = p.contest_id AND bot_id = p.bot_id
   ) b ON true
   WHERE p.contest_id = ANY($1::uuid[]) ORDER BY p.contest_id, p.side`,
  { contest_id: "uuid", bot_id: "uuid", amount: "numeric", bets: "int4" },
);
/** What came on each participant in steps of 250 ms, oldest first. */
export const stepsOf = statement(
  "betting.steps",
  `SELECT contest_id, bot_id, date_bin('250 milliseconds', placed_at, 'epoch') + interval '250 milliseconds' AS at, sum(amount) AS amount
   FROM bet WHERE contest_id = ANY($1::uuid[]) GROUP BY 1, 2, 3 ORDER BY 1, 3, 2`,
  { contest_id: "uuid", bot_id: "uuid", at: "timestamptz", amount: "numeric" },
);

const offender = { subject: "text", detail: "text" } as const;
export const wrongPools = statement(
  "betting.wrong-pools",
  `WITH held AS (
     SELECT subject_id AS contest_id, sum(amount) AS held FROM posting WHERE account = 'pool' GROUP BY 1
   ), owed AS (
     SELECT p.contest_id, COALESCE(sum(b.amount) FILTER (WHERE p.status IN ('OPEN', 'LOCKED')), 0) AS owed
     FROM bet_pool p LEFT JOIN bet b ON b.contest_id = p.contest_id GROUP BY 1
   )
   SELECT COALESCE(h.contest_id, o.contest_id)::text AS subject,
          format('the pool holds %s, its open bets are %s', COALESCE(h.held, 0), COALESCE(o.owed, 0)) AS detail
   FROM held h FULL JOIN owed o ON o.contest_id = h.contest_id
   WHERE COALESCE(h.held, 0) <> COALESCE(o.owed, 0) ORDER BY 1 LIMIT 20`,
  offender,
);
/** Worked out anew from the bets and the placements: what the pool's own row says is looked at, too. */
export const wrongSettlements = statement(
  "betting.wrong-settlements",
  `WITH firsts AS (
     SELECT contest_id, min(bot_id::text)::uuid AS bot_id FROM contest_participant WHERE placement = 1 GROUP BY 1 HAVING count(*) = 1
   ), pools AS (
     -- An operator's void after the end takes the placements away, never money that was paid.
     SELECT p.*, CASE WHEN c.status = 'VOIDED' THEN p.winner_id ELSE f.bot_id END AS first_id
     FROM bet_pool p JOIN contest c ON c.id = p.contest_id LEFT JOIN firsts f ON f.contest_id = p.contest_id
     WHERE p.status IN ('SETTLED', 'REFUNDED')
   ), sums AS (
     -- A bet that is given back out of a pool that is shared out is of somebody who has an interest.
     SELECT p.contest_id, p.status, p.winner_id, p.rake, p.refund_reason, p.first_id, COALESCE(sum(b.amount), 0) AS total,
            COALESCE(sum(b.amount) FILTER (WHERE b.status <> 'REFUNDED' OR p.status = 'REFUNDED'), 0) AS shared,
            COALESCE(sum(b.amount) FILTER (WHERE b.bot_id = p.first_id AND (b.status <> 'REFUNDED' OR p.status = 'REFUNDED')), 0) AS backed
     FROM pools p LEFT JOIN bet b ON b.contest_id = p.contest_id GROUP BY 1, 2, 3, 4, 5, 6
   ), due AS (
     SELECT s.contest_id, s.status, s.total, s.rake, b.id, b.user_id, b.payout, b.status AS bet_status,
            CASE WHEN s.status = 'REFUNDED' OR b.status = 'REFUNDED' THEN b.amount
                 WHEN b.bot_id = s.first_id THEN div((s.shared - div(s.shared * 3, 100)) * b.amount, s.backed) ELSE 0 END AS owed,
            CASE WHEN s.status = 'REFUNDED' OR b.status = 'REFUNDED' THEN 'REFUNDED' WHEN b.bot_id = s.first_id THEN 'WON' ELSE 'LOST' END AS due_status
     FROM sums s JOIN bet b ON b.contest_id = s.contest_id
   ), paid AS (
     SELECT p.account, p.subject_id, j.key, p.amount FROM journal j JOIN posting p ON p.journal_id = j.id
     WHERE j.kind IN ('POOL_SETTLED', 'BET_REFUNDED') AND j.key LIKE 'pool:%:emptied'
   ), users AS (
     SELECT contest_id, user_id, sum(owed) AS owed FROM due GROUP BY 1, 2 HAVING sum(owed) > 0
   ), wrong AS (
     SELECT id::text AS subject, format('bet was to get %s, its payout is %s (%s)', owed, payout, bet_status) AS detail
     FROM due WHERE payout IS DISTINCT FROM owed OR bet_status <> due_status
     UNION ALL
     SELECT id::text, 'bet was given back, and nobody has an interest' FROM due
     WHERE status = 'SETTLED' AND bet_status = 'REFUNDED' AND NOT has_interest(contest_id, user_id)
     UNION ALL
     SELECT contest_id::text, format('%s for %s, but the one winner is %s, with %s of %s', status, winner_id, first_id, backed, total) FROM sums
     WHERE (status = 'SETTLED' AND (winner_id IS DISTINCT FROM first_id OR backed = 0 OR backed = shared))
        OR (refund_reason NOT IN ('NEVER_CLOSED', 'NO_RESULT') AND first_id IS NOT NULL AND backed > 0 AND backed < total
            AND (SELECT count(DISTINCT b.bot_id = sums.first_id) = 2 FROM bet b
                 WHERE b.contest_id = sums.contest_id AND NOT has_interest(b.contest_id, b.user_id)))
     UNION ALL
     SELECT COALESCE(u.user_id, p.subject_id)::text,
            format('%s: was to get %s of the pool, got %s', COALESCE('pool:' || u.contest_id || ':emptied', p.key), COALESCE(u.owed, 0), COALESCE(p.amount, 0))
     FROM users u FULL JOIN (SELECT * FROM paid WHERE account = 'user:available') p
       ON p.key = 'pool:' || u.contest_id || ':emptied' AND p.subject_id = u.user_id
     WHERE COALESCE(u.owed, 0) <> COALESCE(p.amount, 0)
     UNION ALL
     SELECT s.contest_id::text, format('the house kept %s of %s, the rule gives %s', COALESCE(p.amount, 0), s.total, s.total - d.owed)
     FROM sums s JOIN (SELECT contest_id, sum(owed) AS owed FROM due GROUP BY 1) d ON d.contest_id = s.contest_id
     LEFT JOIN paid p ON p.key = 'pool:' || s.contest_id || ':emptied' AND p.account = 'house:rake'
     WHERE COALESCE(p.amount, 0) <> s.total - d.owed OR s.rake <> s.total - d.owed
   )
   SELECT subject, detail FROM wrong ORDER BY 1, 2 LIMIT 20`,
  offender,
);
/** A pool stays open no longer than its contest: a settlement that is a minute late is lost. */
export const lateSettlements = statement(
  "betting.late-settlements",
  `SELECT p.contest_id::text AS subject, format('%s, but its contest ended at %s', p.status, c.ended_at) AS detail
   FROM bet_pool p JOIN contest c ON c.id = p.contest_id
   WHERE p.status IN ('OPEN', 'LOCKED') AND c.ended_at < now() - interval '1 minute' ORDER BY 1 LIMIT 20`,
  offender,
);
