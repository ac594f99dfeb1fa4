-- Whose open work is to be ended: a person whose account is gone, or a team that is dissolved. A sweep ends it in parts.
CREATE TABLE "ended_work" (
    "id" UUID NOT NULL,
    "of" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ended_work_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "ended_work_of" CHECK ("of" IN ('PERSON', 'TEAM'))
);
CREATE INDEX "task_open_of_team" ON "task" ("team_id") WHERE "team_id" IS NOT NULL AND "ended_at" IS NULL;
CREATE INDEX "workflow_open_of_team" ON "workflow" ("team_id") WHERE "team_id" IS NOT NULL AND "ended_at" IS NULL;

-- Accounts that are gone left their work open.
INSERT INTO "ended_work" ("id", "of", "at") SELECT "id", 'PERSON', "deleted_at" FROM "app_user" WHERE "deleted_at" IS NOT NULL;
