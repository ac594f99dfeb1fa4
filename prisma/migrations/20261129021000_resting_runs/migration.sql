-- A run that cannot go on rests, longer each time, instead of standing before all others.
ALTER TABLE "workflow" ADD COLUMN "faults" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX "workflow_faulty" ON "workflow" ("id") WHERE "faults" > 0;
