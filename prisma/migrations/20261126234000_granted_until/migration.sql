-- Until when a key was made to work: a rotation shortens expires_at by its grace, and the next key must not inherit that.
ALTER TABLE "api_key" ADD COLUMN "granted_until" TIMESTAMPTZ(3);
UPDATE "api_key" SET "granted_until" = "expires_at";
