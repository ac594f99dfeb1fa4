import { statement } from "../../platform/statement.ts";

export const standing = statement(
  "ladder.standing",
  `SELECT (SELECT COALESCE(sum(bots), 0) FROM rating_histogram WHERE ladder = $1 AND elo > $2)::int4
        + (SELECT count(*) FROM rating WHERE ladder = $1 AND on_board AND elo = $2 AND bot_id < $3)::int4 + 1 AS rank`,
  { rank: "int4" },
);
