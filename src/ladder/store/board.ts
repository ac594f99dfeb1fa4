import { statement } from "../../platform/statement.ts";

/** The places of many standings in one statement, in the order given. */
export const standings = statement(
  "ladder.standings",
  `SELECT ((SELECT COALESCE(sum(h.bots), 0) FROM rating_histogram h WHERE h.ladder = g.ladder AND h.elo > g.elo)
         + (SELECT count(*) FROM rating r WHERE r.ladder = g.ladder AND r.on_board AND r.elo = g.elo AND r.bot_id < g.bot_id) + 1)::int4 AS rank
   FROM unnest($1::text[], $2::int4[], $3::uuid[]) WITH ORDINALITY AS g(ladder, elo, bot_id, place) ORDER BY g.place`,
  { rank: "int4" },
);

const PLACE = { ladder: "text", bot_id: "uuid", elo: "int4" } as const;

// Rows between the keys ($2, $3) and ($4, $5), neither included. The first comparison of each pair bounds the index, the
// second one is for equals.
const BETWEEN = `r.ladder = l.ladder AND r.on_board
     AND r.elo <= $2 AND (r.elo < $2 OR r.bot_id > $3) AND r.elo >= $4 AND (r.elo > $4 OR r.bot_id < $5)`;
const FORWARD = "r.elo DESC, r.bot_id";
const BACKWARD = "r.elo, r.bot_id DESC";

const boardRows = (name: string, order: string) =>
  statement(
    name,
    `SELECT l.ladder, p.bot_id, p.elo FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
       SELECT r.bot_id, r.elo FROM rating r WHERE ${BETWEEN} ORDER BY ${order} LIMIT $6
     ) p ORDER BY l.ladder, p.elo DESC, p.bot_id`,
    PLACE,
  );
/** Pages of many boards, best first. */
export const boardForward = boardRows("ladder.board", FORWARD);
export const boardBackward = boardRows("ladder.board-backward", BACKWARD);

const NAMED_FEW = 1_000;
const namedLike = `lower(b.name) COLLATE "C" >= $7 AND lower(b.name) COLLATE "C" < $7 || '~'`;
/**
 * Pages of those whose name begins with $7, in lower case ('~' sorts behind all that a name has). Few are found by name and
 * sorted; a beginning that many have is met soon enough on the board's own index.
 */
const searchRows = (name: string, order: string) =>
  statement(
    name,
    `WITH named AS MATERIALIZED (SELECT b.id FROM bot b WHERE ${namedLike} LIMIT ${NAMED_FEW}),
       many AS MATERIALIZED (SELECT count(*) = ${NAMED_FEW} AS so FROM named)
     SELECT l.ladder, p.bot_id, p.elo FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
       (SELECT r.bot_id, r.elo FROM named n JOIN rating r ON r.bot_id = n.id
        WHERE NOT (SELECT so FROM many) AND ${BETWEEN} ORDER BY ${order} LIMIT $6)
       UNION ALL
       (SELECT r.bot_id, r.elo FROM rating r
        WHERE (SELECT so FROM many) AND ${BETWEEN} AND EXISTS (SELECT FROM bot b WHERE b.id = r.bot_id AND ${namedLike} OFFSET 0)
        ORDER BY ${order} LIMIT $6)
     ) p ORDER BY l.ladder, p.elo DESC, p.bot_id`,
    PLACE,
  );
export const searchForward = searchRows("ladder.search", FORWARD);
export const searchBackward = searchRows("ladder.search-backward", BACKWARD);

