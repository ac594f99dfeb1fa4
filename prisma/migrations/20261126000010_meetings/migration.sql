-- What came of the meetings of each two bots, practice left out, so that a record of two costs one row and not a history.
CREATE TABLE "meeting" (
    "low_id" UUID NOT NULL,
    "high_id" UUID NOT NULL,
    "low_wins" INTEGER NOT NULL,
    "draws" INTEGER NOT NULL,
    "high_wins" INTEGER NOT NULL,

    CONSTRAINT "meeting_pkey" PRIMARY KEY ("low_id", "high_id")
);

-- A contest's placements come, and go when it is voided, in one statement for all of its participants.
CREATE FUNCTION meeting_follow() RETURNS trigger LANGUAGE plpgsql AS $$
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
  JOIN contest c ON c.id = low.contest_id AND c.origin <> 'PRACTICE_QUEUE'
  GROUP BY low.bot_id, high.bot_id ORDER BY low.bot_id, high.bot_id
  ON CONFLICT (low_id, high_id) DO UPDATE SET low_wins = m.low_wins + excluded.low_wins, draws = m.draws + excluded.draws,
    high_wins = m.high_wins + excluded.high_wins;
  RETURN NULL;
END $$;
CREATE TRIGGER meeting_follow AFTER UPDATE ON "contest_participant" REFERENCING OLD TABLE AS before NEW TABLE AS now
  FOR EACH STATEMENT EXECUTE FUNCTION meeting_follow();

-- What was fought before.
INSERT INTO meeting (low_id, high_id, low_wins, draws, high_wins)
SELECT low.bot_id, high.bot_id, count(*) FILTER (WHERE low.placement < high.placement),
       count(*) FILTER (WHERE low.placement = high.placement), count(*) FILTER (WHERE low.placement > high.placement)
FROM contest_participant low JOIN contest_participant high ON high.contest_id = low.contest_id AND high.bot_id > low.bot_id
JOIN contest c ON c.id = low.contest_id AND c.origin <> 'PRACTICE_QUEUE'
WHERE low.placement IS NOT NULL AND high.placement IS NOT NULL GROUP BY low.bot_id, high.bot_id;
