-- Who has an interest in a contest: the owners of its participants, and whoever was in a team with one of them while the
-- pool stood. Who leaves a team is remembered, so that leaving it after the announcement changes nothing.

CREATE TABLE "team_member_past" (
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,
    "left_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "team_member_past_pkey" PRIMARY KEY ("team_id", "user_id", "left_at")
);
CREATE INDEX "team_member_past_user_id_left_at_idx" ON "team_member_past" ("user_id", "left_at");
ALTER TABLE "team_member_past" ADD CONSTRAINT "team_member_past_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "team_member_past" ADD CONSTRAINT "team_member_past_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Few pools stand at a time; who joins a team asks for them.
CREATE INDEX "bet_pool_standing" ON "bet_pool" ("contest_id") WHERE "status" IN ('OPEN', 'LOCKED');

-- Who was in a team, from when to when.
CREATE VIEW team_membership AS
  SELECT team_id, user_id, joined_at, 'infinity'::timestamptz AS left_at FROM team_member
  UNION ALL SELECT team_id, user_id, joined_at, left_at FROM team_member_past;

-- Whoever has an interest in a contest that has a pool, from its announcement until it was shared out.
CREATE FUNCTION interested_in(on_contest uuid) RETURNS TABLE (user_id uuid) LANGUAGE sql STABLE AS $$
  SELECT b.owner_id FROM contest_participant p JOIN bot b ON b.id = p.bot_id WHERE p.contest_id = on_contest
  UNION ALL
  SELECT mate.user_id
  FROM bet_pool pool
  JOIN contest_participant p ON p.contest_id = pool.contest_id
  JOIN bot b ON b.id = p.bot_id
  JOIN team_membership owner ON owner.user_id = b.owner_id
  JOIN team_membership mate ON mate.team_id = owner.team_id
  WHERE pool.contest_id = on_contest
    AND least(owner.left_at, mate.left_at) > greatest(owner.joined_at, mate.joined_at, pool.opened_at)
    AND greatest(owner.joined_at, mate.joined_at) <= coalesce(pool.ended_at, 'infinity')
$$;

-- Who may not bet on a contest.
CREATE OR REPLACE FUNCTION has_interest(on_contest uuid, bettor uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM interested_in(on_contest) i WHERE i.user_id = bettor)
$$;

-- Who came to have an interest at the very instant of the bet is found when the pool ends: those bets are given back, and the
-- others share the rest as if they had not been.
DROP FUNCTION settle_pool(uuid, uuid, timestamptz, int);
CREATE FUNCTION settle_pool(on_contest uuid, journal_id uuid, at timestamptz, rake_percent int,
  OUT outcome text, OUT total numeric, OUT rake numeric, OUT winner uuid, OUT reason text, OUT conflicted uuid[], OUT given_back numeric
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  ended bet_pool%ROWTYPE; result text; typename text; winners int; shared numeric; backed numeric; paid numeric; posted text;
  accounts text[]; subjects uuid[]; amounts numeric[]; interested uuid[];
BEGIN
  PERFORM pg_advisory_xact_lock(pool_lock(on_contest));
  SELECT * INTO ended FROM bet_pool WHERE contest_id = on_contest;
  IF NOT FOUND OR ended.status IN ('SETTLED', 'REFUNDED') THEN outcome := 'NOTHING'; RETURN; END IF;
  SELECT status, CASE ladder WHEN 'QUAKE' THEN 'Match' WHEN 'CODE' THEN 'CodeBattle' ELSE 'Fight' END
    INTO result, typename FROM contest WHERE id = on_contest;
  IF result NOT IN ('COMPLETED', 'VOIDED', 'CANCELLED') THEN outcome := 'NOTHING'; RETURN; END IF;

  SELECT count(*), min(bot_id::text)::uuid INTO winners, winner FROM contest_participant WHERE contest_id = on_contest AND placement = 1;
  interested := ARRAY(SELECT i.user_id FROM interested_in(on_contest) i);
  SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE bot_id = winner AND user_id <> ALL(interested)), 0),
         coalesce(sum(amount) FILTER (WHERE user_id = ANY(interested)), 0), array_agg(DISTINCT user_id) FILTER (WHERE user_id = ANY(interested))
    INTO total, backed, given_back, conflicted FROM bet WHERE contest_id = on_contest;
  shared := total - given_back;
  reason := CASE
    WHEN total = 0 THEN 'NO_BETS'
    WHEN ended.status = 'OPEN' THEN 'NEVER_CLOSED'
    WHEN result <> 'COMPLETED' THEN 'NO_RESULT'
    WHEN winners <> 1 THEN 'DRAW'
    WHEN backed = 0 THEN 'NOBODY_WON'
    WHEN backed = shared THEN 'ONE_SIDED'
  END;
  outcome := CASE WHEN reason IS NULL THEN 'SETTLED' ELSE 'REFUNDED' END;
  IF outcome = 'REFUNDED' THEN
    winner := NULL;
    rake := 0;
    UPDATE bet SET status = 'REFUNDED', payout = amount WHERE contest_id = on_contest;
  ELSE
    rake := div(shared * rake_percent, 100);
    UPDATE bet SET
      status = CASE WHEN user_id = ANY(interested) THEN 'REFUNDED' WHEN bot_id = settle_pool.winner THEN 'WON' ELSE 'LOST' END,
      payout = CASE WHEN user_id = ANY(interested) THEN amount
                    WHEN bot_id = settle_pool.winner THEN div((shared - settle_pool.rake) * amount, backed) ELSE 0 END
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
