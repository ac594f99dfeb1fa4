-- The best of those that are provisional still (src/ladder/rules/rating.ts); who is only inactive is not among them.
DROP INDEX "rating_newcomers";
CREATE INDEX "rating_newcomers" ON "rating" ("ladder", "elo" DESC, "bot_id")
  WHERE NOT "on_board" AND "rated_games" > 0 AND ("rated_games" < 10 OR "sigma" > 5);
