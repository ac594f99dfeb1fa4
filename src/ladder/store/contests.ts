import { statement } from "../../platform/statement.ts";
import { MAY_PLAY } from "./queue.ts";

/** Participants whose bot has entered another contest of the ladder meanwhile break live_participation's primary key. */
export const writeContests = statement(
  "ladder.write-contests",
  `WITH given AS (
     SELECT * FROM json_to_recordset($1::json) AS g(id uuid, status text, ladder text, origin text, rated boolean, seed text, seed_hash text, bots json, entries json)
   ), seats AS (
     SELECT g.id AS contest_id, g.ladder, p.side, p.bot_id, p.character
     FROM given g, json_to_recordset(g.bots) AS p(side int, bot_id uuid, character text)
   ), made AS (
     INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at)
     SELECT id, ladder, status, origin, rated, decode(seed_hash, 'hex'), decode(seed, 'hex'), $2::timestamptz, CASE WHEN status = 'LIVE' THEN $2::timestamptz END FROM given
   ), sides AS (
     INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character, rating_before)
     SELECT s.contest_id, s.side, s.bot_id, s.ladder, s.character, CASE WHEN b.house_policy IS NULL THEN COALESCE(r.elo, 1000) END
     FROM seats s JOIN bot b ON b.id = s.bot_id LEFT JOIN rating r ON r.bot_id = s.bot_id AND r.ladder = s.ladder
   ), live AS (
     INSERT INTO live_participation (ladder, bot_id, contest_id)
     SELECT s.ladder, s.bot_id, s.contest_id FROM seats s JOIN bot b ON b.id = s.bot_id
     WHERE b.house_policy IS NULL ORDER BY s.ladder, s.bot_id
   )
   UPDATE queue_entry q SET status = CASE WHEN g.status = 'LIVE' THEN 'PLAYING' ELSE 'MATCHED' END, contest_id = g.id
   FROM given g, json_array_elements_text(g.entries) AS e(id) WHERE q.id = e.id::uuid AND q.status IN ('WAITING', 'MATCHED')`,
  {},
);
export const announceRow = statement(
  "ladder.announce",
  `INSERT INTO contest (id, ladder, status, origin, rated, hidden, counted, seed_hash, seed, created_at) VALUES ($1, $2, 'ANNOUNCED', $3, false, $4, NOT $4, $5, $6, $7)`,
  {},
);
/** Everybody's side is the place in the list. */
export const seatRows = statement(
  "ladder.seat",
  `WITH live AS (
     UPDATE contest SET rated = $3 WHERE id = $1 AND status = 'ANNOUNCED' RETURNING id, ladder
   ), seats AS (
     SELECT live.id, live.ladder, b.id AS bot_id, b.house_policy, g.side::int - 1 AS side
     FROM live, unnest($2::uuid[]) WITH ORDINALITY AS g(bot_id, side) JOIN bot b ON b.id = g.bot_id
   ), sides AS (
     INSERT INTO contest_participant (contest_id, side, bot_id, ladder, rating_before)
     SELECT s.id, s.side, s.bot_id, s.ladder, CASE WHEN s.house_policy IS NULL THEN COALESCE(r.elo, 1000) END
     FROM seats s LEFT JOIN rating r ON r.bot_id = s.bot_id AND r.ladder = s.ladder
   )
   INSERT INTO live_participation (ladder, bot_id, contest_id)
   SELECT ladder, bot_id, id FROM seats WHERE house_policy IS NULL ORDER BY bot_id`,
  {},
);
/** What is hidden as well is in no record either. */
export const unrateRow = statement(
  "ladder.unrate",
  `UPDATE contest SET rated = false, counted = counted AND NOT hidden WHERE id = $1 AND status = 'ANNOUNCED'`,
  {},
);
export const beginContest = statement(
  "ladder.begin-contest",
  `WITH begun AS (
     UPDATE contest SET status = 'LIVE', started_at = $2 WHERE id = $1 AND status = 'ANNOUNCED' RETURNING id
   )
   UPDATE queue_entry q SET status = 'PLAYING' FROM begun WHERE q.contest_id = begun.id AND q.status = 'MATCHED'`,
  {},
);
/** A bot cannot wait elsewhere on the ladder meanwhile: it is in a contest until the transaction's commit. */
export const waitAgain = statement(
  "ladder.wait-again",
  `UPDATE queue_entry q SET status = 'WAITING', contest_id = NULL FROM bot b JOIN app_user u ON u.id = b.owner_id
   WHERE q.contest_id = $1 AND q.bot_id = ANY($2::uuid[]) AND q.status IN ('MATCHED', 'PLAYING')
     AND b.id = q.bot_id AND ${MAY_PLAY} RETURNING q.ladder`,
  { ladder: "text" },
);
/** House bots have no standing: nothing that they do is rated. */
export const ensureRatings = statement(
  "ladder.ensure-ratings",
  `INSERT INTO rating (ladder, bot_id)
   SELECT $1, id FROM bot WHERE id = ANY($2::uuid[]) AND house_policy IS NULL ORDER BY id ON CONFLICT DO NOTHING`,
  {},
);
export const lockRatings = statement(
  "ladder.lock-ratings",
  `SELECT bot_id, elo, mu, sigma, games, wins, draws, losses, rated_games, peak, streak, on_board
   FROM rating WHERE ladder = $1 AND bot_id = ANY($2::uuid[]) ORDER BY bot_id FOR NO KEY UPDATE`,
  {
    bot_id: "uuid",
    elo: "int4",
    mu: "float8",
    sigma: "float8",
    games: "int4",
    wins: "int4",
    draws: "int4",
    losses: "int4",
    rated_games: "int4",
    peak: "int4",
    streak: "int4",
    on_board: "bool",
  },
);
const STANDINGS = `json_to_recordset($2::json) AS g(bot_id uuid, placement int, elo int, mu float8, sigma float8, games int, wins int, draws int, losses int,
  rated_games int, peak int, streak int, on_board boolean, elo_before int, mu_before float8, sigma_before float8)`;
