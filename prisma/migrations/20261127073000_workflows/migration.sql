-- How hard a task is, as its creator declares it: what is counted when it ends.

ALTER TABLE "task" ADD COLUMN "complexity" TEXT NOT NULL DEFAULT 'MEDIUM',
    ADD CONSTRAINT "task_complexity" CHECK ("complexity" IN ('SIMPLE', 'MEDIUM', 'COMPLEX', 'EXPERT'));

-- Workflows: a definition is a version that never changes; a run keeps what its steps need, and its tasks are the rest.

CREATE TABLE "workflow_definition" (
    "id" UUID NOT NULL,
    "creator_id" UUID NOT NULL,
    "team_id" UUID,
    "scope" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "body" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workflow_definition_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "workflow_definition_scope_name_version_key" ON "workflow_definition" ("scope", "name", "version");
CREATE INDEX "workflow_definition_creator_id_id_idx" ON "workflow_definition" ("creator_id", "id" DESC);
CREATE INDEX "workflow_definition_team_id_id_idx" ON "workflow_definition" ("team_id", "id" DESC);

CREATE TABLE "workflow" (
    "id" UUID NOT NULL,
    "definition_id" UUID NOT NULL,
    "creator_id" UUID NOT NULL,
    "team_id" UUID,
    "state" TEXT NOT NULL,
    "failure" TEXT,
    "input" JSONB NOT NULL,
    "wake_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "workflow_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "workflow_state" CHECK ("state" IN ('PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'CANCELLED', 'COMPENSATING', 'COMPENSATED')),
    CONSTRAINT "workflow_ended" CHECK (("ended_at" IS NOT NULL) = ("state" IN ('COMPLETED', 'FAILED', 'CANCELLED', 'COMPENSATED')))
);
CREATE INDEX "workflow_wake" ON "workflow" ("wake_at") WHERE "wake_at" IS NOT NULL;
CREATE INDEX "workflow_creator_id_id_idx" ON "workflow" ("creator_id", "id" DESC);
CREATE INDEX "workflow_team_id_id_idx" ON "workflow" ("team_id", "id" DESC);
CREATE INDEX "workflow_definition_id_id_idx" ON "workflow" ("definition_id", "id" DESC);
CREATE INDEX "workflow_open_by" ON "workflow" ("creator_id") WHERE "ended_at" IS NULL;

CREATE TABLE "workflow_step" (
    "workflow_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "failure" TEXT,
    "total" INTEGER NOT NULL,
    "made" INTEGER NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "undo_total" INTEGER NOT NULL,
    "undo_made" INTEGER NOT NULL,
    "undo_completed" INTEGER NOT NULL,
    "undo_failed" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "workflow_step_pkey" PRIMARY KEY ("workflow_id", "key"),
    CONSTRAINT "workflow_step_state" CHECK ("state" IN ('WAITING', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED', 'UNREACHED', 'CANCELLED', 'COMPENSATING', 'COMPENSATED')),
    CONSTRAINT "workflow_step_counts" CHECK ("completed" + "failed" <= "made" AND "made" <= "total" AND "undo_completed" + "undo_failed" <= "undo_made" AND "undo_made" <= "undo_total")
);
CREATE UNIQUE INDEX "workflow_step_workflow_id_position_key" ON "workflow_step" ("workflow_id", "position");

ALTER TABLE "workflow_definition" ADD CONSTRAINT "workflow_definition_creator_id_fkey" FOREIGN KEY ("creator_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "workflow_definition" ADD CONSTRAINT "workflow_definition_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "workflow" ADD CONSTRAINT "workflow_definition_id_fkey" FOREIGN KEY ("definition_id") REFERENCES "workflow_definition"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "workflow" ADD CONSTRAINT "workflow_creator_id_fkey" FOREIGN KEY ("creator_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "workflow" ADD CONSTRAINT "workflow_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "workflow_step" ADD CONSTRAINT "workflow_step_workflow_id_fkey" FOREIGN KEY ("workflow_id") REFERENCES "workflow"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A step's task. That it ended is the signal to its run; `absorbed` says that the run has taken it in.
ALTER TABLE "task" ADD COLUMN "workflow_id" UUID,
    ADD COLUMN "step_key" TEXT,
    ADD COLUMN "item_index" INTEGER,
    ADD COLUMN "undoes" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "absorbed" BOOLEAN NOT NULL DEFAULT false,
    ADD CONSTRAINT "task_of_step" CHECK (("workflow_id" IS NULL) = ("step_key" IS NULL) AND ("workflow_id" IS NULL) = ("item_index" IS NULL)),
    ADD CONSTRAINT "task_step_fkey" FOREIGN KEY ("workflow_id", "step_key") REFERENCES "workflow_step"("workflow_id", "key") ON DELETE RESTRICT ON UPDATE CASCADE;
-- An item of a step has one task, and one that undoes it: whatever runs twice, its effect is there once.
CREATE UNIQUE INDEX "task_of_step_key" ON "task" ("workflow_id", "step_key", "undoes", "item_index") WHERE "workflow_id" IS NOT NULL;
CREATE INDEX "task_unabsorbed" ON "task" ("workflow_id") WHERE "workflow_id" IS NOT NULL AND "ended_at" IS NOT NULL AND NOT "absorbed";
CREATE INDEX "task_open_of" ON "task" ("workflow_id") WHERE "workflow_id" IS NOT NULL AND "ended_at" IS NULL;
CREATE INDEX "task_approval_of" ON "task" ("creator_id", "id" DESC) WHERE "state" = 'AWAITING_APPROVAL';
CREATE INDEX "task_approval_of_team" ON "task" ("team_id", "id" DESC) WHERE "state" = 'AWAITING_APPROVAL';
