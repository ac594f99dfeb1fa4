-- What strangers see of achievements: reached by what counts publicly alone, so that nothing private can be read from them.
ALTER TABLE "xp_user" ADD COLUMN "public_counters" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "xp_use" ADD COLUMN "public_uses" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "public_successes" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "xp_achievement" ADD COLUMN "public_at" TIMESTAMPTZ(3);

-- What was counted before: all of it is in the events. A contest that was taken back is one with its opposite.
WITH known AS (
  SELECT p.user_id, e.bot_id, sum(e.sign) AS uses, sum(e.sign) FILTER (WHERE e.success) AS successes
  FROM (SELECT *, CASE kind WHEN 'CONTEST_VOIDED' THEN -1 ELSE 1 END AS sign FROM xp_event WHERE publicly) e
  CROSS JOIN LATERAL (SELECT e.owner_id AS user_id UNION SELECT e.requester_id WHERE e.requester_id IS NOT NULL) p GROUP BY 1, 2
)
UPDATE xp_use u SET public_uses = GREATEST(0, k.uses), public_successes = GREATEST(0, COALESCE(k.successes, 0))
FROM known k WHERE k.user_id = u.user_id AND k.bot_id = u.bot_id;

-- What ladders count (`wins:PIT`) was public before; attempts are in no event, so that what was fast is told by its time alone.
UPDATE xp_user u SET public_counters = jsonb_strip_nulls(
  COALESCE((SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each(u.counters) c WHERE strpos(c.key, ':') > 0), '{}')
  || (SELECT jsonb_build_object('tasks', count(*), 'errors', count(*) FILTER (WHERE kind = 'ERROR_RESOLUTION'),
        'fast', count(*) FILTER (WHERE duration_ms < 30000), 'fine', count(*) FILTER (WHERE quality >= 950))
      FROM xp_event e WHERE e.owner_id = u.user_id AND e.publicly AND e.success AND e.kind IN ('TASK_COMPLETION', 'ERROR_RESOLUTION'))
  || (SELECT jsonb_build_object('bots', count(*) FILTER (WHERE public_uses > 0), 'goodBots', count(*) FILTER (WHERE public_successes > 0)) FROM xp_use x WHERE x.user_id = u.user_id)
  || (SELECT jsonb_build_object('bestBotLevel', floor((50 + sqrt(2500 + 200.0 * max(b.public_xp))) / 100)::int) FROM xp_bot b WHERE b.owner_id = u.user_id)
);

UPDATE xp_achievement a SET public_at = a.at FROM xp_user u
WHERE u.user_id = a.user_id AND (
  a.key ~ '_(FIRST_BLOOD|TEN_WINS|GIANT_SLAYER|UNSTOPPABLE|CHAMPION)$'
  OR EXISTS (
    SELECT FROM (VALUES ('FIRST_STEPS', 'tasks', 1), ('CENTURION', 'tasks', 100), ('AGENT_EXPLORER', 'bots', 5), ('AGENT_WHISPERER', 'goodBots', 20),
      ('SPEED_DEMON', 'fast', 10), ('QUALITY_MASTER', 'fine', 20), ('BUG_HUNTER', 'errors', 25), ('ELITE_TRAINER', 'bestBotLevel', 5)) c(key, counter, target)
    WHERE c.key = a.key AND (u.public_counters ->> c.counter)::int >= c.target
  )
);
