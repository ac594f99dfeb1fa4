import { statement } from "../../platform/statement.ts";

/** Holds a contest as it is for the rest of the transaction, so that it cannot be voided meanwhile; no row where it is not completed. */
export const keepCompleted = statement(
  "xp.keep-completed",
  `SELECT id FROM contest WHERE id = $1 AND status = 'COMPLETED' FOR SHARE`,
  { id: "uuid" },
);

/** What a contest that is void had given, by bot. Ratings before it stand as they stood; the result is the event's. */
export const givenByVoided = statement(
  "xp.given-by-voided",
  `SELECT c.ladder, e.bot_id, e.owner_id, e.computed, e.added, e.publicly, e.result, e.quality, e.occurred_at,
          COALESCE((SELECT round(avg(COALESCE(o.rating_before, 1000))) FROM contest_participant o WHERE o.contest_id = c.id AND o.bot_id <> p.bot_id), 1000)::int4
            - COALESCE(p.rating_before, 1000) AS advantage
   FROM contest c JOIN contest_participant p ON p.contest_id = c.id
   JOIN xp_event e ON e.source = 'contest' AND e.external_id = c.id || ':' || p.bot_id
   WHERE c.id = $1 AND c.status = 'VOIDED' ORDER BY e.bot_id`,
  {
    ladder: "text",
    bot_id: "uuid",
    owner_id: "uuid",
    computed: "int4",
    added: "int4",
    publicly: "bool",
    result: "text",
    quality: "int4?",
    occurred_at: "timestamptz",
    advantage: "int4",
  },
);

/**
 * What a person's ($1) contests on a ladder ($2) are without those that are void: rated wins in a row of a bot ($3) now, of any
 * bot ever; and the XP of the best other bot.
 */
export const leftWithout = statement(
  "xp.left-without",
  `WITH bout AS (
     SELECT e.bot_id, e.result = 'WIN' AS won, count(*) FILTER (WHERE e.result <> 'WIN') OVER (PARTITION BY e.bot_id ORDER BY e.id) AS breaks
     FROM xp_event e JOIN contest c ON c.id = split_part(e.external_id, ':', 1)::uuid
     WHERE e.owner_id = $1 AND e.source = 'contest' AND e.publicly AND c.ladder = $2 AND c.status = 'COMPLETED'
   ), run AS (
     SELECT bot_id, breaks, count(*) FILTER (WHERE won) AS wins FROM bout GROUP BY bot_id, breaks
   )
   SELECT COALESCE((SELECT wins FROM run WHERE bot_id = $3 ORDER BY breaks DESC LIMIT 1), 0)::int4 AS running,
          COALESCE((SELECT max(wins) FROM run), 0)::int4 AS longest,
          COALESCE((SELECT max(xp) FROM xp_bot WHERE owner_id = $1 AND bot_id <> $3), 0)::int4 AS best_other,
          COALESCE((SELECT max(public_xp) FROM xp_bot WHERE owner_id = $1 AND bot_id <> $3), 0)::int4 AS best_public_other`,
  { running: "int4", longest: "int4", best_other: "int4", best_public_other: "int4" },
);

/** One statement for what is taken back, the mirror of `xp.write`. $1 the event with what it lowers, $2 the appends, $3 when. */
export const writeTakenBack = statement(
  "xp.take-back",
  `WITH e AS (
     SELECT * FROM json_to_record($1::json) AS e(id uuid, external_id text, bot_id uuid, owner_id uuid, result text, quality int, computed int, added int,
       publicly boolean, success boolean, occurred_at timestamptz, hour int, xp int, public_xp int, contest_xp int, runs jsonb,
       owner_xp int, owner_public_xp int, owner_contest_xp int, counters jsonb, public_counters jsonb, lost text[], public_added int)
   ), event AS (
     INSERT INTO xp_event (id, source, external_id, bot_id, owner_id, origin, kind, success, result, quality, custom, skills, bonuses, computed, added,
       publicly, occurred_at, recorded_at)
     SELECT id, 'contest-voided', external_id, bot_id, owner_id, 'OBSERVED', 'CONTEST_VOIDED', success, result, quality, 100, '{}', '{}', -computed, -added,
       publicly, occurred_at, $3 FROM e
   ), bot AS (
     UPDATE xp_bot b SET xp = e.xp, public_xp = e.public_xp, contest_xp = e.contest_xp, runs = e.runs,
       board_xp = board_xp_of((SELECT u.profile FROM xp_user u WHERE u.user_id = b.owner_id), e.public_xp, e.contest_xp)
     FROM e WHERE b.bot_id = e.bot_id
   ), person AS (
     UPDATE xp_user u SET xp = e.owner_xp, public_xp = e.owner_public_xp, contest_xp = e.owner_contest_xp, counters = e.counters, public_counters = e.public_counters,
       board_xp = board_xp_of(u.profile, e.owner_public_xp, e.owner_contest_xp)
     FROM e WHERE u.user_id = e.owner_id
   ), unused AS (
     DELETE FROM xp_use x USING e WHERE x.user_id = e.owner_id AND x.bot_id = e.bot_id AND x.uses <= 1
   ), used AS (
     UPDATE xp_use x SET uses = x.uses - 1, successes = x.successes - e.success::int,
       public_uses = x.public_uses - e.publicly::int, public_successes = x.public_successes - (e.publicly AND e.success)::int FROM e WHERE x.user_id = e.owner_id AND x.bot_id = e.bot_id AND x.uses > 1
   ), lost AS (
     DELETE FROM xp_achievement a USING e WHERE a.user_id = e.owner_id AND a.key = ANY(e.lost)
   ), day AS (
     UPDATE xp_day d SET xp = d.xp - e.added, public_xp = d.public_xp - e.public_added, contest_xp = d.contest_xp - e.public_added,
       wins = d.wins - (e.result = 'WIN')::int, draws = d.draws - (e.result = 'DRAW')::int, losses = d.losses - (e.result = 'LOSS')::int,
       quality_sum = d.quality_sum - COALESCE(e.quality, 0), quality_count = d.quality_count - (e.quality IS NOT NULL)::int, hours = one_less(d.hours, e.hour)
     FROM e WHERE d.bot_id = e.bot_id AND d.day = (e.occurred_at AT TIME ZONE 'UTC')::date
   ), public_day AS (
     UPDATE xp_public_day d SET wins = d.wins - (e.result = 'WIN')::int, draws = d.draws - (e.result = 'DRAW')::int, losses = d.losses - (e.result = 'LOSS')::int,
       quality_sum = d.quality_sum - COALESCE(e.quality, 0), quality_count = d.quality_count - (e.quality IS NOT NULL)::int, hours = one_less(d.hours, e.hour)
     FROM e WHERE e.publicly AND d.bot_id = e.bot_id AND d.day = (e.occurred_at AT TIME ZONE 'UTC')::date
   ), days AS (
     UPDATE xp_user_day d SET xp = d.xp - e.added, public_xp = d.public_xp - e.public_added, contest_xp = d.contest_xp - e.public_added
     FROM e WHERE d.user_id = e.owner_id AND d.day = (e.occurred_at AT TIME ZONE 'UTC')::date
   )
   SELECT stream, seq, hash FROM append_events($2::json, $3::timestamptz)`,
  { stream: "text", seq: "int4", hash: "bytea?" },
);
