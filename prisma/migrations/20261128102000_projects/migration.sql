-- Projects: what a team works on. Tasks, definitions and runs name one of their team; the foreign keys by both columns say so.

CREATE TABLE "project" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "project_name" ON "project" ("team_id", lower("name"));
CREATE UNIQUE INDEX "project_id_team_id_key" ON "project" ("id", "team_id");
CREATE INDEX "project_team_id_id_idx" ON "project" ("team_id", "id" DESC);
ALTER TABLE "project" ADD CONSTRAINT "project_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Names nobody but teams' work: most tasks have none, and their indexes hold those that have.
ALTER TABLE "task" ADD COLUMN "project_id" UUID,
    ADD CONSTRAINT "task_project" CHECK ("project_id" IS NULL OR "team_id" IS NOT NULL),
    ADD CONSTRAINT "task_project_id_team_id_fkey" FOREIGN KEY ("project_id", "team_id") REFERENCES "project"("id", "team_id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "task_of_project" ON "task" ("project_id", "id" DESC) WHERE "project_id" IS NOT NULL;

ALTER TABLE "workflow_definition" ADD COLUMN "project_id" UUID,
    ADD CONSTRAINT "workflow_definition_project" CHECK ("project_id" IS NULL OR "team_id" IS NOT NULL),
    ADD CONSTRAINT "workflow_definition_project_id_team_id_fkey" FOREIGN KEY ("project_id", "team_id") REFERENCES "project"("id", "team_id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "workflow" ADD COLUMN "project_id" UUID,
    ADD CONSTRAINT "workflow_project" CHECK ("project_id" IS NULL OR "team_id" IS NOT NULL),
    ADD CONSTRAINT "workflow_project_id_team_id_fkey" FOREIGN KEY ("project_id", "team_id") REFERENCES "project"("id", "team_id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "workflow_of_project" ON "workflow" ("project_id", "id" DESC) WHERE "project_id" IS NOT NULL;

-- What bots earned by a project's tasks: in all, and a row a bot and day.
ALTER TABLE "xp_event" ADD COLUMN "project_id" UUID;

CREATE TABLE "xp_project_bot" (
    "project_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "xp" INTEGER NOT NULL,
    "tries" INTEGER NOT NULL,
    "successes" INTEGER NOT NULL,

    CONSTRAINT "xp_project_bot_pkey" PRIMARY KEY ("project_id", "bot_id")
);
CREATE TABLE "xp_project_day" (
    "project_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "xp" INTEGER NOT NULL,

    CONSTRAINT "xp_project_day_pkey" PRIMARY KEY ("project_id", "day", "bot_id")
);
