-- What a gladiator's model has cost over all runs of an entry: a stage that begins anew does not open the cap again.
ALTER TABLE "code_entry" ADD COLUMN "tokens_spent" BIGINT NOT NULL DEFAULT 0;
