-- When a version stopped being the active one: a match that it began to play is played by it to the end.

ALTER TABLE "strategy" ADD COLUMN "deactivated_at" TIMESTAMPTZ(3);
