-- A model key belongs to one kind of agent: it never goes to another's vendor. Of what is not an agent any more none is kept.
ALTER TABLE "code_gladiator" ADD COLUMN "key_kind" TEXT;
UPDATE "code_gladiator" SET "key" = NULL WHERE "program"->>'kind' NOT IN ('CLAUDE', 'CODEX', 'GEMINI', 'OPENCODE');
UPDATE "code_gladiator" SET "key_kind" = "program"->>'kind' WHERE "key" IS NOT NULL;
ALTER TABLE "code_gladiator" ADD CONSTRAINT "code_gladiator_key" CHECK (("key" IS NULL) = ("key_kind" IS NULL));

-- What was drawn fights with the key and the cap that it had then, until the battle is over.
ALTER TABLE "code_entry" ADD COLUMN "key" BYTEA, ADD COLUMN "token_cap" INTEGER;
UPDATE "code_entry" e SET "key" = g."key", "token_cap" = g."token_cap" FROM "code_gladiator" g, "code_battle" b
WHERE g."bot_id" = e."bot_id" AND b."id" = e."battle_id" AND e."status" = 'DRAWN' AND g."key_kind" = e."program"->>'kind'
  AND b."phase" IN ('SETUP', 'RUNNING', 'COLLECTING', 'JUDGING');

-- A vote for nothing: who wants to see whose change is whose, and does not vote.
ALTER TABLE "code_vote" ALTER COLUMN "entry_id" DROP NOT NULL;

-- GitHub signs the body alone: the same body is the same delivery, whatever number it is sent with.
ALTER TABLE "github_delivery" ADD COLUMN "body_hash" BYTEA;
CREATE UNIQUE INDEX "github_delivery_body_hash_key" ON "github_delivery" ("body_hash");
