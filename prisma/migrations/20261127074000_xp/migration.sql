-- XP: what was seen of bots, once each, and what follows from it. Events are only ever added; all else is kept by the very
-- transaction that adds one, so that no page and no board reads events.

CREATE TABLE "xp_event" (
    "id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "bot_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "requester_id" UUID,
    "origin" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "success" BOOLEAN NOT NULL,
    "complexity" TEXT,
    "result" TEXT,
    "duration_ms" INTEGER,
    "quality" INTEGER,
    "custom" INTEGER NOT NULL,
    "reason" TEXT,
    "evidence" JSONB,
    "skills" TEXT[] NOT NULL,
    "bonuses" TEXT[] NOT NULL,
    "computed" INTEGER NOT NULL,
    "added" INTEGER NOT NULL,
    "publicly" BOOLEAN NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "xp_event_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "xp_event_origin" CHECK ("origin" IN ('OBSERVED', 'REPORTED', 'IMPORTED')),
    CONSTRAINT "xp_event_kind" CHECK ("kind" IN ('TASK_COMPLETION', 'ERROR_RESOLUTION', 'CONTEST')),
    CONSTRAINT "xp_event_caps" CHECK ("added" BETWEEN 0 AND 500 AND "added" <= "computed"),
    -- What anybody only says never stands on a public board.
    CONSTRAINT "xp_event_publicly" CHECK (NOT "publicly" OR "origin" = 'OBSERVED'),
    CONSTRAINT "xp_event_custom" CHECK ("custom" BETWEEN 10 AND 300 AND ("custom" = 100 OR "reason" IS NOT NULL))
);
-- An event is counted once.
CREATE UNIQUE INDEX "xp_event_source_external_id_key" ON "xp_event" ("source", "external_id");
CREATE INDEX "xp_event_bot_id_id_idx" ON "xp_event" ("bot_id", "id" DESC);

CREATE INDEX "xp_event_owner_id_id_idx" ON "xp_event" ("owner_id", "id" DESC);

CREATE FUNCTION refuse_xp_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'XP events are only added';
END $$;
CREATE TRIGGER "xp_event_is_kept" BEFORE UPDATE OR DELETE ON "xp_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_xp_change();

CREATE TABLE "xp_bot" (
    "bot_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "xp" INTEGER NOT NULL DEFAULT 0,
    "public_xp" INTEGER NOT NULL DEFAULT 0,
    "contest_xp" INTEGER NOT NULL DEFAULT 0,
    "board_xp" INTEGER,
    "recent" JSONB NOT NULL DEFAULT '{}',
    "runs" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "xp_bot_pkey" PRIMARY KEY ("bot_id"),
    CONSTRAINT "xp_bot_parts" CHECK ("xp" >= "public_xp" AND "public_xp" >= "contest_xp" AND "contest_xp" >= 0)
);
CREATE INDEX "xp_bot_board" ON "xp_bot" ("board_xp" DESC, "bot_id" DESC) WHERE "board_xp" > 0;
CREATE INDEX "xp_bot_owner_id_idx" ON "xp_bot" ("owner_id");

CREATE TABLE "xp_user" (
    "user_id" UUID NOT NULL,
    "xp" INTEGER NOT NULL DEFAULT 0,
    "public_xp" INTEGER NOT NULL DEFAULT 0,
    "contest_xp" INTEGER NOT NULL DEFAULT 0,
    "board_xp" INTEGER,
    "counters" JSONB NOT NULL DEFAULT '{}',
    "profile" TEXT,
    "stats" TEXT,
    "achievements" TEXT,

    CONSTRAINT "xp_user_pkey" PRIMARY KEY ("user_id"),
    CONSTRAINT "xp_user_parts" CHECK ("xp" >= "public_xp" AND "public_xp" >= "contest_xp" AND "contest_xp" >= 0),
    CONSTRAINT "xp_user_privacy" CHECK ("profile" IN ('PRIVATE', 'TEAM', 'PUBLIC') AND "stats" IN ('PRIVATE', 'TEAM', 'PUBLIC') AND "achievements" IN ('PRIVATE', 'TEAM', 'PUBLIC'))
);
CREATE INDEX "xp_user_board" ON "xp_user" ("board_xp" DESC, "user_id" DESC) WHERE "board_xp" > 0;

