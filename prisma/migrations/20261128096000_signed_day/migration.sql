-- What was signed in the last day is counted by when it was signed, not by when it was asked for.
DROP INDEX "withdrawal_created_at_idx";
CREATE INDEX "withdrawal_attempt_signed_at_idx" ON "withdrawal_attempt"("signed_at");
