import { statement } from "../../platform/statement.ts";

/** $1 the bot, $2 the people, $3 its owner: their rows are there from now on. */
export const ensureRows = statement(
  "xp.ensure",
  `WITH bots AS (
     INSERT INTO xp_bot (bot_id, owner_id) VALUES ($1, $3) ON CONFLICT DO NOTHING
   )
   INSERT INTO xp_user (user_id) SELECT id FROM unnest($2::uuid[]) AS p(id) ORDER BY id ON CONFLICT DO NOTHING`,
  {},
);
/** The bot first, then its people: whoever records of the same bot or person comes after. */
export const lockBot = statement(
  "xp.lock-bot",
  `SELECT xp, public_xp, contest_xp, recent, runs FROM xp_bot WHERE bot_id = $1 FOR NO KEY UPDATE`,
  { xp: "int4", public_xp: "int4", contest_xp: "int4", recent: "jsonb", runs: "jsonb" },
);
export const lockPeople = statement(
  "xp.lock-people",
  `SELECT user_id, xp, public_xp, contest_xp, counters, public_counters FROM xp_user WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE`,
  { user_id: "uuid", xp: "int4", public_xp: "int4", contest_xp: "int4", counters: "jsonb", public_counters: "jsonb" },
);
/** Many bots at once, before their people, each kind in the order of their ids: who records of one of them waits here or comes after. */
export const ensureBots = statement(
  "xp.ensure-bots",
  `INSERT INTO xp_bot (bot_id, owner_id) SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS b(id, owner) ORDER BY id ON CONFLICT DO NOTHING`,
  {},
);
export const lockBots = statement(
  "xp.lock-bots",
  `SELECT bot_id FROM xp_bot WHERE bot_id = ANY($1::uuid[]) ORDER BY bot_id FOR NO KEY UPDATE`,
  { bot_id: "uuid" },
);
export const ensurePeople = statement(
  "xp.ensure-people",
  `INSERT INTO xp_user (user_id) SELECT id FROM unnest($1::uuid[]) AS p(id) ORDER BY id ON CONFLICT DO NOTHING`,
  {},
);

/** What is not in the locked rows, read under their locks: the bot's day, and what each person has of it. */
export const addedOn = statement("xp.added-on", `SELECT xp FROM xp_day WHERE bot_id = $1 AND day = $2::date`, {
  xp: "int4",
});
export const knownOf = statement(
  "xp.known-of",
  `SELECT p.id AS user_id, COALESCE(u.uses, 0) AS uses, COALESCE(u.successes, 0) AS successes,
          COALESCE(u.public_uses, 0) AS public_uses, COALESCE(u.public_successes, 0) AS public_successes,
          ARRAY(SELECT a.key FROM xp_achievement a WHERE a.user_id = p.id) AS unlocked,
          ARRAY(SELECT a.key FROM xp_achievement a WHERE a.user_id = p.id AND a.public_at IS NOT NULL) AS public_unlocked
   FROM unnest($1::uuid[]) AS p(id) LEFT JOIN xp_use u ON u.user_id = p.id AND u.bot_id = $2`,
  {
    user_id: "uuid",
    uses: "int4",
    successes: "int4",
    public_uses: "int4",
    public_successes: "int4",
    unlocked: "_text",
    public_unlocked: "_text",
  },
);
/** The levels of the skills that a bot is about to raise. */
export const skillsBefore = statement(
  "xp.skills-before",
  `SELECT skill, xp FROM xp_skill WHERE bot_id = $1 AND skill = ANY($2::text[])`,
  { skill: "text", xp: "int4" },
);
export const eventOf = statement(
  "xp.event-of",
  `SELECT id, bot_id, computed, added FROM xp_event WHERE source = $1 AND external_id = $2`,
  { id: "uuid", bot_id: "uuid", computed: "int4", added: "int4" },
);

const SIZE = { hours: 24, complexities: 4, durations: 48 };
type Sums = Readonly<Record<string, string>>;
const added = (sums: Sums, to: string) =>
  Object.keys(sums)
    .map((column) => `${column} = ${to}.${column} + excluded.${column}`)
    .join(", ");

/** What an event adds to a bot's skills: all of it to `xp_skill`, what strangers may see to `xp_public_skill`. */
function raiseSkill(table: "xp_skill" | "xp_public_skill", gains: Sums, where: string): string {
  const sums = {
    ...gains,
    tries: "1",
    successes: "e.success::int",
    quality_sum: "COALESCE(e.quality, 0)",
    quality_count: "(e.quality IS NOT NULL)::int",
    duration_sum: "COALESCE(e.duration_ms, 0)",
    duration_count: "(e.duration_ms IS NOT NULL)::int",
  };
  return `INSERT INTO ${table} AS s (bot_id, skill, ${Object.keys(sums).join(", ")})
     SELECT e.bot_id, k, ${Object.values(sums).join(", ")} FROM e, unnest(e.skills) k WHERE ${where}
     ON CONFLICT (bot_id, skill) DO UPDATE SET ${added(sums, "s")}`;
}

