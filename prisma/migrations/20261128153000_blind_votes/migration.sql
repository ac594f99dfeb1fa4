-- Votes are taken when all is judged, for so long, and before anybody is placed: until then it is not said whose change is whose.
ALTER TABLE "code_battle" ADD COLUMN "votes_ms" INTEGER NOT NULL DEFAULT 600000, ADD COLUMN "votes_until" TIMESTAMPTZ(3);
ALTER TABLE "code_battle" ADD CONSTRAINT "code_battle_votes_until" CHECK ("votes_until" IS NULL OR "votes");

-- What is told of an entry when the votes have been taken.
ALTER TABLE "code_artifact" DROP CONSTRAINT "code_artifact_kind";
ALTER TABLE "code_artifact" ADD CONSTRAINT "code_artifact_kind" CHECK ("kind" IN ('STREAM', 'DIFF', 'BUNDLE', 'LOG', 'UNTOLD'));
