-- AlterTable
ALTER TABLE "quake_replay" ADD COLUMN     "pruned_at" TIMESTAMPTZ(3),
ALTER COLUMN "document" DROP NOT NULL;

-- What is gone says since when, and only that.
ALTER TABLE "quake_replay" ADD CONSTRAINT "quake_replay_pruned" CHECK (("document" IS NULL) = ("pruned_at" IS NOT NULL));

-- The oldest that is kept.
CREATE INDEX "quake_replay_kept" ON "quake_replay" ("stored_at") WHERE "pruned_at" IS NULL;
