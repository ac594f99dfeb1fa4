-- Rounds of Quake: matches, who plays them, who killed whom, and the nodes that have the game.

CREATE TABLE "quake_match" (
    "id" UUID NOT NULL,
    "map" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3),
    "pooled" BOOLEAN NOT NULL DEFAULT false,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "quake_match_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "quake_match_phase" CHECK ("phase" IN ('ANNOUNCED', 'JOINING', 'COUNTDOWN', 'LIVE', 'COMPLETED', 'VOIDED'))
);
-- What nodes look for: matches that are not over are few, whatever was played.
CREATE INDEX "quake_match_open" ON "quake_match" ("id") WHERE "phase" IN ('ANNOUNCED', 'JOINING', 'COUNTDOWN', 'LIVE');

CREATE TABLE "quake_player" (
    "match_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "side" INTEGER NOT NULL,
    "score" INTEGER NOT NULL DEFAULT 0,
    "kills" INTEGER NOT NULL DEFAULT 0,
    "deaths" INTEGER NOT NULL DEFAULT 0,
    "suicides" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "quake_player_pkey" PRIMARY KEY ("match_id", "bot_id")
);
CREATE INDEX "quake_player_bot_id_idx" ON "quake_player" ("bot_id");

CREATE TABLE "quake_kill" (
    "match_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "killer_id" UUID,
    "victim_id" UUID NOT NULL,
    "means" INTEGER NOT NULL,
    "suicide" BOOLEAN NOT NULL,
    "at_ms" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quake_kill_pkey" PRIMARY KEY ("match_id", "number")
);

CREATE TABLE "quake_weapon_stat" (
    "bot_id" UUID NOT NULL,
    "means" INTEGER NOT NULL,
    "kills" INTEGER NOT NULL DEFAULT 0,
    "deaths" INTEGER NOT NULL DEFAULT 0,
    "suicides" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "quake_weapon_stat_pkey" PRIMARY KEY ("bot_id", "means")
);

-- The ladder is open while one of these beats.
CREATE TABLE "quake_host" (
    "node" UUID NOT NULL,
    "servers" INTEGER NOT NULL,
    "busy" INTEGER NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quake_host_pkey" PRIMARY KEY ("node")
);

ALTER TABLE "quake_match" ADD CONSTRAINT "quake_match_id_fkey" FOREIGN KEY ("id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "quake_player" ADD CONSTRAINT "quake_player_match_id_fkey" FOREIGN KEY ("match_id") REFERENCES "quake_match"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "quake_player" ADD CONSTRAINT "quake_player_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "quake_kill" ADD CONSTRAINT "quake_kill_match_id_fkey" FOREIGN KEY ("match_id") REFERENCES "quake_match"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "quake_weapon_stat" ADD CONSTRAINT "quake_weapon_stat_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
