-- The GitHub App: who may use which installation, the repositories that GitHub showed that person, and nothing that lets anybody in.

-- One attempt of one session to connect; the state itself is only its owner's.
CREATE TABLE "github_state" (
    "hash" BYTEA NOT NULL,
    "session_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "github_state_pkey" PRIMARY KEY ("hash")
);
CREATE INDEX "github_state_expires_at_idx" ON "github_state" ("expires_at");

CREATE TABLE "github_installation" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "number" BIGINT NOT NULL,
    "account" TEXT NOT NULL,
    "organization" BOOLEAN NOT NULL,
    "login" TEXT NOT NULL,
    "login_number" BIGINT NOT NULL,
    "suspended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "github_installation_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "github_installation_of_owner" ON "github_installation" ("owner_id", "number") WHERE "removed_at" IS NULL;
CREATE INDEX "github_installation_number_idx" ON "github_installation" ("number");
CREATE INDEX "github_installation_owner_id_id_idx" ON "github_installation" ("owner_id", "id" DESC);
ALTER TABLE "github_installation" ADD CONSTRAINT "github_installation_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "github_repository" (
    "id" UUID NOT NULL,
    "installation_id" UUID NOT NULL,
    "number" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "private" BOOLEAN NOT NULL,
    "default_branch" TEXT NOT NULL,
    "pushed_at" TIMESTAMPTZ(3),

    CONSTRAINT "github_repository_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "github_repository_installation_id_number_key" ON "github_repository" ("installation_id", "number");
CREATE INDEX "github_repository_installation_id_name_idx" ON "github_repository" ("installation_id", "name");
CREATE INDEX "github_repository_number_idx" ON "github_repository" ("number");
ALTER TABLE "github_repository" ADD CONSTRAINT "github_repository_installation_id_fkey" FOREIGN KEY ("installation_id") REFERENCES "github_installation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Deliveries that were taken: each counts once.
CREATE TABLE "github_delivery" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "github_delivery_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "github_delivery_at_idx" ON "github_delivery" ("at");

ALTER TABLE "code_repository" ADD COLUMN "github_installation_id" UUID;
ALTER TABLE "code_repository" ADD COLUMN "github_number" BIGINT;
ALTER TABLE "code_repository" ADD COLUMN "github_name" TEXT;
ALTER TABLE "code_repository" ADD CONSTRAINT "code_repository_github" CHECK (num_nonnulls("github_installation_id", "github_number", "github_name") IN (0, 3));
ALTER TABLE "code_repository" ADD CONSTRAINT "code_repository_one_way_in" CHECK ("token" IS NULL OR "github_number" IS NULL);
ALTER TABLE "code_repository" ADD CONSTRAINT "code_repository_github_installation_id_fkey" FOREIGN KEY ("github_installation_id") REFERENCES "github_installation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "code_entry" ADD COLUMN "pull_number" INTEGER;
ALTER TABLE "code_entry" ADD COLUMN "pull_url" TEXT;
ALTER TABLE "code_entry" ADD CONSTRAINT "code_entry_pull" CHECK (num_nonnulls("pull_number", "pull_url") IN (0, 2));