CREATE TABLE "xp_skill" (
    "bot_id" UUID NOT NULL,
    "skill" TEXT NOT NULL,
    "xp" INTEGER NOT NULL DEFAULT 0,
    "public_xp" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "successes" INTEGER NOT NULL DEFAULT 0,
    "quality_sum" INTEGER NOT NULL DEFAULT 0,
    "quality_count" INTEGER NOT NULL DEFAULT 0,
    "duration_sum" BIGINT NOT NULL DEFAULT 0,
    "duration_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "xp_skill_pkey" PRIMARY KEY ("bot_id", "skill")
);
CREATE INDEX "xp_skill_skill_xp_idx" ON "xp_skill" ("skill", "xp" DESC);

CREATE TABLE "xp_use" (
    "user_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "uses" INTEGER NOT NULL,
    "successes" INTEGER NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "xp_use_pkey" PRIMARY KEY ("user_id", "bot_id")
);
CREATE INDEX "xp_use_bot_id_idx" ON "xp_use" ("bot_id");

CREATE TABLE "xp_achievement" (
    "user_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "bot_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "xp_achievement_pkey" PRIMARY KEY ("user_id", "key")
);

-- Rollups: a row a bot and day, and a row a person and day. Durations are counted by half octaves from 100 ms up.
CREATE TABLE "xp_day" (
    "bot_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "xp" INTEGER NOT NULL,
    "public_xp" INTEGER NOT NULL,
    "contest_xp" INTEGER NOT NULL,
    "tries" INTEGER NOT NULL,
    "successes" INTEGER NOT NULL,
    "wins" INTEGER NOT NULL,
    "draws" INTEGER NOT NULL,
    "losses" INTEGER NOT NULL,
    "quality_sum" INTEGER NOT NULL,
    "quality_count" INTEGER NOT NULL,
    "hours" INTEGER[] NOT NULL,
    "complexities" INTEGER[] NOT NULL,
    "durations" INTEGER[] NOT NULL,

    CONSTRAINT "xp_day_pkey" PRIMARY KEY ("bot_id", "day")
);
-- What bots gained lately is read for hundreds at once: from the index alone.
CREATE INDEX "xp_day_gains" ON "xp_day" ("bot_id", "day") INCLUDE ("xp");
CREATE TABLE "xp_user_day" (
    "user_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "xp" INTEGER NOT NULL,
    "public_xp" INTEGER NOT NULL,
    "contest_xp" INTEGER NOT NULL,

    CONSTRAINT "xp_user_day_pkey" PRIMARY KEY ("user_id", "day")
);

-- Whom operators trust to report XP of their own and their team's bots.
CREATE TABLE "xp_reporter" (
    "user_id" UUID NOT NULL,
    "granted_by" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "xp_reporter_pkey" PRIMARY KEY ("user_id")
);

-- A season's champions, once each.
CREATE TABLE "xp_champion" (
    "ladder" TEXT NOT NULL,
    "season" TEXT NOT NULL,
    "bot_id" UUID NOT NULL,

    CONSTRAINT "xp_champion_pkey" PRIMARY KEY ("ladder", "season")
);

-- Achievements that people brought from other servers, and whose signatures are taken.
CREATE TABLE "xp_badge" (
    "user_id" UUID NOT NULL,
    "issuer_key" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "imported_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "xp_badge_pkey" PRIMARY KEY ("user_id", "issuer_key", "key")
);
CREATE TABLE "xp_badge_issuer" (
    "public_key" TEXT NOT NULL,
    "granted_by" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "xp_badge_issuer_pkey" PRIMARY KEY ("public_key")
);

ALTER TABLE "xp_event" ADD CONSTRAINT "xp_event_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "xp_bot" ADD CONSTRAINT "xp_bot_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "xp_user" ADD CONSTRAINT "xp_user_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "xp_reporter" ADD CONSTRAINT "xp_reporter_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One more at a place of an array that is filled up with noughts; nothing where the place is null.
CREATE FUNCTION one_more(counts integer[], place integer, size integer) RETURNS integer[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(COALESCE(counts[n], 0) + CASE WHEN n = place THEN 1 ELSE 0 END ORDER BY n) FROM generate_series(1, size) n
$$;

-- What a board shows of somebody: all that counts where the profile is public, contests where nothing is said, else nothing.
CREATE FUNCTION board_xp_of(profile text, public_xp integer, contest_xp integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN profile IS NULL THEN contest_xp WHEN profile = 'PUBLIC' THEN public_xp END
$$;
