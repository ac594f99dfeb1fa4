-- The number of the newest event of the fight's stream, on the very row of its state: whoever reads both in one statement
-- can subscribe behind it and miss nothing.
ALTER TABLE "fight" ADD COLUMN "last_seq" INTEGER NOT NULL DEFAULT 0;
UPDATE "fight" f SET "last_seq" = h."seq" FROM "stream_head" h WHERE h."stream" = 'fight:' || f."id"::text;
