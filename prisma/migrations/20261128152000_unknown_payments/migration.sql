-- Payments of a hot wallet that the chain has and this database does not: after a restored backup, or by a stolen key. The
-- wallet stays stopped until an operator has said of each what it was.
CREATE TABLE "unknown_payment" (
  "tx_hash" TEXT NOT NULL,
  "log_index" INTEGER NOT NULL,
  "hot_address" TEXT NOT NULL,
  "nonce" INTEGER,
  "to_address" TEXT NOT NULL,
  "amount" DECIMAL(78,0) NOT NULL,
  "fee_wei" DECIMAL(78,0) NOT NULL,
  "height" INTEGER NOT NULL,
  "block_hash" TEXT NOT NULL,
  "seen_at" TIMESTAMPTZ(3) NOT NULL,
  "settled_at" TIMESTAMPTZ(3),
  CONSTRAINT "unknown_payment_pkey" PRIMARY KEY ("tx_hash", "log_index"),
  CONSTRAINT "unknown_payment_hot_address_fkey" FOREIGN KEY ("hot_address") REFERENCES "hot_wallet"("address") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- A wallet whose key may be stolen pays never again, and what it has covers nothing.
ALTER TABLE "hot_wallet" ADD COLUMN "retired_at" TIMESTAMPTZ(3);
