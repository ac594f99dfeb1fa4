UPDATE "bot" SET "capabilities" = '{}' WHERE "capabilities" IS NULL;
ALTER TABLE "bot" ALTER COLUMN "capabilities" SET DEFAULT '{}';
ALTER TABLE "bot" ALTER COLUMN "capabilities" SET NOT NULL;

CREATE INDEX "bot_capabilities" ON "bot" USING GIN ("capabilities");
-- Names are ASCII: byte order serves both a list by name and the search for a beginning.
CREATE INDEX "bot_by_name" ON "bot" ((lower("name") COLLATE "C"), "id") WHERE "archived_at" IS NULL;
CREATE INDEX "rating_elo" ON "rating"("ladder", "elo" DESC, "bot_id");
