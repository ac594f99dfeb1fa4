-- Side bets: one pool a contest, whose totals are sums of its bets, so that no row is hot.

CREATE TABLE "bet_pool" (
    "contest_id" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "exhibition" BOOLEAN NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closes_at" TIMESTAMPTZ(3) NOT NULL,
    "locked_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "winner_id" UUID,
    "rake" DECIMAL(78,0) NOT NULL DEFAULT 0,
    "refund_reason" TEXT,

    CONSTRAINT "bet_pool_pkey" PRIMARY KEY ("contest_id"),
    CONSTRAINT "bet_pool_status" CHECK ("status" IN ('OPEN', 'LOCKED', 'SETTLED', 'REFUNDED')),
    CONSTRAINT "bet_pool_ended" CHECK (("ended_at" IS NOT NULL) = ("status" IN ('SETTLED', 'REFUNDED'))),
    CONSTRAINT "bet_pool_refunded" CHECK (("refund_reason" IS NOT NULL) = ("status" = 'REFUNDED'))
);

CREATE TABLE "bet" (
    "id" UUID NOT NULL,
    "contest_id" UUID NOT NULL,
    "bot_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "amount" DECIMAL(78,0) NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "payout" DECIMAL(78,0),
    "placed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bet_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "bet_amount" CHECK ("amount" > 0),
    CONSTRAINT "bet_status" CHECK ("status" IN ('ACTIVE', 'WON', 'LOST', 'REFUNDED')),
    CONSTRAINT "bet_payout" CHECK (("payout" IS NULL) = ("status" = 'ACTIVE'))
);

CREATE INDEX "bet_contest" ON "bet" ("contest_id", "bot_id") INCLUDE ("amount", "placed_at");
CREATE INDEX "bet_user" ON "bet" ("user_id", "id" DESC) INCLUDE ("placed_at");

