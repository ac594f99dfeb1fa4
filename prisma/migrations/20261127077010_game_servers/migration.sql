-- Game servers of the nodes, with what operators want of them: it outlives the node's process.

CREATE TABLE "game_server" (
    "id" UUID NOT NULL,
    "place" UUID NOT NULL,
    "port" INTEGER NOT NULL,
    "node" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "map" TEXT,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,
    "draining_since" TIMESTAMPTZ(3),
    "drain_reason" TEXT,

    CONSTRAINT "game_server_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "game_server_state" CHECK ("state" IN ('DOWN', 'STARTING', 'FREE', 'BUSY', 'DRAINING')),
    CONSTRAINT "game_server_drain" CHECK (("draining_since" IS NULL) = ("drain_reason" IS NULL))
);
CREATE UNIQUE INDEX "game_server_place_port_key" ON "game_server" ("place", "port");
