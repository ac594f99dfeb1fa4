-- Code battles. A battle's id is its contest's id; what it takes and gives hangs on it.

-- A contest that only those who take part in it may see: in no list, no record and no count.
ALTER TABLE "contest" ADD COLUMN "hidden" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "code_repository" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "public" BOOLEAN NOT NULL,
    "token" BYTEA,
    "facts" JSONB NOT NULL,
    "found" JSONB NOT NULL,
    "setup" TEXT[] NOT NULL,
    "test" TEXT,
    "reviewed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "code_repository_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "code_repository_of_owner" ON "code_repository" ("owner_id", "url") WHERE "removed_at" IS NULL;
ALTER TABLE "code_repository" ADD CONSTRAINT "code_repository_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What a bot is as a gladiator.
CREATE TABLE "code_gladiator" (
    "bot_id" UUID NOT NULL,
    "program" JSONB NOT NULL,
    "key" BYTEA,
    "token_cap" INTEGER,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "code_gladiator_pkey" PRIMARY KEY ("bot_id")
);
ALTER TABLE "code_gladiator" ADD CONSTRAINT "code_gladiator_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "code_battle" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "public" BOOLEAN NOT NULL,
    "open" BOOLEAN NOT NULL,
    "prompt" TEXT NOT NULL,
    "revision" TEXT,
    "source" TEXT NOT NULL,
    "setup" TEXT[] NOT NULL,
    "test" TEXT NOT NULL,
    "checks" JSONB NOT NULL,
    "gladiators_max" INTEGER NOT NULL,
    "time_limit_ms" INTEGER NOT NULL,
    "votes" BOOLEAN NOT NULL,
    "phase" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "fence" BIGINT,
    "failure" TEXT,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "tests" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "code_battle_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "code_battle_phase" CHECK ("phase" IN ('DRAFT', 'SETUP', 'RUNNING', 'COLLECTING', 'JUDGING', 'COMPLETED', 'FAILED', 'CANCELLED')),
    CONSTRAINT "code_battle_failure" CHECK (("failure" IS NOT NULL) = ("phase" = 'FAILED')),
    CONSTRAINT "code_battle_size" CHECK ("gladiators_max" BETWEEN 2 AND 8)
);
CREATE INDEX "code_battle_running" ON "code_battle" ("id") WHERE "phase" IN ('SETUP', 'RUNNING', 'COLLECTING', 'JUDGING');
CREATE INDEX "code_battle_owner_id_id_idx" ON "code_battle" ("owner_id", "id" DESC);
CREATE INDEX "code_battle_public" ON "code_battle" ("id" DESC) WHERE "public";
ALTER TABLE "code_battle" ADD CONSTRAINT "code_battle_id_fkey" FOREIGN KEY ("id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "code_battle" ADD CONSTRAINT "code_battle_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "code_battle" ADD CONSTRAINT "code_battle_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "code_repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "code_entry" (
    "id" UUID NOT NULL,
    "battle_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "seat" INTEGER,
    "program" JSONB,
    "outcome" TEXT,
    "exit_code" INTEGER,
    "time_ms" INTEGER,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "untold" INTEGER NOT NULL DEFAULT 0,
    "commit" TEXT,
    "files_changed" INTEGER,
    "lines_added" INTEGER,
    "lines_removed" INTEGER,
    "score" JSONB,
    "placement" INTEGER,
    "branch" TEXT,
    "push" TEXT,
    "push_refusal" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "code_entry_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "code_entry_status" CHECK ("status" IN ('INVITED', 'ENTERED', 'DECLINED', 'DRAWN', 'NOT_DRAWN')),
    CONSTRAINT "code_entry_seat" CHECK (("seat" IS NOT NULL) = ("status" = 'DRAWN')),
    CONSTRAINT "code_entry_push" CHECK ("push" IS NULL OR "push" IN ('REQUESTED', 'PUSHED', 'REFUSED'))
);
CREATE UNIQUE INDEX "code_entry_battle_id_bot_id_key" ON "code_entry" ("battle_id", "bot_id");
CREATE INDEX "code_entry_bot_id_idx" ON "code_entry" ("bot_id");
CREATE INDEX "code_entry_to_push" ON "code_entry" ("battle_id") WHERE "push" = 'REQUESTED';
ALTER TABLE "code_entry" ADD CONSTRAINT "code_entry_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "code_battle"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "code_entry" ADD CONSTRAINT "code_entry_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Bulk beside the log: what a gladiator said, its diff and its commits, in chunks of at most 256 KiB.
CREATE TABLE "code_artifact" (
    "battle_id" UUID NOT NULL,
    "entry_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "chunk" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "code_artifact_pkey" PRIMARY KEY ("entry_id", "kind", "chunk"),
    CONSTRAINT "code_artifact_kind" CHECK ("kind" IN ('STREAM', 'DIFF', 'BUNDLE', 'LOG')),
    CONSTRAINT "code_artifact_size" CHECK (octet_length("bytes") <= 262144)
);
CREATE INDEX "code_artifact_battle_id_idx" ON "code_artifact" ("battle_id");

-- Each git and sandbox operation of a battle.
CREATE TABLE "code_audit" (
    "id" UUID NOT NULL,
    "battle_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "operation" TEXT NOT NULL,
    "about" TEXT NOT NULL,

    CONSTRAINT "code_audit_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "code_audit_battle_id_id_idx" ON "code_audit" ("battle_id", "id");
ALTER TABLE "code_audit" ADD CONSTRAINT "code_audit_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "code_battle"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "code_vote" (
    "battle_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "entry_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "code_vote_pkey" PRIMARY KEY ("battle_id", "user_id")
);
CREATE INDEX "code_vote_entry_id_idx" ON "code_vote" ("entry_id");
ALTER TABLE "code_vote" ADD CONSTRAINT "code_vote_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "code_battle"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "code_vote" ADD CONSTRAINT "code_vote_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "code_entry"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "code_vote" ADD CONSTRAINT "code_vote_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Hidden contests count nowhere.
CREATE OR REPLACE FUNCTION arena_count_contests_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM arena_count_by('contests', (SELECT count(*)::int FROM made WHERE NOT hidden));
  RETURN NULL;
END $$;
DROP TRIGGER arena_count_contests ON "contest";
CREATE TRIGGER arena_count_contests AFTER INSERT ON "contest" REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION arena_count_contests_follow();

CREATE OR REPLACE FUNCTION meeting_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO meeting AS m (low_id, high_id, low_wins, draws, high_wins)
  WITH moved AS (
    SELECT n.contest_id, n.bot_id, COALESCE(n.placement, o.placement) AS placement, CASE WHEN o.placement IS NULL THEN 1 ELSE -1 END AS change
    FROM now n JOIN before o USING (contest_id, side)
    WHERE (n.placement IS NULL) <> (o.placement IS NULL)
  )
  SELECT low.bot_id, high.bot_id,
         COALESCE(sum(low.change) FILTER (WHERE low.placement < high.placement), 0),
         COALESCE(sum(low.change) FILTER (WHERE low.placement = high.placement), 0),
         COALESCE(sum(low.change) FILTER (WHERE low.placement > high.placement), 0)
  FROM moved low JOIN moved high ON high.contest_id = low.contest_id AND high.bot_id > low.bot_id
  JOIN contest c ON c.id = low.contest_id AND c.origin <> 'PRACTICE_QUEUE' AND NOT c.hidden
  GROUP BY low.bot_id, high.bot_id ORDER BY low.bot_id, high.bot_id
  ON CONFLICT (low_id, high_id) DO UPDATE SET low_wins = m.low_wins + excluded.low_wins, draws = m.draws + excluded.draws,
    high_wins = m.high_wins + excluded.high_wins;
  RETURN NULL;
END $$;
