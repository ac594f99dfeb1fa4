-- Public tasks in a state that few are in, or that failed for a rare reason, are found without walking all others. Only public
-- tasks pay for it; a change of state wrote all of a task's indexes before, too.
CREATE INDEX "task_public_state" ON "task" ("state", "id" DESC) WHERE "visibility" = 'PUBLIC';
CREATE INDEX "task_public_failure" ON "task" ("failure", "id" DESC) WHERE "visibility" = 'PUBLIC' AND "failure" IS NOT NULL;
