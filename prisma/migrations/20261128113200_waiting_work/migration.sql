-- Lanes stay as long as the tasks that were in them, but claims look at those alone in which something waits, or did a moment ago:
-- a sweep puts the others to sleep, and the first task that waits in one wakes it.
ALTER TABLE "task_lane" ADD COLUMN "asleep" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "task_lane_awake" ON "task_lane" ("scope") WHERE NOT "asleep";

-- The lane is held until the commit, so that the sweep passes over it, and is read anew behind a sweep that was waited for:
-- whichever comes first, no task waits in a lane that sleeps.
CREATE FUNCTION task_wakes_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM task_lane WHERE id = NEW.lane_id FOR KEY SHARE;
  UPDATE task_lane SET asleep = false WHERE id = NEW.lane_id AND asleep;
  RETURN NULL;
END $$;
CREATE TRIGGER "task_wakes_lane" AFTER INSERT ON "task" FOR EACH ROW
  WHEN (NEW.state = 'PENDING' AND NEW.ready) EXECUTE FUNCTION task_wakes_lane();
CREATE TRIGGER "task_wakes_lane_again" AFTER UPDATE OF "state", "ready" ON "task" FOR EACH ROW
  WHEN (NEW.state = 'PENDING' AND NEW.ready AND NOT OLD.ready) EXECUTE FUNCTION task_wakes_lane();

CREATE OR REPLACE FUNCTION lock_next_task(claimer uuid, narrowed text[]) RETURNS SETOF task LANGUAGE plpgsql AS $$
DECLARE lanes int[]; priorities int[]; best task%ROWTYPE; pass int; place int;
BEGIN
  SELECT array_agg(h.lane_id ORDER BY h.priority DESC, h.id), array_agg(h.priority ORDER BY h.priority DESC, h.id)
    INTO lanes, priorities
    FROM bot b JOIN task_lane l ON NOT l.asleep AND l.scope = ANY(task_scopes(claimer)) AND l.capabilities <@ b.capabilities
      AND (narrowed IS NULL OR l.capabilities <@ narrowed)
    CROSS JOIN LATERAL (
      SELECT t.lane_id, t.priority, t.id FROM task t
      WHERE t.lane_id = l.id AND t.state = 'PENDING' AND t.ready ORDER BY t.priority DESC, t.id LIMIT 1
    ) h
    WHERE b.id = claimer;
  FOR pass IN 1..2 LOOP
    FOR place IN 1..COALESCE(cardinality(lanes), 0) LOOP
      SELECT * INTO best FROM task t
        WHERE t.lane_id = lanes[place] AND t.state = 'PENDING' AND t.ready AND (pass = 2 OR t.priority >= priorities[place])
        ORDER BY t.priority DESC, t.id LIMIT 1 FOR UPDATE SKIP LOCKED;
      IF FOUND THEN
        RETURN NEXT best;
        RETURN;
      END IF;
    END LOOP;
  END LOOP;
END $$;

-- What waits for a task that was cancelled is ended by the next sweep.
UPDATE "task" t SET "deadline_at" = now() WHERE t.state = 'BLOCKED' AND EXISTS (
  SELECT FROM "task_input" d JOIN "task" i ON i.id = d.input_id WHERE d.task_id = t.id AND i.state = 'CANCELLED');

-- What the filters of lists of tasks look for, where it is rare.
CREATE INDEX "task_public_capabilities" ON "task" USING gin ("capabilities") WHERE "visibility" = 'PUBLIC';
CREATE INDEX "task_of_bot" ON "task" ("bot_id", "id" DESC) WHERE "bot_id" IS NOT NULL;
