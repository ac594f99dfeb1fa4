-- What nodes begin next: rated contests before practice, then as they were made.
CREATE INDEX "contest_begun_next" ON "contest" ("ladder", "rated" DESC, "id") WHERE "status" = 'ANNOUNCED';
