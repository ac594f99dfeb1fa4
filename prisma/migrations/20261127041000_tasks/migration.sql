-- Tasks for bots. Those that the same bots can take wait in one lane, so that the best of a hundred thousand is one look.

CREATE TABLE "task_lane" (
    "id" SERIAL NOT NULL,
    "scope" TEXT NOT NULL,
    "capabilities" TEXT[] NOT NULL,

    CONSTRAINT "task_lane_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "task_lane_scope_capabilities_key" ON "task_lane" ("scope", "capabilities");

CREATE TABLE "task" (
    "id" UUID NOT NULL,
    "lane_id" INTEGER NOT NULL,
    "creator_id" UUID NOT NULL,
    "team_id" UUID,
    "visibility" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "payload_schema" JSONB,
    "result_schema" JSONB,
    "capabilities" TEXT[] NOT NULL,
    "approval" BOOLEAN NOT NULL DEFAULT false,
    "priority" INTEGER NOT NULL,
    "assign" TEXT NOT NULL,
    "plan" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "ready" BOOLEAN NOT NULL,
    "attempt" INTEGER NOT NULL,
    "fence" INTEGER NOT NULL,
    "bot_id" UUID,
    "last_bot_id" UUID,
    "pushed" BOOLEAN NOT NULL,
    "ready_at" TIMESTAMPTZ(3),
    "start_by" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "close_by" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),
    "failure" TEXT,
    "error" JSONB,
    "result" JSONB,
    "progress_percent" INTEGER,
    "progress_note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "task_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "task_state" CHECK ("state" IN ('BLOCKED', 'PENDING', 'ASSIGNED', 'IN_PROGRESS', 'AWAITING_APPROVAL', 'COMPLETED', 'FAILED', 'CANCELLED')),
    CONSTRAINT "task_visibility" CHECK ("visibility" IN ('PRIVATE', 'TEAM', 'PUBLIC') AND ("visibility" <> 'TEAM' OR "team_id" IS NOT NULL)),
    CONSTRAINT "task_assign" CHECK ("assign" IN ('PULL', 'AUTO')),
    CONSTRAINT "task_priority" CHECK ("priority" BETWEEN 1 AND 5),
    -- At most one bot holds a task: it is one column, and it is set exactly as long as a lease runs.
    CONSTRAINT "task_held" CHECK (("state" IN ('ASSIGNED', 'IN_PROGRESS')) = ("lease_until" IS NOT NULL) AND ("lease_until" IS NULL OR "bot_id" IS NOT NULL)),
    CONSTRAINT "task_ready" CHECK (NOT "ready" OR "state" = 'PENDING'),
    CONSTRAINT "task_failure" CHECK (("failure" IS NOT NULL) = ("state" = 'FAILED')),
    CONSTRAINT "task_ended" CHECK (("ended_at" IS NOT NULL) = ("state" IN ('COMPLETED', 'FAILED', 'CANCELLED')))
);

CREATE INDEX "task_waiting" ON "task" ("lane_id", "priority" DESC, "id") WHERE "state" = 'PENDING' AND "ready";
CREATE INDEX "task_pushable" ON "task" ("id") WHERE "state" = 'PENDING' AND "ready" AND "assign" = 'AUTO';
CREATE INDEX "task_due" ON "task" ("deadline_at") WHERE "deadline_at" IS NOT NULL;
CREATE INDEX "task_held_by" ON "task" ("bot_id") WHERE "state" IN ('ASSIGNED', 'IN_PROGRESS');
CREATE INDEX "task_creator_id_id_idx" ON "task" ("creator_id", "id" DESC);
CREATE INDEX "task_team_id_id_idx" ON "task" ("team_id", "id" DESC);
CREATE INDEX "task_failed_of" ON "task" ("creator_id", "id" DESC) WHERE "state" = 'FAILED';
CREATE INDEX "task_public" ON "task" ("id" DESC) WHERE "visibility" = 'PUBLIC';
CREATE INDEX "task_open_by" ON "task" ("creator_id") WHERE "ended_at" IS NULL;

ALTER TABLE "task" ADD CONSTRAINT "task_lane_id_fkey" FOREIGN KEY ("lane_id") REFERENCES "task_lane"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "task" ADD CONSTRAINT "task_creator_id_fkey" FOREIGN KEY ("creator_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "task" ADD CONSTRAINT "task_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "task" ADD CONSTRAINT "task_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What a task waits for. New tasks wait for old ones only, so that nothing waits for itself.
CREATE TABLE "task_input" (
    "task_id" UUID NOT NULL,
    "input_id" UUID NOT NULL,

    CONSTRAINT "task_input_pkey" PRIMARY KEY ("task_id", "input_id")
);
CREATE INDEX "task_input_input_id_task_id_idx" ON "task_input" ("input_id", "task_id");
ALTER TABLE "task_input" ADD CONSTRAINT "task_input_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "task"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "task_input" ADD CONSTRAINT "task_input_input_id_fkey" FOREIGN KEY ("input_id") REFERENCES "task"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Whose tasks a bot may take: everybody's, its owner's, and those of the teams that it belongs to.
CREATE FUNCTION task_scopes(of_bot uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY['public', 'user:' || b.owner_id] || ARRAY(SELECT 'team:' || t.team_id FROM team_bot t WHERE t.bot_id = b.id)
  FROM bot b WHERE b.id = of_bot
$$;

-- The best task that a bot can take now, locked; none when there is none that nobody else is taking. Lanes are asked in
-- the order of their heads: first for their best priority, then for anything, so that whoever is passed over because
-- others lock the heads still gets what is left. `narrowed` leaves out what needs more than these capabilities.
CREATE FUNCTION lock_next_task(claimer uuid, narrowed text[]) RETURNS SETOF task LANGUAGE plpgsql AS $$
DECLARE lanes int[]; priorities int[]; best task%ROWTYPE; pass int; place int;
BEGIN
  SELECT array_agg(h.lane_id ORDER BY h.priority DESC, h.id), array_agg(h.priority ORDER BY h.priority DESC, h.id)
    INTO lanes, priorities
    FROM bot b JOIN task_lane l ON l.scope = ANY(task_scopes(claimer)) AND l.capabilities <@ b.capabilities
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
