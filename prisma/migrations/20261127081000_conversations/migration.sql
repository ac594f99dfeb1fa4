-- Conversations that people publish, what others say of them, and who follows whom.

CREATE TABLE "conversation" (
    "id" UUID NOT NULL,
    "publisher_id" UUID NOT NULL,
    "bot_id" UUID,
    "title" TEXT NOT NULL,
    "tags" TEXT[] NOT NULL,
    "visibility" TEXT NOT NULL,
    "turns" JSONB NOT NULL,
    "turn_count" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "reactions" INTEGER NOT NULL DEFAULT 0,
    "comments" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "hidden_at" TIMESTAMPTZ(3),
    "hidden_reason" TEXT,

    CONSTRAINT "conversation_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "conversation_visibility" CHECK ("visibility" IN ('UNLISTED', 'PUBLIC')),
    CONSTRAINT "conversation_counts" CHECK ("reactions" >= 0 AND "comments" >= 0),
    CONSTRAINT "conversation_hidden" CHECK (("hidden_at" IS NULL) = ("hidden_reason" IS NULL))
);
CREATE INDEX "conversation_publisher_id_created_at_id_idx" ON "conversation" ("publisher_id", "created_at" DESC, "id" DESC);
CREATE INDEX "conversation_bot_id_created_at_id_idx" ON "conversation" ("bot_id", "created_at" DESC, "id" DESC);
CREATE INDEX "conversation_tags" ON "conversation" USING GIN ("tags");
-- The lists that everybody reads.
CREATE INDEX "conversation_newest" ON "conversation" ("created_at" DESC, "id" DESC) WHERE "visibility" = 'PUBLIC' AND "hidden_at" IS NULL;
CREATE INDEX "conversation_reactions" ON "conversation" ("reactions" DESC, "id" DESC) WHERE "visibility" = 'PUBLIC' AND "hidden_at" IS NULL;

CREATE TABLE "conversation_comment" (
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "reactions" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "hidden_at" TIMESTAMPTZ(3),
    "hidden_reason" TEXT,

    CONSTRAINT "conversation_comment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "conversation_comment_counts" CHECK ("reactions" >= 0),
    CONSTRAINT "conversation_comment_hidden" CHECK (("hidden_at" IS NULL) = ("hidden_reason" IS NULL))
);
CREATE INDEX "conversation_comment_conversation_id_id_idx" ON "conversation_comment" ("conversation_id", "id");
CREATE INDEX "conversation_comment_author_id_id_idx" ON "conversation_comment" ("author_id", "id" DESC);

-- A person reacts once in each way: the primary key.
CREATE TABLE "social_reaction" (
    "subject_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "conversation_id" UUID NOT NULL,
    "comment_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "social_reaction_pkey" PRIMARY KEY ("subject_id", "user_id", "kind"),
    CONSTRAINT "social_reaction_kind" CHECK ("kind" IN ('LIKE', 'INSIGHTFUL', 'FUNNY', 'CELEBRATE')),
    CONSTRAINT "social_reaction_subject" CHECK ("subject_id" = COALESCE("comment_id", "conversation_id"))
);
CREATE INDEX "social_reaction_user_id_idx" ON "social_reaction" ("user_id");
CREATE INDEX "social_reaction_conversation_id_idx" ON "social_reaction" ("conversation_id");
CREATE INDEX "social_reaction_comment_id_idx" ON "social_reaction" ("comment_id");

CREATE TABLE "bot_follow" (
    "follower_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bot_follow_pkey" PRIMARY KEY ("follower_id", "bot_id")
);
CREATE INDEX "bot_follow_bot_id_idx" ON "bot_follow" ("bot_id");

CREATE TABLE "user_follow" (
    "follower_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_follow_pkey" PRIMARY KEY ("follower_id", "user_id"),
    CONSTRAINT "user_follow_another" CHECK ("follower_id" <> "user_id")
);
CREATE INDEX "user_follow_user_id_idx" ON "user_follow" ("user_id");

CREATE TABLE "content_report" (
    "id" UUID NOT NULL,
    "reporter_id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "comment_id" UUID,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "outcome" TEXT,

    CONSTRAINT "content_report_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "content_report_outcome" CHECK ("outcome" IN ('HIDDEN', 'KEPT') AND ("closed_at" IS NULL) = ("outcome" IS NULL)),
    CONSTRAINT "content_report_subject" CHECK ("subject_id" = COALESCE("comment_id", "conversation_id"))
);
-- One open report of a person on the same.
CREATE UNIQUE INDEX "content_report_open" ON "content_report" ("reporter_id", "subject_id") WHERE "closed_at" IS NULL;
CREATE INDEX "content_report_waiting" ON "content_report" ("id" DESC) WHERE "closed_at" IS NULL;
CREATE INDEX "content_report_subject_id_idx" ON "content_report" ("subject_id");
CREATE INDEX "content_report_conversation_id_idx" ON "content_report" ("conversation_id");
CREATE INDEX "content_report_comment_id_idx" ON "content_report" ("comment_id");

ALTER TABLE "conversation" ADD CONSTRAINT "conversation_publisher_id_fkey" FOREIGN KEY ("publisher_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "conversation" ADD CONSTRAINT "conversation_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "conversation_comment" ADD CONSTRAINT "conversation_comment_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversation_comment" ADD CONSTRAINT "conversation_comment_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "social_reaction" ADD CONSTRAINT "social_reaction_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "social_reaction" ADD CONSTRAINT "social_reaction_comment_id_fkey" FOREIGN KEY ("comment_id") REFERENCES "conversation_comment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "bot_follow" ADD CONSTRAINT "bot_follow_follower_id_fkey" FOREIGN KEY ("follower_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "bot_follow" ADD CONSTRAINT "bot_follow_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "user_follow" ADD CONSTRAINT "user_follow_follower_id_fkey" FOREIGN KEY ("follower_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "user_follow" ADD CONSTRAINT "user_follow_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "content_report" ADD CONSTRAINT "content_report_reporter_id_fkey" FOREIGN KEY ("reporter_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "content_report" ADD CONSTRAINT "content_report_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "content_report" ADD CONSTRAINT "content_report_comment_id_fkey" FOREIGN KEY ("comment_id") REFERENCES "conversation_comment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
