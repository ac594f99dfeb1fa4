-- Lists of followers are read from the newest; counts are read from the same indexes.
CREATE INDEX "bot_follow_bot_id_at_follower_id_idx" ON "bot_follow" ("bot_id", "at" DESC, "follower_id" DESC);
DROP INDEX "bot_follow_bot_id_idx";
CREATE INDEX "user_follow_user_id_at_follower_id_idx" ON "user_follow" ("user_id", "at" DESC, "follower_id" DESC);
DROP INDEX "user_follow_user_id_idx";
