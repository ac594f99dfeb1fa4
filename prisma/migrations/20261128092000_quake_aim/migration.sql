-- What the game tells of shots and awards: in a match, and over all matches in the record.

ALTER TABLE "quake_player"
    ADD COLUMN "shots" INTEGER,
    ADD COLUMN "hits" INTEGER,
    ADD COLUMN "excellent" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "impressive" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "gauntlet" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "quake_aim" (
    "match_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "weapon" INTEGER NOT NULL,
    "shots" INTEGER NOT NULL,
    "hits" INTEGER NOT NULL,

    CONSTRAINT "quake_aim_pkey" PRIMARY KEY ("match_id", "bot_id", "weapon")
);

CREATE TABLE "quake_aim_stat" (
    "bot_id" UUID NOT NULL,
    "weapon" INTEGER NOT NULL,
    "shots" INTEGER NOT NULL DEFAULT 0,
    "hits" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "quake_aim_stat_pkey" PRIMARY KEY ("bot_id", "weapon")
);

CREATE TABLE "quake_award_stat" (
    "bot_id" UUID NOT NULL,
    "excellent" INTEGER NOT NULL DEFAULT 0,
    "impressive" INTEGER NOT NULL DEFAULT 0,
    "gauntlet" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "quake_award_stat_pkey" PRIMARY KEY ("bot_id")
);

ALTER TABLE "quake_aim" ADD CONSTRAINT "quake_aim_match_id_bot_id_fkey" FOREIGN KEY ("match_id", "bot_id") REFERENCES "quake_player"("match_id", "bot_id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "quake_aim_stat" ADD CONSTRAINT "quake_aim_stat_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "quake_award_stat" ADD CONSTRAINT "quake_award_stat_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
