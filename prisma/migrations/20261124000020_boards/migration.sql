-- A bot is found by the beginning of its name, whatever the case; ranges of the C collation need no pattern.
CREATE INDEX "bot_name_prefix" ON "bot" ((lower("name") COLLATE "C"));
-- The best of those that are not on the board yet.
CREATE INDEX "rating_newcomers" ON "rating" ("ladder", "elo" DESC, "bot_id") WHERE NOT "on_board" AND "rated_games" > 0;

-- Pages of contests by status are read a ladder at a time, so that a rare ladder costs no scan of the others.
DROP INDEX "contest_status_id_idx";
CREATE INDEX "contest_status_ladder_id_idx" ON "contest" ("status", "ladder", "id" DESC);

-- The arena's totals, so that nobody counts ten million rows. A total is the sum of its shards: two transactions that make
-- contests at once rarely meet on one row. Only what is made or archived moves them; a contest's steps and its end do not.
CREATE TABLE "arena_count" (
    "what" TEXT NOT NULL,
    "shard" INTEGER NOT NULL,
    "value" INTEGER NOT NULL,
    CONSTRAINT "arena_count_pkey" PRIMARY KEY ("what", "shard")
) WITH (fillfactor = 50);
INSERT INTO "arena_count" SELECT 'contests', 0, count(*) FROM "contest";
INSERT INTO "arena_count" SELECT 'bots', 0, count(*) FROM "bot" WHERE "archived_at" IS NULL;

CREATE FUNCTION arena_count_by(counted text, change int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO arena_count AS c (what, shard, value) VALUES (counted, pg_backend_pid() % 16, change)
    ON CONFLICT (what, shard) DO UPDATE SET value = c.value + excluded.value
$$;
CREATE FUNCTION arena_count_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM arena_count_by(TG_ARGV[0], (SELECT count(*)::int FROM made));
  RETURN NULL;
END $$;
CREATE TRIGGER arena_count_contests AFTER INSERT ON "contest" REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION arena_count_follow('contests');
CREATE TRIGGER arena_count_bots AFTER INSERT ON "bot" REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION arena_count_follow('bots');

-- A bot that is archived is counted no more and leaves every board at once.
CREATE FUNCTION bot_archived_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM arena_count_by('bots', CASE WHEN NEW.archived_at IS NULL THEN 1 ELSE -1 END);
  UPDATE rating SET on_board = false WHERE bot_id = NEW.id AND on_board;
  RETURN NULL;
END $$;
CREATE TRIGGER bot_archived AFTER UPDATE OF "archived_at" ON "bot" FOR EACH ROW
  WHEN ((OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL)) EXECUTE FUNCTION bot_archived_follow();

-- What was archived before.
UPDATE "rating" r SET "on_board" = false FROM "bot" b WHERE b."id" = r."bot_id" AND b."archived_at" IS NOT NULL AND r."on_board";
