-- A code battle can become hidden after it has counted. Whether a contest counts in records is said apart from who sees it, so
-- that what has counted can be taken back.
ALTER TABLE "contest" ADD COLUMN "counted" BOOLEAN NOT NULL DEFAULT true;
UPDATE "contest" SET "counted" = false WHERE "hidden";

CREATE OR REPLACE FUNCTION meeting_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO meeting AS m (low_id, high_id, low_wins, draws, high_wins)
  WITH moved AS (
    SELECT n.contest_id, n.bot_id, COALESCE(n.placement, o.placement) AS placement, CASE WHEN o.placement IS NULL THEN 1 ELSE -1 END AS change
    FROM now n JOIN before o USING (contest_id, side)
    WHERE (n.placement IS NULL) <> (o.placement IS NULL)
  )
  SELECT low.bot_id, high.bot_id,
         COALESCE(sum(low.change) FILTER (WHERE low.placement < high.placement), 0),
         COALESCE(sum(low.change) FILTER (WHERE low.placement = high.placement), 0),
         COALESCE(sum(low.change) FILTER (WHERE low.placement > high.placement), 0)
  FROM moved low JOIN moved high ON high.contest_id = low.contest_id AND high.bot_id > low.bot_id
  JOIN contest c ON c.id = low.contest_id AND c.origin <> 'PRACTICE_QUEUE' AND c.counted
  GROUP BY low.bot_id, high.bot_id ORDER BY low.bot_id, high.bot_id
  ON CONFLICT (low_id, high_id) DO UPDATE SET low_wins = m.low_wins + excluded.low_wins, draws = m.draws + excluded.draws,
    high_wins = m.high_wins + excluded.high_wins;
  RETURN NULL;
END $$;

-- A battle is as visible as its repository; one that was made before its repository became private is hidden now.
UPDATE "code_battle" b SET "public" = false FROM "code_repository" r WHERE r."id" = b."repository_id" AND b."public" AND NOT r."public";
UPDATE "contest" c SET "hidden" = true FROM "code_battle" b WHERE b."id" = c."id" AND NOT b."public" AND NOT c."hidden";

CREATE INDEX "code_repository_github_number_idx" ON "code_repository" ("github_number");
CREATE INDEX "code_battle_repository_id_idx" ON "code_battle" ("repository_id");
