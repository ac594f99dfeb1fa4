import { statement } from "../../platform/statement.ts";

/** The places of many standings in one statement, in the order given. */
export const standings = statement(
  "ladder.standings",
  `SELECT ((SELECT COALESCE(sum(h.bots), 0) FROM rating_histogram h WHERE h.ladder = g.ladder AND h.elo > g.elo)
         + (SELECT count(*) FROM rating r WHERE r.ladder = g.ladder AND r.on_board AND r.elo = g.elo AND r.bot_id < g.bot_id) + 1)::int4 AS rank
   FROM unnest($1::text[], $2::int4[], $3::uuid[]) WITH ORDINALITY AS g(ladder, elo, bot_id, place) ORDER BY g.place`,
  { rank: "int4" },
);