/** What an event adds to its day: all of it to `xp_day`, what strangers may see to `xp_public_day`. */
function raiseDay(table: "xp_day" | "xp_public_day", gains: Sums, where: string): string {
  const sums = {
    ...gains,
    tries: "work",
    successes: "CASE WHEN success THEN work ELSE 0 END",
    wins: "COALESCE((result = 'WIN')::int, 0)",
    draws: "COALESCE((result = 'DRAW')::int, 0)",
    losses: "COALESCE((result = 'LOSS')::int, 0)",
    quality_sum: "COALESCE(quality, 0)",
    quality_count: "(quality IS NOT NULL)::int",
  };
  return `INSERT INTO ${table} AS d (bot_id, day, ${Object.keys(sums).join(", ")}, hours, complexities, durations)
     SELECT bot_id, (occurred_at AT TIME ZONE 'UTC')::date, ${Object.values(sums).join(", ")},
       one_more('{}', hour, ${SIZE.hours}), one_more('{}', complexity_place, ${SIZE.complexities}), one_more('{}', duration_place, ${SIZE.durations}) FROM e WHERE ${where}
     ON CONFLICT (bot_id, day) DO UPDATE SET ${added(sums, "d")},
       hours = one_more(d.hours, array_position(excluded.hours, 1), ${SIZE.hours}),
       complexities = one_more(d.complexities, array_position(excluded.complexities, 1), ${SIZE.complexities}),
       durations = one_more(d.durations, array_position(excluded.durations, 1), ${SIZE.durations})`;
}

/**
 * One statement for an event: itself, the bot's and the people's totals, skills, uses, achievements, the day's rollups, and
 * what is told. $1 the event with what it raises, $2 the people, $3 the appends, $4 when.
 */
export const writeEvent = statement(
  "xp.write",
  `WITH e AS (
     SELECT * FROM json_to_record($1::json) AS e(id uuid, source text, external_id text, bot_id uuid, owner_id uuid, requester_id uuid, origin text,
       kind text, success boolean, complexity text, result text, duration_ms int, quality int, custom int, reason text, evidence jsonb, skills text[],
       bonuses text[], computed int, added int, publicly boolean, occurred_at timestamptz, work int, hour int, complexity_place int, duration_place int,
       public_added int, contest_added int, recent jsonb, runs jsonb, project_id uuid)
   ), p AS (
     SELECT * FROM json_to_recordset($2::json) AS p(user_id uuid, xp int, public_xp int, contest_xp int, counters jsonb, unlocked text[],
       public_counters jsonb, public_unlocked text[])
   ), event AS (
     INSERT INTO xp_event (id, source, external_id, bot_id, owner_id, requester_id, origin, kind, success, complexity, result, duration_ms, quality,
       custom, reason, evidence, skills, bonuses, computed, added, publicly, occurred_at, recorded_at, project_id)
     SELECT id, source, external_id, bot_id, owner_id, requester_id, origin, kind, success, complexity, result, duration_ms, quality,
       custom, reason, evidence, skills, bonuses, computed, added, publicly, occurred_at, $4, project_id FROM e
   ), bot AS (
     UPDATE xp_bot b SET xp = b.xp + e.added, public_xp = b.public_xp + e.public_added, contest_xp = b.contest_xp + e.contest_added, recent = e.recent,
       runs = e.runs, owner_id = e.owner_id,
       board_xp = board_xp_of((SELECT u.profile FROM xp_user u WHERE u.user_id = e.owner_id), b.public_xp + e.public_added, b.contest_xp + e.contest_added)
     FROM e WHERE b.bot_id = e.bot_id
   ), person AS (
     UPDATE xp_user u SET xp = p.xp, public_xp = p.public_xp, contest_xp = p.contest_xp, counters = p.counters, public_counters = p.public_counters,
       board_xp = board_xp_of(u.profile, p.public_xp, p.contest_xp)
     FROM p WHERE u.user_id = p.user_id
   ), used AS (
     INSERT INTO xp_use AS x (user_id, bot_id, uses, successes, public_uses, public_successes, last_at)
     SELECT p.user_id, e.bot_id, 1, e.success::int, e.publicly::int, (e.publicly AND e.success)::int, e.occurred_at FROM e, p
     ON CONFLICT (user_id, bot_id) DO UPDATE SET uses = x.uses + 1, successes = x.successes + excluded.successes,
       public_uses = x.public_uses + excluded.public_uses, public_successes = x.public_successes + excluded.public_successes, last_at = GREATEST(x.last_at, excluded.last_at)
   ), reached AS (
     INSERT INTO xp_achievement AS a (user_id, key, bot_id, at, public_at)
     SELECT DISTINCT p.user_id, k, e.bot_id, $4::timestamptz, CASE WHEN k = ANY(p.public_unlocked) THEN $4::timestamptz END
     FROM e, p, unnest(p.unlocked || p.public_unlocked) k
     ON CONFLICT (user_id, key) DO UPDATE SET public_at = COALESCE(a.public_at, excluded.public_at)
   ), skill AS (
     ${raiseSkill("xp_skill", { xp: "e.added", public_xp: "e.public_added" }, "true")}
   ), public_skill AS (
     ${raiseSkill("xp_public_skill", { xp: "e.public_added" }, "e.publicly")}
   ), day AS (
     ${raiseDay("xp_day", { xp: "added", public_xp: "public_added", contest_xp: "contest_added" }, "true")}
   ), public_day AS (
     ${raiseDay("xp_public_day", {}, "publicly")}
   ), days AS (
     INSERT INTO xp_user_day AS d (user_id, day, xp, public_xp, contest_xp)
     SELECT owner_id, (occurred_at AT TIME ZONE 'UTC')::date, added, public_added, contest_added FROM e
     ON CONFLICT (user_id, day) DO UPDATE SET xp = d.xp + excluded.xp, public_xp = d.public_xp + excluded.public_xp, contest_xp = d.contest_xp + excluded.contest_xp
   ), project AS (
     INSERT INTO xp_project_bot AS p (project_id, bot_id, xp, tries, successes)
     SELECT project_id, bot_id, added, 1, success::int FROM e WHERE project_id IS NOT NULL
     ON CONFLICT (project_id, bot_id) DO UPDATE SET xp = p.xp + excluded.xp, tries = p.tries + 1, successes = p.successes + excluded.successes
   ), project_day AS (
     INSERT INTO xp_project_day AS d (project_id, day, bot_id, xp)
     SELECT project_id, (occurred_at AT TIME ZONE 'UTC')::date, bot_id, added FROM e WHERE project_id IS NOT NULL
     ON CONFLICT (project_id, day, bot_id) DO UPDATE SET xp = d.xp + excluded.xp
   )
   SELECT stream, seq, hash FROM append_events($3::json, $4::timestamptz)`,
  { stream: "text", seq: "int4", hash: "bytea?" },
);

