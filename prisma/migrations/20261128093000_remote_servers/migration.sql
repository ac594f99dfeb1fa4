-- Game servers elsewhere, commanded by RCON. Each is a game_server, too, whose place is its own id.

CREATE TABLE "remote_server" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "rcon_password" BYTEA NOT NULL,
    "configured" BOOLEAN NOT NULL,
    "flavour" TEXT,
    "own_password" BYTEA,
    "answer" TEXT,
    "players" INTEGER,
    "answered_in_ms" INTEGER,
    "asked_at" TIMESTAMPTZ(3),
    "rests_until" TIMESTAMPTZ(3),

    CONSTRAINT "remote_server_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "remote_server_id_fkey" FOREIGN KEY ("id") REFERENCES "game_server"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "remote_server_flavour" CHECK ("flavour" IN ('MODERN', 'LEGACY')),
    CONSTRAINT "remote_server_known" CHECK ("answer" <> 'ANSWERS' OR ("flavour" IS NOT NULL AND "own_password" IS NOT NULL))
);
CREATE UNIQUE INDEX "remote_server_host_port_key" ON "remote_server" ("host", "port");
