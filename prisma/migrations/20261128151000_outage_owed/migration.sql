-- An outage of all engines is owed to every running fight by one statement, and each fight is mended on its own.
ALTER TABLE "fight" ADD COLUMN "outage_ms" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX "fight_outage" ON "fight" ("id") WHERE "outage_ms" > 0;
