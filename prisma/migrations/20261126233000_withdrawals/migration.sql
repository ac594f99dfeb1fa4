-- Withdrawals. What must happen once is said here: one nonce, one withdrawal; one mined payment; one end in the ledger.

CREATE TABLE "hot_wallet" (
    "address" TEXT NOT NULL,
    "chain_id" INTEGER NOT NULL,
    "current" BOOLEAN NOT NULL DEFAULT true,
    "next_nonce" INTEGER NOT NULL,
    "stopped_for" TEXT,
    "stopped_detail" TEXT,
    "stopped_at" TIMESTAMPTZ(3),
    "alarms" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "registered_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hot_wallet_pkey" PRIMARY KEY ("address"),
    CONSTRAINT "hot_wallet_address" CHECK ("address" ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT "hot_wallet_nonce" CHECK ("next_nonce" >= 0),
    CONSTRAINT "hot_wallet_stopped" CHECK (("stopped_for" IS NULL) = ("stopped_at" IS NULL))
);

CREATE TABLE "withdrawal" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "to_address" TEXT NOT NULL,
    "amount" DECIMAL(78,0) NOT NULL,
    "idempotency_key" TEXT,
    "status" TEXT NOT NULL,
    "waiting_for" TEXT,
    "hot_address" TEXT,
    "nonce" INTEGER,
    "tx_hash" TEXT,
    "fee_wei" DECIMAL(78,0),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "moved_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "withdrawal_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "withdrawal_to_address" CHECK ("to_address" ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT "withdrawal_amount" CHECK ("amount" > 0),
    CONSTRAINT "withdrawal_status" CHECK ("status" IN ('RESERVED', 'SIGNED', 'SENT', 'CONFIRMED', 'FAILED', 'CANCELLED')),
    CONSTRAINT "withdrawal_waits" CHECK ("waiting_for" IS NULL OR "status" = 'RESERVED'),
    -- Before it is signed it has no nonce, afterwards always one.
    CONSTRAINT "withdrawal_nonce" CHECK (("nonce" IS NULL) = ("status" IN ('RESERVED', 'CANCELLED'))
      AND ("nonce" IS NULL) = ("hot_address" IS NULL) AND ("nonce" IS NULL) = ("tx_hash" IS NULL)),
    CONSTRAINT "withdrawal_fee" CHECK (("fee_wei" IS NOT NULL) = ("status" IN ('CONFIRMED', 'FAILED')))
);

CREATE TABLE "withdrawal_attempt" (
    "tx_hash" TEXT NOT NULL,
    "withdrawal_id" UUID NOT NULL,
    "hot_address" TEXT NOT NULL,
    "nonce" INTEGER NOT NULL,
    "raw" TEXT NOT NULL,
    "max_fee_wei" DECIMAL(78,0) NOT NULL,
    "priority_fee_wei" DECIMAL(78,0) NOT NULL,
    "signed_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),
    "mined_height" INTEGER,
    "mined_hash" TEXT,

    CONSTRAINT "withdrawal_attempt_pkey" PRIMARY KEY ("tx_hash"),
    CONSTRAINT "withdrawal_attempt_tx_hash" CHECK ("tx_hash" ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT "withdrawal_attempt_mined" CHECK (("mined_height" IS NULL) = ("mined_hash" IS NULL))
);

CREATE UNIQUE INDEX "hot_wallet_current" ON "hot_wallet" ("current") WHERE "current";
CREATE UNIQUE INDEX "withdrawal_hot_address_nonce_key" ON "withdrawal"("hot_address", "nonce");
CREATE UNIQUE INDEX "withdrawal_user_id_idempotency_key_key" ON "withdrawal"("user_id", "idempotency_key");
CREATE INDEX "withdrawal_user_id_id_idx" ON "withdrawal"("user_id", "id" DESC);
CREATE INDEX "withdrawal_created_at_idx" ON "withdrawal"("created_at");
-- What is still to be done, oldest first: a handful, whatever lies behind.
CREATE INDEX "withdrawal_open" ON "withdrawal" ("status", "id") WHERE "status" IN ('RESERVED', 'SIGNED', 'SENT');
CREATE INDEX "withdrawal_attempt_withdrawal_id_idx" ON "withdrawal_attempt"("withdrawal_id");
-- A withdrawal is paid once.
CREATE UNIQUE INDEX "withdrawal_attempt_mined_once" ON "withdrawal_attempt" ("withdrawal_id") WHERE "mined_hash" IS NOT NULL;

ALTER TABLE "withdrawal" ADD CONSTRAINT "withdrawal_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "withdrawal" ADD CONSTRAINT "withdrawal_hot_address_fkey" FOREIGN KEY ("hot_address") REFERENCES "hot_wallet"("address") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "withdrawal_attempt" ADD CONSTRAINT "withdrawal_attempt_withdrawal_id_fkey" FOREIGN KEY ("withdrawal_id") REFERENCES "withdrawal"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