const SET_RATING = `elo = g.elo, mu = g.mu, sigma = g.sigma, games = g.games, wins = g.wins, draws = g.draws, losses = g.losses,
  rated_games = g.rated_games, peak = g.peak, streak = g.streak,
  on_board = g.on_board AND NOT EXISTS (SELECT FROM bot b WHERE b.id = r.bot_id AND b.archived_at IS NOT NULL)`;

/** $2 has a row for each placement; `elo` is null for a bot whose standing does not move. $5: rated. */
export const closeContest = statement(
  "ladder.close-contest",
  `WITH given AS (SELECT * FROM ${STANDINGS}), closed AS (
     UPDATE contest SET status = $3, ended_at = $4, void_reason = $6
     WHERE id = $1 AND status IN ('ANNOUNCED', 'LIVE') RETURNING id, ladder
   ), freed AS (
     DELETE FROM live_participation l USING closed WHERE l.contest_id = closed.id
   ), done AS (
     UPDATE queue_entry q SET status = 'DONE', ended_at = $4 FROM closed
     WHERE q.contest_id = closed.id AND q.status IN ('MATCHED', 'PLAYING')
   ), placed AS (
     UPDATE contest_participant p SET placement = g.placement, rating_after = CASE WHEN $5 THEN g.elo END,
       rating_before = CASE WHEN $5 THEN g.elo_before ELSE p.rating_before END
     FROM given g, closed WHERE p.contest_id = closed.id AND p.bot_id = g.bot_id
   ), moved AS (
     UPDATE rating r SET ${SET_RATING}, last_rated_at = CASE WHEN $5 THEN $4 ELSE r.last_rated_at END
     FROM given g, closed WHERE r.ladder = closed.ladder AND r.bot_id = g.bot_id AND g.elo IS NOT NULL
   ), season AS (
     INSERT INTO season_rating AS s (ladder, season, bot_id, elo_gained, games)
     SELECT closed.ladder, to_char($4 AT TIME ZONE 'UTC', 'YYYY-MM'), g.bot_id, g.elo - g.elo_before, 1
     FROM given g, closed WHERE $5 ORDER BY g.bot_id
     ON CONFLICT (ladder, season, bot_id) DO UPDATE SET elo_gained = s.elo_gained + excluded.elo_gained, games = s.games + 1
   ), history AS (
     INSERT INTO rating_history (contest_id, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at)
     SELECT closed.id, g.bot_id, 'RATED', closed.ladder, g.elo_before, g.elo, g.mu_before, g.mu, g.sigma_before, g.sigma, $4
     FROM given g, closed WHERE $5
   )
   SELECT id FROM closed`,
  { id: "uuid" },
);