ALTER TABLE "bet_pool" ADD CONSTRAINT "bet_pool_contest_id_fkey" FOREIGN KEY ("contest_id") REFERENCES "contest"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "bet" ADD CONSTRAINT "bet_contest_id_fkey" FOREIGN KEY ("contest_id") REFERENCES "bet_pool"("contest_id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "bet" ADD CONSTRAINT "bet_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "bet" ADD CONSTRAINT "bet_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- The lock of a pool, until the transaction's end: bets share it, whoever closes or empties the pool has it alone. Whoever
-- asks for it waits in line. A row lock would not do: a bet that comes later takes FOR SHARE past a close that waits, and
-- under a steady rush the close would never come.
CREATE FUNCTION pool_lock(on_contest uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtextextended('pool:' || on_contest, 0)
$$;

-- A bet in one statement. It shares the pool's lock, so that whoever closes the pool waits for bets that are under way and
-- none commits after the close; the bettor's balance row is held before its bets are counted, so that the count holds.
CREATE FUNCTION place_bet(
  bet_id uuid, journal_id uuid, on_contest uuid, backed uuid, bettor uuid, stake numeric, at timestamptz,
  exhibition_max numeric, per_minute_max int, OUT outcome text, OUT retry_after_ms int
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  open_pool bet_pool%ROWTYPE; recent int; oldest timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(pool_lock(on_contest));
  SELECT * INTO open_pool FROM bet_pool WHERE contest_id = on_contest;
  IF NOT FOUND THEN outcome := 'NO_POOL'; RETURN; END IF;
  IF open_pool.status <> 'OPEN' THEN outcome := 'POOL_CLOSED'; RETURN; END IF;
  IF NOT EXISTS (SELECT FROM contest_participant p WHERE p.contest_id = on_contest AND p.bot_id = backed) THEN
    outcome := 'NOT_A_PARTICIPANT'; RETURN;
  END IF;
  IF has_interest(on_contest, bettor) THEN outcome := 'CONFLICT_OF_INTEREST'; RETURN; END IF;
  IF open_pool.exhibition AND stake > exhibition_max THEN outcome := 'BET_TOO_LARGE'; RETURN; END IF;

  PERFORM FROM user_balance WHERE account = 'user:available' AND user_id = bettor FOR NO KEY UPDATE;
  SELECT count(*), min(placed_at) INTO recent, oldest
    FROM (SELECT placed_at FROM bet WHERE user_id = bettor ORDER BY id DESC LIMIT per_minute_max) last
    WHERE placed_at > place_bet.at - interval '1 minute';
  IF recent >= per_minute_max THEN
    outcome := 'RATE_LIMITED';
    retry_after_ms := ceil(extract(epoch FROM oldest + interval '1 minute' - place_bet.at) * 1000);
    RETURN;
  END IF;

  SELECT posted.outcome INTO outcome FROM ledger_post(
    place_bet.journal_id, 'BET', 'Bet:' || bet_id, 'bet:' || bet_id, NULL, NULL, place_bet.at,
    ARRAY['user:available', 'pool'], ARRAY[bettor, on_contest], ARRAY[-stake, stake]) posted;
  IF outcome = 'POSTED' THEN
    INSERT INTO bet (id, contest_id, bot_id, user_id, amount, placed_at) VALUES (bet_id, on_contest, backed, bettor, stake, place_bet.at);
    outcome := 'PLACED';
  END IF;
END $$;

-- Who may not bet on a contest: the owners of its participants.
CREATE FUNCTION has_interest(on_contest uuid, bettor uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM contest_participant p JOIN bot b ON b.id = p.bot_id WHERE p.contest_id = on_contest AND b.owner_id = bettor)
$$;

-- Closes an open pool; false when there is none. What lies in it holds from then on.
CREATE FUNCTION close_pool(on_contest uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(pool_lock(on_contest));
  UPDATE bet_pool SET status = 'LOCKED', locked_at = close_pool.at WHERE contest_id = on_contest AND status = 'OPEN';
  RETURN FOUND;
END $$;

-- Ends a pool whose contest has ended, once, whoever asks how often: the pool's lock says so. The winner's backers share
-- what is left after the rake in proportion, rounded down, and the house keeps the rest; where there is nothing to share,
-- everybody gets the own bet back. All bets, postings and balances in a handful of set-based statements.
CREATE FUNCTION settle_pool(on_contest uuid, journal_id uuid, at timestamptz, rake_percent int,
  OUT outcome text, OUT total numeric, OUT rake numeric, OUT winner uuid, OUT reason text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  ended bet_pool%ROWTYPE; result text; typename text; winners int; backed numeric; paid numeric; posted text; accounts text[]; subjects uuid[]; amounts numeric[];
BEGIN
  PERFORM pg_advisory_xact_lock(pool_lock(on_contest));
  SELECT * INTO ended FROM bet_pool WHERE contest_id = on_contest;
  IF NOT FOUND OR ended.status IN ('SETTLED', 'REFUNDED') THEN outcome := 'NOTHING'; RETURN; END IF;
  SELECT status, CASE ladder WHEN 'QUAKE' THEN 'Match' WHEN 'CODE' THEN 'CodeBattle' ELSE 'Fight' END
    INTO result, typename FROM contest WHERE id = on_contest;
  IF result NOT IN ('COMPLETED', 'VOIDED', 'CANCELLED') THEN outcome := 'NOTHING'; RETURN; END IF;

  SELECT count(*), min(bot_id::text)::uuid INTO winners, winner FROM contest_participant WHERE contest_id = on_contest AND placement = 1;
  SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE bot_id = winner), 0)
    INTO total, backed FROM bet WHERE contest_id = on_contest;
  reason := CASE
    WHEN total = 0 THEN 'NO_BETS'
    WHEN ended.status = 'OPEN' THEN 'NEVER_CLOSED'
    WHEN result <> 'COMPLETED' THEN 'NO_RESULT'
    WHEN winners <> 1 THEN 'DRAW'
    WHEN backed = 0 THEN 'NOBODY_WON'
    WHEN (SELECT count(DISTINCT bot_id) FROM bet WHERE contest_id = on_contest) = 1 THEN 'ONE_SIDED'
  END;
  outcome := CASE WHEN reason IS NULL THEN 'SETTLED' ELSE 'REFUNDED' END;
  IF outcome = 'REFUNDED' THEN
    winner := NULL;
    rake := 0;
    UPDATE bet SET status = 'REFUNDED', payout = amount WHERE contest_id = on_contest;
  ELSE
    rake := div(total * rake_percent, 100);
    UPDATE bet SET status = CASE WHEN bot_id = settle_pool.winner THEN 'WON' ELSE 'LOST' END,
                   payout = CASE WHEN bot_id = settle_pool.winner THEN div((settle_pool.total - settle_pool.rake) * amount, backed) ELSE 0 END
      WHERE contest_id = on_contest;
    SELECT sum(payout) INTO paid FROM bet WHERE contest_id = on_contest;
    rake := total - paid;
  END IF;
  IF total > 0 THEN
    SELECT array_agg(account), array_agg(subject), array_agg(moved) INTO accounts, subjects, amounts FROM (
      SELECT 'user:available' AS account, user_id AS subject, sum(payout) AS moved FROM bet WHERE contest_id = on_contest AND payout > 0 GROUP BY user_id
      UNION ALL SELECT 'pool', on_contest, -settle_pool.total
      UNION ALL SELECT 'house:rake', '00000000-0000-0000-0000-000000000000', settle_pool.rake WHERE settle_pool.rake > 0) moves;
    SELECT p.outcome INTO posted FROM ledger_post(
      settle_pool.journal_id, CASE WHEN reason IS NULL THEN 'POOL_SETTLED' ELSE 'BET_REFUNDED' END, typename || ':' || on_contest,
      'pool:' || on_contest || ':emptied', NULL, NULL, settle_pool.at, accounts, subjects, amounts) p;
    IF posted <> 'POSTED' THEN
      RAISE EXCEPTION 'the pool of contest % was emptied before', on_contest USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  UPDATE bet_pool SET status = settle_pool.outcome, ended_at = settle_pool.at, winner_id = settle_pool.winner,
    rake = settle_pool.rake, refund_reason = settle_pool.reason WHERE contest_id = on_contest;
END $$;