/** What became of a contest for each bot that is somebody's: placement, Elo before, and the mean Elo of the others. */
export const contestResults = statement(
  "xp.contest-results",
  `SELECT c.ladder, c.rated AND NOT EXISTS (SELECT FROM contest_participant h JOIN bot hb ON hb.id = h.bot_id WHERE h.contest_id = c.id AND hb.house_policy IS NOT NULL) AS rated,
          c.ended_at, p.bot_id, b.owner_id, p.placement,
          (SELECT count(*) FROM contest_participant f WHERE f.contest_id = c.id AND f.placement = 1)::int4 AS firsts,
          COALESCE((SELECT round(avg(COALESCE(o.rating_before, 1000))) FROM contest_participant o WHERE o.contest_id = c.id AND o.bot_id <> p.bot_id), 1000)::int4
            - COALESCE(p.rating_before, 1000) AS advantage
   FROM contest c JOIN contest_participant p ON p.contest_id = c.id JOIN bot b ON b.id = p.bot_id
   WHERE c.id = $1 AND c.status = 'COMPLETED' AND b.house_policy IS NULL AND p.placement IS NOT NULL ORDER BY p.bot_id`,
  {
    ladder: "text",
    rated: "bool",
    ended_at: "timestamptz",
    bot_id: "uuid",
    owner_id: "uuid",
    placement: "int4",
    firsts: "int4",
    advantage: "int4",
  },
);
/** Whose bot it is, and as what the viewer may speak of it: as its owner, or by a team that both are in. */
export const reach = statement(
  "xp.reach",
  `SELECT b.owner_id, b.archived_at IS NOT NULL AS archived,
          (SELECT max(CASE m.role WHEN 'MEMBER' THEN 1 ELSE 2 END) FROM team_bot t JOIN team_member m ON m.team_id = t.team_id AND m.user_id = $2 WHERE t.bot_id = b.id)::int4 AS in_team
   FROM bot b WHERE b.id = $1 AND b.house_policy IS NULL`,
  { owner_id: "uuid", archived: "bool", in_team: "int4?" },
);
/** Whether a person ($1) may see a task ($2) and everybody a contest ($3); what is null need not be seen. */
export const evidenceSeen = statement(
  "xp.evidence-seen",
  `SELECT $2::uuid IS NULL OR EXISTS (
            SELECT FROM task t LEFT JOIN bot b ON b.id = t.bot_id
            WHERE t.id = $2 AND (t.visibility = 'PUBLIC' OR t.creator_id = $1 OR b.owner_id = $1
              OR EXISTS (SELECT FROM team_member m WHERE m.team_id = t.team_id AND m.user_id = $1))
          ) AS task,
          $3::uuid IS NULL OR EXISTS (SELECT FROM contest c WHERE c.id = $3 AND NOT c.hidden) AS contest`,
  { task: "bool", contest: "bool" },
);
export const isReporter = statement("xp.is-reporter", `SELECT user_id FROM xp_reporter WHERE user_id = $1`, {
  user_id: "uuid",
});
export const trust = statement(
  "xp.trust",
  `INSERT INTO xp_reporter (user_id, granted_by, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
  {},
);
export const distrust = statement("xp.distrust", `DELETE FROM xp_reporter WHERE user_id = $1`, {});
export const personOf = statement("xp.person", `SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL`, {
  id: "uuid",
});
