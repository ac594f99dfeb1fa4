-- Teams: people who work together, and the bots that they bring.

CREATE TABLE "team" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "dissolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "team_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "team_name_key" ON "team" (lower("name"));

CREATE TABLE "team_member" (
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "team_member_pkey" PRIMARY KEY ("team_id", "user_id"),
    CONSTRAINT "team_member_role" CHECK ("role" IN ('OWNER', 'ADMIN', 'MEMBER'))
);
CREATE INDEX "team_member_user_id_team_id_idx" ON "team_member" ("user_id", "team_id");

CREATE TABLE "team_bot" (
    "team_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "team_bot_pkey" PRIMARY KEY ("team_id", "bot_id")
);
CREATE INDEX "team_bot_bot_id_team_id_idx" ON "team_bot" ("bot_id", "team_id");

CREATE TABLE "team_invitation" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "inviter_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "team_invitation_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "team_invitation_role" CHECK ("role" IN ('ADMIN', 'MEMBER')),
    CONSTRAINT "team_invitation_status" CHECK ("status" IN ('PENDING', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED')),
    CONSTRAINT "team_invitation_ended" CHECK (("ended_at" IS NULL) = ("status" = 'PENDING'))
);
CREATE UNIQUE INDEX "team_invitation_pending" ON "team_invitation" ("team_id", "user_id") WHERE "status" = 'PENDING';
CREATE INDEX "team_invitation_user_id_id_idx" ON "team_invitation" ("user_id", "id" DESC);
CREATE INDEX "team_invitation_team_id_id_idx" ON "team_invitation" ("team_id", "id" DESC);

ALTER TABLE "team_member" ADD CONSTRAINT "team_member_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_member" ADD CONSTRAINT "team_member_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_bot" ADD CONSTRAINT "team_bot_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_bot" ADD CONSTRAINT "team_bot_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_invitation" ADD CONSTRAINT "team_invitation_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_invitation" ADD CONSTRAINT "team_invitation_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_invitation" ADD CONSTRAINT "team_invitation_inviter_id_fkey" FOREIGN KEY ("inviter_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
