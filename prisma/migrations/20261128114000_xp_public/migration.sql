-- What strangers see of statistics and recommendations where an owner shows them: of contests the rated ones, of work what
-- others asked for. The other rollups count what was reported and what owners asked of themselves, too.
CREATE TABLE "xp_public_day" (
    "bot_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "tries" INTEGER NOT NULL,
    "successes" INTEGER NOT NULL,
    "wins" INTEGER NOT NULL,
    "draws" INTEGER NOT NULL,
    "losses" INTEGER NOT NULL,
    "quality_sum" INTEGER NOT NULL,
    "quality_count" INTEGER NOT NULL,
    "hours" INTEGER[] NOT NULL,
    "complexities" INTEGER[] NOT NULL,
    "durations" INTEGER[] NOT NULL,

    CONSTRAINT "xp_public_day_pkey" PRIMARY KEY ("bot_id", "day")
);
CREATE TABLE "xp_public_skill" (
    "bot_id" UUID NOT NULL,
    "skill" TEXT NOT NULL,
    "xp" INTEGER NOT NULL,
    "tries" INTEGER NOT NULL,
    "successes" INTEGER NOT NULL,
    "quality_sum" INTEGER NOT NULL,
    "quality_count" INTEGER NOT NULL,
    "duration_sum" BIGINT NOT NULL,
    "duration_count" INTEGER NOT NULL,

    CONSTRAINT "xp_public_skill_pkey" PRIMARY KEY ("bot_id", "skill")
);
CREATE INDEX "xp_public_skill_skill_xp_idx" ON "xp_public_skill" ("skill", "xp" DESC);

-- What was counted before: all of it is in the events. A contest that was taken back is one with its opposite.
WITH seen AS (
  SELECT e.*, (e.occurred_at AT TIME ZONE 'UTC')::date AS day, CASE e.kind WHEN 'CONTEST_VOIDED' THEN -1 ELSE 1 END AS sign,
         e.kind IN ('TASK_COMPLETION', 'ERROR_RESOLUTION') AS work, extract(hour FROM e.occurred_at AT TIME ZONE 'UTC')::int + 1 AS hour,
         CASE WHEN e.duration_ms < 100 THEN 1 ELSE LEAST(48, 2 + floor(2 * log(2.0, e.duration_ms / 100.0)))::int END AS place,
         array_position(ARRAY['SIMPLE', 'MEDIUM', 'COMPLEX', 'EXPERT'], e.complexity) AS hard
  FROM xp_event e WHERE e.publicly
), counted AS (
  SELECT bot_id, day, 'hours' AS what, hour AS place, sum(sign)::int AS n FROM seen GROUP BY 1, 2, 4
  UNION ALL SELECT bot_id, day, 'complexities', hard, count(*)::int FROM seen WHERE hard IS NOT NULL GROUP BY 1, 2, 4
  UNION ALL SELECT bot_id, day, 'durations', place, count(*)::int FROM seen WHERE duration_ms IS NOT NULL GROUP BY 1, 2, 4
), filled AS (
  SELECT d.bot_id, d.day, s.what, array_agg(COALESCE(c.n, 0) ORDER BY p.place) AS counts
  FROM (SELECT DISTINCT bot_id, day FROM seen) d CROSS JOIN (VALUES ('hours', 24), ('complexities', 4), ('durations', 48)) s(what, size)
  CROSS JOIN LATERAL generate_series(1, s.size) p(place)
  LEFT JOIN counted c ON c.bot_id = d.bot_id AND c.day = d.day AND c.what = s.what AND c.place = p.place
  GROUP BY 1, 2, 3
)
INSERT INTO xp_public_day
SELECT bot_id, day, count(*) FILTER (WHERE work), count(*) FILTER (WHERE work AND success),
       COALESCE(sum(sign) FILTER (WHERE result = 'WIN'), 0), COALESCE(sum(sign) FILTER (WHERE result = 'DRAW'), 0), COALESCE(sum(sign) FILTER (WHERE result = 'LOSS'), 0),
       COALESCE(sum(sign * quality), 0), COALESCE(sum(sign) FILTER (WHERE quality IS NOT NULL), 0),
       (SELECT f.counts FROM filled f WHERE f.bot_id = s.bot_id AND f.day = s.day AND f.what = 'hours'),
       (SELECT f.counts FROM filled f WHERE f.bot_id = s.bot_id AND f.day = s.day AND f.what = 'complexities'),
       (SELECT f.counts FROM filled f WHERE f.bot_id = s.bot_id AND f.day = s.day AND f.what = 'durations')
FROM seen s GROUP BY bot_id, day;

INSERT INTO xp_public_skill
SELECT e.bot_id, k, sum(e.added), count(*), count(*) FILTER (WHERE e.success), COALESCE(sum(e.quality), 0), count(e.quality),
       COALESCE(sum(e.duration_ms), 0), count(e.duration_ms)
FROM xp_event e, unnest(e.skills) k WHERE e.publicly GROUP BY 1, 2;
