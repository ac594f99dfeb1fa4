-- What completed Quake matches looked like, to be looked at again.

CREATE TABLE "quake_replay" (
    "match_id" UUID NOT NULL,
    "frames" INTEGER NOT NULL,
    "length_ms" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "document" BYTEA NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quake_replay_pkey" PRIMARY KEY ("match_id"),
    CONSTRAINT "quake_replay_bytes" CHECK ("bytes" = octet_length("document") AND "bytes" <= 4194304)
);

-- A document is packed already.
ALTER TABLE "quake_replay" ALTER COLUMN "document" SET STORAGE EXTERNAL;
ALTER TABLE "quake_replay" ADD CONSTRAINT "quake_replay_match_id_fkey" FOREIGN KEY ("match_id") REFERENCES "quake_match"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
