-- When a task's progress was told last, so that signs of life, however many, tell of it once in a while.
ALTER TABLE "task" ADD COLUMN "progress_told_at" TIMESTAMPTZ(3);
-- In which public lanes tasks of a person are open: from lane to lane, however many tasks are in each.
CREATE INDEX "task_public_lane_of" ON "task" ("creator_id", "lane_id") WHERE "visibility" = 'PUBLIC' AND "ended_at" IS NULL;
