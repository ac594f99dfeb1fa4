import { statement } from "../../platform/statement.ts";

// Each ladder's own index is walked, so that a rare ladder costs no scan of the others.
const NEWEST = "ORDER BY p.id DESC LIMIT $4";
const OLDEST = "ORDER BY p.id LIMIT $4";

const contestRows = (name: string, order: string, condition = "") =>
  statement(
    name,
    `SELECT p.id FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
       SELECT p.id FROM contest p WHERE p.ladder = l.ladder AND p.id < $2 AND p.id > $3 AND NOT p.hidden${condition} ${order}
     ) p ${order}`,
    { id: "uuid" },
  );
const BY_STATUS = " AND p.status = $5";
/** Contests of ladders, in the page's direction. */
export const contestsForward = contestRows("ladder.contests", NEWEST);
export const contestsBackward = contestRows("ladder.contests-backward", OLDEST);
export const contestsByStatusForward = contestRows("ladder.contests-by-status", NEWEST, BY_STATUS);
export const contestsByStatusBackward = contestRows("ladder.contests-by-status-backward", OLDEST, BY_STATUS);

const contestsOfBots = (name: string, order: string) =>
  statement(
    name,
    `SELECT b.bot_id, p.id FROM unnest($5::uuid[]) AS b(bot_id) CROSS JOIN LATERAL (
       SELECT p.id FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
         SELECT m.contest_id AS id FROM contest_participant m
         WHERE m.bot_id = b.bot_id AND m.ladder = l.ladder AND m.contest_id < $2 AND m.contest_id > $3
           AND EXISTS (SELECT FROM contest c WHERE c.id = m.contest_id AND NOT c.hidden AND ($6::text IS NULL OR c.status = $6))
         ${order.replace("p.id", "m.contest_id")}
       ) p ${order}
     ) p ORDER BY b.bot_id, p.id DESC`,
    { bot_id: "uuid", id: "uuid" },
  );
/** Contests of many bots on ladders, newest first, of a status when $6 says one. */
export const botContestsForward = contestsOfBots("ladder.contests-of-bots", NEWEST);
export const botContestsBackward = contestsOfBots("ladder.contests-of-bots-backward", OLDEST);

export const botNamed = statement("ladder.bot-named", `SELECT id FROM bot WHERE lower(name) = lower($1)`, {
  id: "uuid",
});

/** Completed meetings of many bots with one, practice left out; no row for a bot that is the other or has no such other. */
export const meetings = statement(
  "ladder.meetings",
  `SELECT g.bot_id, COALESCE(m.low_wins + m.draws + m.high_wins, 0)::int4 AS contests,
          COALESCE(CASE WHEN g.bot_id < o.id THEN m.low_wins ELSE m.high_wins END, 0)::int4 AS wins, COALESCE(m.draws, 0)::int4 AS draws,
          COALESCE(CASE WHEN g.bot_id < o.id THEN m.high_wins ELSE m.low_wins END, 0)::int4 AS losses
   FROM unnest($1::uuid[]) AS g(bot_id) JOIN bot o ON o.id = $2 AND o.id <> g.bot_id
   LEFT JOIN meeting m ON m.low_id = LEAST(g.bot_id, o.id) AND m.high_id = GREATEST(g.bot_id, o.id)`,
  { bot_id: "uuid", contests: "int4", wins: "int4", draws: "int4", losses: "int4" },
);

/** The arena's totals: maintained counts, and what is open now by its own small indexes. */
export const arenaTotals = statement(
  "ladder.arena",
  `SELECT (SELECT COALESCE(sum(value), 0) FROM arena_count WHERE what = 'contests')::int4 AS contests,
          (SELECT COALESCE(sum(value), 0) FROM arena_count WHERE what = 'bots')::int4 AS bots,
          (SELECT count(*) FROM contest WHERE status = 'LIVE' AND NOT hidden)::int4 AS live_now,
          (SELECT count(*) FROM queue_entry WHERE status = 'WAITING')::int4 AS waiting`,
  { contests: "int4", bots: "int4", live_now: "int4", waiting: "int4" },
);
