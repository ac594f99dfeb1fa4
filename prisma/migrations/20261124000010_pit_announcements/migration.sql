CREATE TABLE "pit_announcement" (
    "contest_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    CONSTRAINT "pit_announcement_pkey" PRIMARY KEY ("contest_id", "kind")
);

DROP INDEX "callout_challenger_id_idx";
CREATE INDEX "callout_challenger_id_created_at_idx" ON "callout"("challenger_id", "created_at" DESC);

ALTER TABLE "callout" ADD CONSTRAINT "callout_status" CHECK ("status" IN ('PENDING', 'ACCEPTED', 'DECLINED', 'CANCELLED', 'EXPIRED'));
ALTER TABLE "callout" ADD CONSTRAINT "callout_wager" CHECK ("wager" >= 0);
