-- Work is laid on bots lane by lane: where no bot can take a lane's head, none can take what stands behind it.
CREATE INDEX "task_pushable_of_lane" ON "task" ("lane_id", "priority" DESC, "id") WHERE "state" = 'PENDING' AND "ready" AND "assign" = 'AUTO';
DROP INDEX "task_pushable";