/** A bot's own place on many boards with up to $3 rows above and below. */
export const aroundBot = statement(
  "ladder.around",
  `WITH me AS (SELECT r.ladder, r.elo, r.bot_id FROM rating r WHERE r.ladder = ANY($1::text[]) AND r.bot_id = $2 AND r.on_board)
   SELECT m.ladder, n.bot_id, n.elo FROM me m CROSS JOIN LATERAL (
     (SELECT r.bot_id, r.elo FROM rating r WHERE r.ladder = m.ladder AND r.on_board
      AND r.elo >= m.elo AND (r.elo > m.elo OR r.bot_id < m.bot_id) ORDER BY ${BACKWARD} LIMIT $3)
     UNION ALL SELECT m.bot_id, m.elo
     UNION ALL (SELECT r.bot_id, r.elo FROM rating r WHERE r.ladder = m.ladder AND r.on_board
      AND r.elo <= m.elo AND (r.elo < m.elo OR r.bot_id > m.bot_id) ORDER BY ${FORWARD} LIMIT $3)
   ) n ORDER BY m.ladder, n.elo DESC, n.bot_id`,
  PLACE,
);
/** The best $2 that are provisional still, in the words of the index rating_newcomers. */
export const newcomersOf = statement(
  "ladder.newcomers",
  `SELECT l.ladder, p.bot_id, p.elo FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
     SELECT r.bot_id, r.elo FROM rating r
     WHERE r.ladder = l.ladder AND NOT r.on_board AND r.rated_games > 0 AND (r.rated_games < 10 OR r.sigma > 5)
       AND EXISTS (SELECT FROM bot b WHERE b.id = r.bot_id AND b.archived_at IS NULL OFFSET 0)
     ORDER BY ${FORWARD} LIMIT $2
   ) p ORDER BY l.ladder, p.elo DESC, p.bot_id`,
  PLACE,
);

const seasonRows = (name: string, order: string) =>
  statement(
    name,
    `SELECT l.ladder, p.bot_id, p.elo_gained, p.games FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
       SELECT s.bot_id, s.elo_gained, s.games FROM season_rating s
       JOIN rating r ON r.ladder = s.ladder AND r.bot_id = s.bot_id JOIN bot b ON b.id = s.bot_id
       WHERE s.ladder = l.ladder AND s.season = $2
         AND s.elo_gained <= $3 AND (s.elo_gained < $3 OR s.bot_id > $4) AND s.elo_gained >= $5 AND (s.elo_gained > $5 OR s.bot_id < $6)
         AND s.games > 0 AND r.rated_games >= $8 AND r.sigma <= $9 AND b.archived_at IS NULL AND b.house_policy IS NULL
       ORDER BY ${order} LIMIT $7
     ) p ORDER BY l.ladder, p.elo_gained DESC, p.bot_id`,
    { ladder: "text", bot_id: "uuid", elo_gained: "int4", games: "int4" },
  );
/** Pages of many boards of one season, who gained most first. $8 and $9 say who is provisional. */
export const seasonForward = seasonRows("ladder.season", "s.elo_gained DESC, s.bot_id");
export const seasonBackward = seasonRows("ladder.season-backward", "s.elo_gained, s.bot_id DESC");

/** The seasons in which ladders were played, newest first, at most $2 each: one index probe a season. */
export const seasonsPlayed = statement(
  "ladder.seasons",
  `WITH RECURSIVE played AS (
     SELECT l.ladder, (SELECT max(s.season) FROM season_rating s WHERE s.ladder = l.ladder) AS season, 1 AS number
     FROM unnest($1::text[]) AS l(ladder)
     UNION ALL
     SELECT p.ladder, (SELECT max(s.season) FROM season_rating s WHERE s.ladder = p.ladder AND s.season < p.season), p.number + 1
     FROM played p WHERE p.season IS NOT NULL AND p.number < $2
   )
   SELECT ladder, season FROM played WHERE season IS NOT NULL ORDER BY ladder, season DESC`,
  { ladder: "text", season: "text" },
);

/** The newest $3 movements of many ratings, newest first. */
export const recentElo = statement(
  "ladder.recent-elo",
  `SELECT g.place::int4 AS place, h.elo_after FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS g(ladder, bot_id, place)
   CROSS JOIN LATERAL (
     SELECT elo_after, at, contest_id FROM rating_history WHERE bot_id = g.bot_id AND ladder = g.ladder ORDER BY at DESC LIMIT $3
   ) h ORDER BY g.place, h.at DESC, h.contest_id DESC`,
  { place: "int4", elo_after: "int4" },
);

/** At most $2 that leave the board: silent since $1, or archived. Locked ones are met by the next call. */
export const retire = statement(
  "ladder.retire",
  `WITH gone AS (
     SELECT r.ladder, r.bot_id FROM rating r JOIN bot b ON b.id = r.bot_id
     WHERE r.on_board AND (r.last_rated_at < $1 OR b.archived_at IS NOT NULL)
     ORDER BY r.bot_id LIMIT $2 FOR NO KEY UPDATE OF r SKIP LOCKED
   )
   UPDATE rating r SET on_board = false FROM gone g WHERE r.ladder = g.ladder AND r.bot_id = g.bot_id RETURNING r.ladder`,
  { ladder: "text" },
);
