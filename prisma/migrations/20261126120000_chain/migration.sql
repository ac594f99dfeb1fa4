CREATE TABLE "chain_identity" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "chain_id" INTEGER NOT NULL,
    "genesis_hash" TEXT NOT NULL,
    "token_address" TEXT NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "chain_identity_pkey" PRIMARY KEY ("only"),
    CONSTRAINT "chain_identity_only" CHECK ("only"),
    CONSTRAINT "chain_identity_genesis_hash" CHECK ("genesis_hash" ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT "chain_identity_token_address" CHECK ("token_address" ~ '^0x[0-9a-f]{40}$')
);
