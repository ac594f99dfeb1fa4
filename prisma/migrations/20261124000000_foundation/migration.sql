-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "bot" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "character" TEXT NOT NULL DEFAULT 'RONIN',
    "skills_markdown" TEXT NOT NULL DEFAULT '',
    "capabilities" TEXT[],
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "house_policy" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "archived_at" TIMESTAMPTZ(3),
    "suspended_at" TIMESTAMPTZ(3),

    CONSTRAINT "bot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_presence" (
    "bot_id" UUID NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bot_presence_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "fight" (
    "id" UUID NOT NULL,
    "rules" TEXT NOT NULL,
    "sealed" BOOLEAN NOT NULL DEFAULT false,
    "wager" DECIMAL(78,0) NOT NULL DEFAULT 0,
    "phase" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "deadline_at" TIMESTAMPTZ(3),
    "winner_id" UUID,
    "end_reason" TEXT,

    CONSTRAINT "fight_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "email" TEXT,
    "password_hash" TEXT,
    "operator" BOOLEAN NOT NULL DEFAULT false,
    "suspended_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "wallet" (
    "id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "linked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "wallet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "device" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "siwe_nonce" (
    "nonce" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "siwe_nonce_pkey" PRIMARY KEY ("nonce")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "bot_id" UUID,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "key_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "socket_ticket" (
    "ticket_hash" BYTEA NOT NULL,
    "session_id" UUID,
    "api_key_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "socket_ticket_pkey" PRIMARY KEY ("ticket_hash")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_id" UUID,
    "principal" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "reason" TEXT,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rating" (
    "ladder" TEXT NOT NULL,
    "bot_id" UUID NOT NULL,
    "elo" INTEGER NOT NULL DEFAULT 1000,
    "mu" DOUBLE PRECISION NOT NULL DEFAULT 25,
    "sigma" DOUBLE PRECISION NOT NULL DEFAULT 8.333333333333334,
    "games" INTEGER NOT NULL DEFAULT 0,
    "wins" INTEGER NOT NULL DEFAULT 0,
    "draws" INTEGER NOT NULL DEFAULT 0,
    "losses" INTEGER NOT NULL DEFAULT 0,
    "rated_games" INTEGER NOT NULL DEFAULT 0,
    "peak" INTEGER NOT NULL DEFAULT 1000,
    "streak" INTEGER NOT NULL DEFAULT 0,
    "on_board" BOOLEAN NOT NULL DEFAULT false,
    "last_rated_at" TIMESTAMPTZ(3),

    CONSTRAINT "rating_pkey" PRIMARY KEY ("ladder","bot_id")
);

-- CreateTable
CREATE TABLE "rating_history" (
    "contest_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "ladder" TEXT NOT NULL,
    "elo_before" INTEGER NOT NULL,
    "elo_after" INTEGER NOT NULL,
    "mu_before" DOUBLE PRECISION NOT NULL,
    "mu_after" DOUBLE PRECISION NOT NULL,
    "sigma_before" DOUBLE PRECISION NOT NULL,
    "sigma_after" DOUBLE PRECISION NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rating_history_pkey" PRIMARY KEY ("contest_id","bot_id","kind")
);

-- CreateTable
CREATE TABLE "rating_histogram" (
    "ladder" TEXT NOT NULL,
    "elo" INTEGER NOT NULL,
    "bots" INTEGER NOT NULL,

    CONSTRAINT "rating_histogram_pkey" PRIMARY KEY ("ladder","elo")
);

-- CreateTable
CREATE TABLE "season_rating" (
    "ladder" TEXT NOT NULL,
    "season" TEXT NOT NULL,
    "bot_id" UUID NOT NULL,
    "elo_gained" INTEGER NOT NULL DEFAULT 0,
    "games" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "season_rating_pkey" PRIMARY KEY ("ladder","season","bot_id")
);

-- CreateTable
CREATE TABLE "queue_entry" (
    "id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "ladder" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'WAITING',
    "sealed" BOOLEAN NOT NULL DEFAULT false,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "contest_id" UUID,

    CONSTRAINT "queue_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contest" (
    "id" UUID NOT NULL,
    "ladder" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "rated" BOOLEAN NOT NULL,
    "seed_hash" BYTEA NOT NULL,
    "seed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "void_reason" TEXT,

    CONSTRAINT "contest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contest_participant" (
    "contest_id" UUID NOT NULL,
    "side" INTEGER NOT NULL,
    "bot_id" UUID NOT NULL,
    "ladder" TEXT NOT NULL,
    "character" TEXT,
    "placement" INTEGER,
    "rating_before" INTEGER,
    "rating_after" INTEGER,

    CONSTRAINT "contest_participant_pkey" PRIMARY KEY ("contest_id","side")
);

-- CreateTable
CREATE TABLE "live_participation" (
    "ladder" TEXT NOT NULL,
    "bot_id" UUID NOT NULL,
    "contest_id" UUID NOT NULL,

    CONSTRAINT "live_participation_pkey" PRIMARY KEY ("ladder","bot_id")
);

-- CreateTable
CREATE TABLE "pit_presence" (
    "bot_id" UUID NOT NULL,
    "entered_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pit_presence_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "pit_message" (
    "id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pit_message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pit_mute" (
    "bot_id" UUID NOT NULL,
    "until" TIMESTAMPTZ(3),
    "reason" TEXT NOT NULL,

    CONSTRAINT "pit_mute_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "callout" (
    "id" UUID NOT NULL,
    "challenger_id" UUID NOT NULL,
    "target_id" UUID NOT NULL,
    "ladder" TEXT NOT NULL,
    "wager" DECIMAL(78,0) NOT NULL DEFAULT 0,
    "sealed" BOOLEAN NOT NULL DEFAULT false,
    "message" TEXT,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "fight_id" UUID,

    CONSTRAINT "callout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stream_head" (
    "stream" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "hash" BYTEA,
    "pruned_seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "stream_head_pkey" PRIMARY KEY ("stream")
);

-- CreateTable
CREATE TABLE "stream_event" (
    "stream" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "hash" BYTEA,

    CONSTRAINT "stream_event_pkey" PRIMARY KEY ("stream","seq")
);

-- CreateTable
CREATE TABLE "idempotency_record" (
    "principal" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "input_hash" BYTEA NOT NULL,
    "result" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_record_pkey" PRIMARY KEY ("principal","operation","key")
);

-- CreateTable
CREATE TABLE "lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "fence" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "engine_heartbeat" (
    "node" TEXT NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "engine_heartbeat_pkey" PRIMARY KEY ("node")
);

-- CreateIndex
CREATE INDEX "bot_owner_id_idx" ON "bot"("owner_id");

-- CreateIndex
CREATE INDEX "bot_presence_last_seen_at_idx" ON "bot_presence"("last_seen_at");

-- CreateIndex
CREATE UNIQUE INDEX "wallet_address_key" ON "wallet"("address");

-- CreateIndex
CREATE INDEX "wallet_user_id_idx" ON "wallet"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_hash_key" ON "session"("token_hash");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "siwe_nonce_expires_at_idx" ON "siwe_nonce"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_key_hash_key" ON "api_key"("key_hash");

-- CreateIndex
CREATE INDEX "api_key_user_id_idx" ON "api_key"("user_id");

-- CreateIndex
CREATE INDEX "api_key_bot_id_idx" ON "api_key"("bot_id");

-- CreateIndex
CREATE INDEX "socket_ticket_expires_at_idx" ON "socket_ticket"("expires_at");

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_idx" ON "audit_entry"("actor_id");

-- CreateIndex
CREATE INDEX "audit_entry_subject_idx" ON "audit_entry"("subject");

-- CreateIndex
CREATE INDEX "rating_bot_id_idx" ON "rating"("bot_id");

-- CreateIndex
CREATE INDEX "rating_history_bot_id_ladder_at_idx" ON "rating_history"("bot_id", "ladder", "at" DESC);

-- CreateIndex
CREATE INDEX "season_rating_ladder_season_elo_gained_bot_id_idx" ON "season_rating"("ladder", "season", "elo_gained" DESC, "bot_id");

-- CreateIndex
CREATE INDEX "queue_entry_bot_id_joined_at_idx" ON "queue_entry"("bot_id", "joined_at" DESC);

-- CreateIndex
CREATE INDEX "queue_entry_contest_id_idx" ON "queue_entry"("contest_id");

-- CreateIndex
CREATE INDEX "contest_status_id_idx" ON "contest"("status", "id" DESC);

-- CreateIndex
CREATE INDEX "contest_ladder_id_idx" ON "contest"("ladder", "id" DESC);

-- CreateIndex
CREATE INDEX "contest_participant_bot_id_contest_id_idx" ON "contest_participant"("bot_id", "contest_id" DESC);

-- CreateIndex
CREATE INDEX "contest_participant_bot_id_ladder_contest_id_idx" ON "contest_participant"("bot_id", "ladder", "contest_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "contest_participant_contest_id_bot_id_key" ON "contest_participant"("contest_id", "bot_id");

-- CreateIndex
CREATE INDEX "live_participation_contest_id_idx" ON "live_participation"("contest_id");

-- CreateIndex
CREATE INDEX "live_participation_bot_id_idx" ON "live_participation"("bot_id");

-- CreateIndex
CREATE INDEX "pit_presence_entered_at_idx" ON "pit_presence"("entered_at");

-- CreateIndex
CREATE INDEX "pit_message_at_idx" ON "pit_message"("at");

-- CreateIndex
CREATE INDEX "pit_message_bot_id_idx" ON "pit_message"("bot_id");

-- CreateIndex
CREATE UNIQUE INDEX "callout_fight_id_key" ON "callout"("fight_id");

-- CreateIndex
CREATE INDEX "callout_challenger_id_idx" ON "callout"("challenger_id");

-- CreateIndex
CREATE INDEX "callout_target_id_idx" ON "callout"("target_id");

-- CreateIndex
CREATE INDEX "stream_event_at_idx" ON "stream_event"("at");

-- CreateIndex
CREATE INDEX "idempotency_record_at_idx" ON "idempotency_record"("at");

-- CreateIndex
CREATE INDEX "engine_heartbeat_beat_at_idx" ON "engine_heartbeat"("beat_at");

-- AddForeignKey
ALTER TABLE "bot" ADD CONSTRAINT "bot_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_presence" ADD CONSTRAINT "bot_presence_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fight" ADD CONSTRAINT "fight_id_fkey" FOREIGN KEY ("id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "wallet" ADD CONSTRAINT "wallet_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rating" ADD CONSTRAINT "rating_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rating_history" ADD CONSTRAINT "rating_history_contest_id_fkey" FOREIGN KEY ("contest_id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rating_history" ADD CONSTRAINT "rating_history_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "queue_entry" ADD CONSTRAINT "queue_entry_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "queue_entry" ADD CONSTRAINT "queue_entry_contest_id_fkey" FOREIGN KEY ("contest_id") REFERENCES "contest"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contest_participant" ADD CONSTRAINT "contest_participant_contest_id_fkey" FOREIGN KEY ("contest_id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contest_participant" ADD CONSTRAINT "contest_participant_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "live_participation" ADD CONSTRAINT "live_participation_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "live_participation" ADD CONSTRAINT "live_participation_contest_id_fkey" FOREIGN KEY ("contest_id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pit_presence" ADD CONSTRAINT "pit_presence_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pit_message" ADD CONSTRAINT "pit_message_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "callout" ADD CONSTRAINT "callout_challenger_id_fkey" FOREIGN KEY ("challenger_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "callout" ADD CONSTRAINT "callout_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "callout" ADD CONSTRAINT "callout_fight_id_fkey" FOREIGN KEY ("fight_id") REFERENCES "fight"("id") ON DELETE SET NULL ON UPDATE CASCADE;



-- "At most one" is said by these indexes; their names are what services look for.
CREATE UNIQUE INDEX "app_user_handle_key" ON "app_user" (lower("handle"));
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user" (lower("email"));
CREATE UNIQUE INDEX "bot_name_key" ON "bot" (lower("name"));
CREATE UNIQUE INDEX "queue_entry_waiting" ON "queue_entry" ("bot_id", "ladder") WHERE "status" IN ('WAITING', 'MATCHED');
CREATE INDEX "queue_entry_queue" ON "queue_entry" ("ladder", "mode", "joined_at", "id") WHERE "status" = 'WAITING';
CREATE UNIQUE INDEX "callout_pending" ON "callout" ("challenger_id", "target_id") WHERE "status" = 'PENDING';
CREATE INDEX "callout_expiry" ON "callout" ("expires_at") WHERE "status" = 'PENDING';
CREATE INDEX "fight_deadline" ON "fight" ("deadline_at") WHERE "deadline_at" IS NOT NULL;
CREATE INDEX "rating_board" ON "rating" ("ladder", "elo" DESC, "bot_id") WHERE "on_board";
CREATE INDEX "contest_live" ON "contest" ("ladder", "id" DESC) WHERE "status" IN ('ANNOUNCED', 'LIVE');

-- Rules that no writer may break.
ALTER TABLE "bot" ADD CONSTRAINT "bot_name_form" CHECK ("name" ~ '^[A-Za-z0-9_]{1,15}$');
ALTER TABLE "wallet" ADD CONSTRAINT "wallet_lower_case" CHECK ("address" ~ '^0x[0-9a-f]{40}$');
ALTER TABLE "queue_entry" ADD CONSTRAINT "queue_entry_status" CHECK ("status" IN ('WAITING', 'MATCHED', 'PLAYING', 'DONE', 'LEFT', 'EXPIRED'));
ALTER TABLE "contest" ADD CONSTRAINT "contest_status" CHECK ("status" IN ('ANNOUNCED', 'LIVE', 'COMPLETED', 'VOIDED', 'CANCELLED'));
ALTER TABLE "contest" ADD CONSTRAINT "contest_ended" CHECK (("ended_at" IS NULL) = ("status" IN ('ANNOUNCED', 'LIVE')));
ALTER TABLE "callout" ADD CONSTRAINT "callout_not_oneself" CHECK ("challenger_id" <> "target_id");
ALTER TABLE "fight" ADD CONSTRAINT "fight_wager" CHECK ("wager" >= 0);

-- Appends events to streams in name order. batch: [{ stream, chained, events: [{ type, text }] }].
-- The head row's lock makes numbers gapless; hash(n) = sha256(hash(n-1) || text), hash(0) = sha256('agon:' || stream).
CREATE FUNCTION append_events(batch json, happened_at timestamptz)
RETURNS TABLE (stream text, seq int, hash bytea) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  item json; event json; head stream_head%ROWTYPE; chained boolean;
BEGIN
  FOR item IN SELECT value FROM json_array_elements(batch) ORDER BY value->>'stream' COLLATE "C" LOOP
    chained := (item->>'chained')::boolean;
    INSERT INTO stream_head AS h (stream, seq, hash)
      VALUES (item->>'stream', 0, CASE WHEN chained THEN sha256(convert_to('agon:' || (item->>'stream'), 'UTF8')) END)
      ON CONFLICT (stream) DO UPDATE SET seq = h.seq RETURNING * INTO head;
    FOR event IN SELECT value FROM json_array_elements(item->'events') LOOP
      head.seq := head.seq + 1;
      IF chained THEN
        head.hash := sha256(head.hash || convert_to(event->>'text', 'UTF8'));
      END IF;
      INSERT INTO stream_event (stream, seq, type, payload, at, hash)
        VALUES (head.stream, head.seq, event->>'type', event->>'text', happened_at, head.hash);
      stream := head.stream; seq := head.seq; hash := head.hash;
      RETURN NEXT;
    END LOOP;
    UPDATE stream_head h SET seq = head.seq, hash = head.hash WHERE h.stream = head.stream;
  END LOOP;
END $$;

-- The histogram follows the board. Rows are touched in Elo order, so that two contests ending at once cannot deadlock.
CREATE FUNCTION rating_histogram_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rating_histogram AS h (ladder, elo, bots)
    SELECT ladder, elo, sum(change)::int FROM (
      SELECT ladder, elo, -1 AS change FROM before WHERE on_board
      UNION ALL SELECT ladder, elo, 1 FROM after WHERE on_board
    ) moved GROUP BY ladder, elo HAVING sum(change) <> 0 ORDER BY ladder, elo
    ON CONFLICT (ladder, elo) DO UPDATE SET bots = h.bots + excluded.bots;
  RETURN NULL;
END $$;
CREATE FUNCTION rating_histogram_follow_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rating_histogram AS h (ladder, elo, bots)
    SELECT ladder, elo, count(*)::int FROM after WHERE on_board GROUP BY ladder, elo ORDER BY ladder, elo
    ON CONFLICT (ladder, elo) DO UPDATE SET bots = h.bots + excluded.bots;
  RETURN NULL;
END $$;
CREATE TRIGGER rating_histogram_update AFTER UPDATE ON rating REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION rating_histogram_follow();
CREATE TRIGGER rating_histogram_insert AFTER INSERT ON rating REFERENCING NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION rating_histogram_follow_new();
