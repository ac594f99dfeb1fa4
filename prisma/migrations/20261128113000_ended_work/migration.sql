-- Whose open work is to be ended: a person whose account is gone, or a team that is dissolved. A sweep ends it in parts.
CREATE TABLE "ended_work" (
    "creator_id" UUID,
    "team_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ended_work_of_one" CHECK (("creator_id" IS NULL) <> ("team_id" IS NULL)),
    CONSTRAINT "ended_work_creator_id_key" UNIQUE ("creator_id"),
    CONSTRAINT "ended_work_team_id_key" UNIQUE ("team_id"),
    CONSTRAINT "ended_work_creator_id_fkey" FOREIGN KEY ("creator_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "ended_work_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "task_open_of_team" ON "task" ("team_id") WHERE "team_id" IS NOT NULL AND "ended_at" IS NULL;
CREATE INDEX "workflow_open_of_team" ON "workflow" ("team_id") WHERE "team_id" IS NOT NULL AND "ended_at" IS NULL;

-- Accounts that are gone left their work open.
INSERT INTO "ended_work" ("creator_id", "at") SELECT "id", "deleted_at" FROM "app_user" WHERE "deleted_at" IS NOT NULL;
