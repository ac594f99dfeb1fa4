-- Where the stakes of a fight lie: the escrow of the callout that it came of. One escrow, one fight.
ALTER TABLE "fight" ADD COLUMN "escrow_id" UUID;
CREATE UNIQUE INDEX "fight_escrow_id_key" ON "fight"("escrow_id");
ALTER TABLE "fight" ADD CONSTRAINT "fight_escrow" CHECK (("wager" > 0) = ("escrow_id" IS NOT NULL));
