-- Deposits. What must happen once is said here: one log of one block, one observation; one observation, one place in the ledger.

-- Where deposits go to. Money that is sent to an earlier one still counts.
CREATE TABLE "master_wallet" (
    "address" TEXT NOT NULL,
    "current" BOOLEAN NOT NULL DEFAULT true,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "master_wallet_pkey" PRIMARY KEY ("address"),
    CONSTRAINT "master_wallet_address" CHECK ("address" ~ '^0x[0-9a-f]{40}$')
);

-- How far the chain was read: every deposit up to this block is credited. Whoever credits holds this row's lock.
CREATE TABLE "deposit_watch" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "credit_tag" TEXT NOT NULL,
    "first_height" INTEGER NOT NULL,
    "cursor_height" INTEGER,
    "cursor_hash" TEXT,
    "latest_height" INTEGER,
    "credit_height" INTEGER,
    "final_height" INTEGER,
    "looked_at" TIMESTAMPTZ(3),

    CONSTRAINT "deposit_watch_pkey" PRIMARY KEY ("only"),
    CONSTRAINT "deposit_watch_only" CHECK ("only"),
    CONSTRAINT "deposit_watch_cursor" CHECK (("cursor_height" IS NULL) = ("cursor_hash" IS NULL)),
    CONSTRAINT "deposit_watch_cursor_hash" CHECK ("cursor_hash" ~ '^0x[0-9a-f]{64}$')
);

CREATE TABLE "deposit" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "from_address" TEXT NOT NULL,
    "to_address" TEXT NOT NULL,
    "amount" DECIMAL(78,0) NOT NULL,
    "status" TEXT NOT NULL,
    "account" TEXT,
    "height" INTEGER NOT NULL,
    "block_hash" TEXT NOT NULL,
    "log_index" INTEGER NOT NULL,
    "tx_hash" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "moved_at" TIMESTAMPTZ(3) NOT NULL,
    "final_at" TIMESTAMPTZ(3),

    CONSTRAINT "deposit_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "deposit_from_address" CHECK ("from_address" ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT "deposit_amount" CHECK ("amount" > 0),
    CONSTRAINT "deposit_status" CHECK ("status" IN ('PENDING', 'CREDITED', 'ORPHANED', 'REVERSED')),
    CONSTRAINT "deposit_hashes" CHECK ("block_hash" ~ '^0x[0-9a-f]{64}$' AND "tx_hash" ~ '^0x[0-9a-f]{64}$'),
    -- Where it was credited to, from then on.
    CONSTRAINT "deposit_account" CHECK (("account" IS NOT NULL) = ("status" IN ('CREDITED', 'REVERSED'))
      AND "account" IN ('user:available', 'chain:unattributed', 'house:faucet')),
    CONSTRAINT "deposit_user" CHECK ("account" IS NULL OR ("user_id" IS NOT NULL) = ("account" = 'user:available')),
    CONSTRAINT "deposit_final" CHECK ("final_at" IS NULL OR "status" IN ('CREDITED', 'REVERSED'))
);

-- Why no withdrawal is taken or paid until an operator has looked.
CREATE TABLE "withdrawal_freeze" (
    "reason" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "withdrawal_freeze_pkey" PRIMARY KEY ("reason"),
    CONSTRAINT "withdrawal_freeze_reason" CHECK ("reason" IN ('DEPOSIT_REVERSED', 'SHORTFALL'))
);

-- What the last look at the final block found: what is owed, and what the chain has for it.
CREATE TABLE "solvency" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "height" INTEGER NOT NULL,
    "custody" DECIMAL(78,0) NOT NULL,
    "liabilities" DECIMAL(78,0) NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "solvency_pkey" PRIMARY KEY ("only"),
    CONSTRAINT "solvency_only" CHECK ("only")
);

CREATE UNIQUE INDEX "master_wallet_current" ON "master_wallet" ("current") WHERE "current";
-- The same transaction in another block, or at another place in it, is another observation. A database knows one chain.
CREATE UNIQUE INDEX "deposit_block_hash_log_index_key" ON "deposit"("block_hash", "log_index");
CREATE INDEX "deposit_user_id_id_idx" ON "deposit"("user_id", "id" DESC);
CREATE INDEX "deposit_height_idx" ON "deposit"("height");
-- What is still to be decided: a handful, whatever lies behind.
CREATE INDEX "deposit_pending" ON "deposit" ("height") WHERE "status" = 'PENDING';
CREATE INDEX "deposit_not_final" ON "deposit" ("height") WHERE "status" = 'CREDITED' AND "final_at" IS NULL;
CREATE INDEX "deposit_nobodys" ON "deposit" ("from_address", "id") WHERE "user_id" IS NULL;

ALTER TABLE "deposit" ADD CONSTRAINT "deposit_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