/**
 * What a completed contest did to each of its rated or recorded bots, with what a reversal needs: the highest Elo that the
 * bot had without it, and its last hundred other results, newest first.
 */
export const completedContest = statement(
  "ladder.completed-contest",
  `SELECT c.ladder, c.origin, c.counted, p.bot_id, p.placement, h.elo_after - h.elo_before AS gained, h.mu_after - h.mu_before AS mu_gained,
          h.sigma_before / h.sigma_after AS sigma_ratio, h.at AS rated_at,
          (SELECT count(*) FROM contest_participant f WHERE f.contest_id = c.id AND f.placement = 1)::int4 AS firsts,
          COALESCE((SELECT max(o.elo_after) FROM rating_history o JOIN contest oc ON oc.id = o.contest_id
            WHERE o.bot_id = p.bot_id AND o.ladder = c.ladder AND o.contest_id <> c.id AND o.kind = 'RATED' AND oc.status = 'COMPLETED'), 1000)::int4 AS peak_without,
          ARRAY(SELECT CASE WHEN m.placement > 1 THEN -1 WHEN (SELECT count(*) FROM contest_participant f WHERE f.contest_id = m.contest_id AND f.placement = 1) > 1 THEN 0 ELSE 1 END
            FROM contest_participant m JOIN contest mc ON mc.id = m.contest_id
            WHERE m.bot_id = p.bot_id AND m.ladder = c.ladder AND m.contest_id <> c.id AND mc.status = 'COMPLETED' AND mc.origin <> 'PRACTICE_QUEUE' AND mc.counted
            ORDER BY m.contest_id DESC LIMIT 100)::int4[] AS results_without
   FROM contest c JOIN contest_participant p ON p.contest_id = c.id
   LEFT JOIN rating_history h ON h.contest_id = c.id AND h.bot_id = p.bot_id AND h.kind = 'RATED'
   WHERE c.id = $1 AND c.status = 'COMPLETED' ORDER BY p.bot_id`,
  {
    ladder: "text",
    origin: "text",
    counted: "bool",
    bot_id: "uuid",
    placement: "int4?",
    gained: "int4?",
    mu_gained: "float8?",
    sigma_ratio: "float8?",
    rated_at: "timestamptz?",
    firsts: "int4",
    peak_without: "int4",
    results_without: "_int4",
  },
);
/** Takes a completed contest back: status, standings, season, and one compensating history row a bot. $5: rated. */
export const reverseContest = statement(
  "ladder.reverse-contest",
  `WITH given AS (SELECT * FROM ${STANDINGS}), voided AS (
     UPDATE contest SET status = 'VOIDED', void_reason = $4 WHERE id = $1 AND status = 'COMPLETED' RETURNING id, ladder
   ), cleared AS (
     UPDATE contest_participant p SET placement = NULL, rating_after = NULL FROM voided WHERE p.contest_id = voided.id
   ), moved AS (
     UPDATE rating r SET ${SET_RATING} FROM given g, voided WHERE r.ladder = voided.ladder AND r.bot_id = g.bot_id
   ), season AS (
     UPDATE season_rating s SET elo_gained = s.elo_gained + g.elo - g.elo_before, games = s.games - 1 FROM given g, voided
     WHERE $5 AND s.ladder = voided.ladder AND s.season = to_char($6::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM') AND s.bot_id = g.bot_id
   ), history AS (
     INSERT INTO rating_history (contest_id, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at)
     SELECT voided.id, g.bot_id, 'REVERSAL', voided.ladder, g.elo_before, g.elo, g.mu_before, g.mu, g.sigma_before, g.sigma, $3
     FROM given g, voided WHERE $5
   )
   SELECT id FROM voided`,
  { id: "uuid" },
);
