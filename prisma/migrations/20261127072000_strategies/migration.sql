-- Strategies: code that plays Quake for a bot, in versions.

CREATE TABLE "strategy" (
    "id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "activated_at" TIMESTAMPTZ(3),

    CONSTRAINT "strategy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "strategy_version" CHECK ("version" > 0),
    CONSTRAINT "strategy_source" CHECK (octet_length("source") <= 131072)
);
CREATE UNIQUE INDEX "strategy_bot_id_version_key" ON "strategy" ("bot_id", "version");
CREATE UNIQUE INDEX "strategy_active" ON "strategy" ("bot_id") WHERE "active";

CREATE TABLE "strategy_run" (
    "id" UUID NOT NULL,
    "strategy_id" UUID NOT NULL,
    "ticks" INTEGER NOT NULL,
    "misses" INTEGER NOT NULL,
    "forfeit" TEXT,
    "log" TEXT NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "strategy_run_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "strategy_run_log" CHECK (length("log") <= 65536)
);
CREATE INDEX "strategy_run_strategy_id_id_idx" ON "strategy_run" ("strategy_id", "id" DESC);

CREATE TABLE "strategy_memory" (
    "bot_id" UUID NOT NULL,
    "kept" TEXT NOT NULL,
    "kept_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "strategy_memory_pkey" PRIMARY KEY ("bot_id"),
    CONSTRAINT "strategy_memory_kept" CHECK (length("kept") <= 16384)
);

ALTER TABLE "strategy" ADD CONSTRAINT "strategy_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "strategy_run" ADD CONSTRAINT "strategy_run_strategy_id_fkey" FOREIGN KEY ("strategy_id") REFERENCES "strategy"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "strategy_memory" ADD CONSTRAINT "strategy_memory_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
