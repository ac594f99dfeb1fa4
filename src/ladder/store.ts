import { statement } from "../platform/statement.ts";

export const joinWaiting = statement(
  "ladder.join",
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, sealed, joined_at) VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (bot_id, ladder) WHERE status IN ('WAITING', 'MATCHED') DO NOTHING RETURNING id`,
  { id: "uuid" },
);
export const candidate = statement(
  "ladder.candidate",
  `SELECT (SELECT last_seen_at FROM bot_presence WHERE bot_id = $1) AS last_seen_at,
          EXISTS (SELECT FROM live_participation WHERE bot_id = $1 AND ladder = $2) AS in_contest`,
  { last_seen_at: "timestamptz?", in_contest: "bool" },
);
export const leaveWaiting = statement(
  "ladder.leave",
  `UPDATE queue_entry SET status = 'LEFT', ended_at = $3 WHERE bot_id = $1 AND ladder = $2 AND status = 'WAITING' RETURNING id`,
  { id: "uuid" },
);
export const expireWaiting = statement(
  "ladder.expire",
  `UPDATE queue_entry q SET status = 'EXPIRED', ended_at = $2 WHERE q.ladder = $1 AND q.status = 'WAITING' AND q.joined_at < $3
     AND NOT EXISTS (SELECT FROM bot_presence p WHERE p.bot_id = q.bot_id AND p.last_seen_at >= $3)
   RETURNING q.id, q.bot_id`,
  { id: "uuid", bot_id: "uuid" },
);
export const waitingEntries = statement(
  "ladder.waiting",
  `SELECT q.id, q.bot_id, b.owner_id, q.mode, q.sealed, q.joined_at, COALESCE(r.elo, 1000) AS elo, last.bot_id AS last_opponent_id
   FROM queue_entry q JOIN bot b ON b.id = q.bot_id
   LEFT JOIN rating r ON r.ladder = q.ladder AND r.bot_id = q.bot_id
   LEFT JOIN LATERAL (
     SELECT other.bot_id FROM contest_participant mine
     JOIN contest_participant other ON other.contest_id = mine.contest_id AND other.bot_id <> mine.bot_id
     WHERE mine.bot_id = q.bot_id AND mine.ladder = q.ladder ORDER BY mine.contest_id DESC LIMIT 1
   ) last ON true
   WHERE q.ladder = $1 AND q.status = 'WAITING'
     AND NOT EXISTS (SELECT FROM live_participation l WHERE l.ladder = q.ladder AND l.bot_id = q.bot_id)
   ORDER BY q.joined_at, q.id LIMIT 10000`,
  {
    id: "uuid",
    bot_id: "uuid",
    owner_id: "uuid",
    mode: "text",
    sealed: "bool",
    joined_at: "timestamptz",
    elo: "int4",
    last_opponent_id: "uuid?",
  },
);
export const houseBots = statement(
  "ladder.house",
  `SELECT id FROM bot WHERE house_policy IS NOT NULL AND archived_at IS NULL ORDER BY name`,
  { id: "uuid" },
);
export const ratedToday = statement(
  "ladder.rated-today",
  `SELECT pair.a, pair.b, count(c.id)::int4 AS contests
   FROM unnest($1::uuid[], $2::uuid[]) AS pair(a, b)
   LEFT JOIN contest_participant pa ON pa.bot_id = pair.a AND pa.ladder = $3
   LEFT JOIN contest_participant pb ON pb.contest_id = pa.contest_id AND pb.bot_id = pair.b
   LEFT JOIN contest c ON c.id = pb.contest_id AND c.rated AND c.status <> 'VOIDED' AND c.created_at > $4
   GROUP BY pair.a, pair.b`,
  { a: "uuid", b: "uuid", contests: "int4" },
);
export const claimWaiting = statement(
  "ladder.claim",
  `SELECT q.id FROM queue_entry q
   WHERE q.id = ANY($1::uuid[]) AND q.status = 'WAITING'
     AND EXISTS (SELECT FROM lease WHERE name = $2 AND holder = $3 AND fence = $4::bigint FOR SHARE)
   ORDER BY q.id FOR UPDATE SKIP LOCKED`,
  { id: "uuid" },
);
export const writeContests = statement(
  "ladder.write-contests",
  `WITH given AS (
     SELECT * FROM json_to_recordset($1::json) AS g(id uuid, ladder text, origin text, rated boolean, seed text, seed_hash text, bots json, entries json)
   ), made AS (
     INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at)
     SELECT id, ladder, 'LIVE', origin, rated, decode(seed_hash, 'hex'), decode(seed, 'hex'), $2, $2 FROM given
   ), sides AS (
     INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character, rating_before)
     SELECT g.id, p.side, p.bot_id, g.ladder, p.character, COALESCE(r.elo, 1000)
     FROM given g, json_to_recordset(g.bots) AS p(side int, bot_id uuid, character text)
     LEFT JOIN rating r ON r.bot_id = p.bot_id AND r.ladder = (SELECT ladder FROM given LIMIT 1)
   ), live AS (
     INSERT INTO live_participation (ladder, bot_id, contest_id)
     SELECT g.ladder, p.bot_id, g.id FROM given g, json_to_recordset(g.bots) AS p(bot_id uuid)
     JOIN bot b ON b.id = p.bot_id AND b.house_policy IS NULL ORDER BY p.bot_id
   )
   UPDATE queue_entry q SET status = 'PLAYING', contest_id = g.id
   FROM given g, json_array_elements_text(g.entries) AS e(id) WHERE q.id = e.id::uuid`,
  {},
);
export const ensureRatings = statement(
  "ladder.ensure-ratings",
  `INSERT INTO rating (ladder, bot_id) SELECT $1, id FROM unnest($2::uuid[]) AS b(id) ORDER BY id ON CONFLICT DO NOTHING`,
  {},
);
export const lockRatings = statement(
  "ladder.lock-ratings",
  `SELECT bot_id, elo, mu, sigma, games, wins, draws, losses, rated_games, peak, streak FROM rating WHERE ladder = $1 AND bot_id = ANY($2::uuid[]) ORDER BY bot_id FOR UPDATE`,
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
  },
);
const RESULTS = `json_to_recordset($2::json) AS g(bot_id uuid, placement int, elo int, mu float8, sigma float8, games int, wins int, draws int, losses int,
  rated_games int, peak int, streak int, on_board boolean, elo_before int, mu_before float8, sigma_before float8)`;
export const closeContest = statement(
  "ladder.close-contest",
  `WITH closed AS (
     UPDATE contest SET status = $3, ended_at = $4 WHERE id = $1 AND status IN ('ANNOUNCED', 'LIVE') RETURNING id, ladder
   ), freed AS (
     DELETE FROM live_participation WHERE contest_id = $1
   ), done AS (
     UPDATE queue_entry SET status = 'DONE', ended_at = $4 WHERE contest_id = $1 AND status IN ('MATCHED', 'PLAYING')
   ), placed AS (
     UPDATE contest_participant p SET placement = g.placement, rating_after = CASE WHEN $5 THEN g.elo END
     FROM ${RESULTS}, closed WHERE p.contest_id = closed.id AND p.bot_id = g.bot_id
   ), rated AS (
     UPDATE rating r SET elo = g.elo, mu = g.mu, sigma = g.sigma, games = g.games, wins = g.wins, draws = g.draws, losses = g.losses,
       rated_games = g.rated_games, peak = g.peak, streak = g.streak, on_board = g.on_board,
       last_rated_at = CASE WHEN $5 THEN $4 ELSE r.last_rated_at END
     FROM ${RESULTS}, closed WHERE r.ladder = closed.ladder AND r.bot_id = g.bot_id AND $6
   ), season AS (
     INSERT INTO season_rating AS s (ladder, season, bot_id, elo_gained, games)
     SELECT closed.ladder, to_char($4 AT TIME ZONE 'UTC', 'YYYY-MM'), g.bot_id, g.elo - g.elo_before, 1 FROM ${RESULTS}, closed WHERE $5
     ORDER BY g.bot_id
     ON CONFLICT (ladder, season, bot_id) DO UPDATE SET elo_gained = s.elo_gained + excluded.elo_gained, games = s.games + 1
   ), history AS (
     INSERT INTO rating_history (contest_id, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at)
     SELECT $1, g.bot_id, 'RATED', closed.ladder, g.elo_before, g.elo, g.mu_before, g.mu, g.sigma_before, g.sigma, $4 FROM ${RESULTS}, closed WHERE $5
   )
   SELECT id FROM closed`,
  { id: "uuid" },
);
export const standing = statement(
  "ladder.standing",
  `SELECT (SELECT COALESCE(sum(bots), 0) FROM rating_histogram WHERE ladder = $1 AND elo > $2)::int4
        + (SELECT count(*) FROM rating WHERE ladder = $1 AND on_board AND elo = $2 AND bot_id < $3)::int4 + 1 AS rank`,
  { rank: "int4" },
);
