import { statement } from "../../platform/statement.ts";

const TOTALS = { xp: "int4", public_xp: "int4", contest_xp: "int4" } as const;
const PRIVACY = { profile: "text?", stats: "text?", achievements: "text?" } as const;
const inTeam = (viewer: string, person: string) =>
  `EXISTS (SELECT FROM team_member one JOIN team_member two ON two.team_id = one.team_id WHERE one.user_id = ${viewer} AND two.user_id = ${person})`;

/** Totals of many bots with what their owners show, and whether the viewer ($2) shares a team with them. */
export const botTotals = statement(
  "xp.bot-totals",
  `SELECT b.id, b.owner_id, COALESCE(x.xp, 0) AS xp, COALESCE(x.public_xp, 0) AS public_xp, COALESCE(x.contest_xp, 0) AS contest_xp,
          u.profile, u.stats, u.achievements, ${inTeam("$2", "b.owner_id")} AS in_team
   FROM bot b LEFT JOIN xp_bot x ON x.bot_id = b.id LEFT JOIN xp_user u ON u.user_id = b.owner_id WHERE b.id = ANY($1::uuid[])`,
  { id: "uuid", owner_id: "uuid", ...TOTALS, ...PRIVACY, in_team: "bool" },
);
/** The same of people. */
export const userTotals = statement(
  "xp.user-totals",
  `SELECT p.id, p.id AS owner_id, COALESCE(u.xp, 0) AS xp, COALESCE(u.public_xp, 0) AS public_xp, COALESCE(u.contest_xp, 0) AS contest_xp,
          u.profile, u.stats, u.achievements, ${inTeam("$2", "p.id")} AS in_team, COALESCE(u.counters, '{}') AS counters,
          COALESCE(u.public_counters, '{}') AS public_counters
   FROM app_user p LEFT JOIN xp_user u ON u.user_id = p.id WHERE p.id = ANY($1::uuid[])`,
  { id: "uuid", owner_id: "uuid", ...TOTALS, ...PRIVACY, in_team: "bool", counters: "jsonb", public_counters: "jsonb" },
);
export const unlockedOf = statement(
  "xp.unlocked-of",
  `SELECT user_id, key, at, public_at FROM xp_achievement WHERE user_id = ANY($1::uuid[])`,
  { user_id: "uuid", key: "text", at: "timestamptz", public_at: "timestamptz?" },
);
export const skillsOf = statement(
  "xp.skills-of",
  `SELECT g.id AS bot_id, s.skill, s.xp, s.public_xp FROM unnest($1::uuid[]) AS g(id) CROSS JOIN LATERAL (
     SELECT skill, xp, public_xp FROM xp_skill WHERE bot_id = g.id ORDER BY xp DESC, skill LIMIT 32
   ) s`,
  { bot_id: "uuid", skill: "text", xp: "int4", public_xp: "int4" },
);
/** What each day of many bots gave from a day on, oldest first. */
export const gainsOfBots = statement(
  "xp.gains-of-bots",
  `SELECT bot_id, day::text, xp, public_xp, contest_xp FROM xp_day WHERE bot_id = ANY($1::uuid[]) AND day >= $2::date ORDER BY bot_id, day`,
  { bot_id: "uuid", day: "text", ...TOTALS },
);
type DayTable = "xp_day" | "xp_public_day";
/** What many bots did by day from a day on, oldest first. */
const daysIn = (name: string, table: DayTable) =>
  statement(
    name,
    `SELECT bot_id, day::text, tries, successes, wins, draws, losses, quality_sum, quality_count
     FROM ${table} WHERE bot_id = ANY($1::uuid[]) AND day >= $2::date ORDER BY bot_id, day`,
    {
      bot_id: "uuid",
      day: "text",
      tries: "int4",
      successes: "int4",
      wins: "int4",
      draws: "int4",
      losses: "int4",
      quality_sum: "int4",
      quality_count: "int4",
    },
  );
const counted = (what: string, table: DayTable) =>
  `(SELECT COALESCE(array_agg(s ORDER BY o), '{}') FROM (
     SELECT o, sum(c)::int4 AS s FROM ${table} d, unnest(d.${what}) WITH ORDINALITY AS u(c, o) WHERE d.bot_id = g.id AND d.day >= $2::date GROUP BY o
   ) c) AS ${what}`;
/** What the days of many bots from a day on count together. */
const countsIn = (name: string, table: DayTable) =>
  statement(
    name,
    `SELECT g.id AS bot_id, ${["hours", "complexities", "durations"].map((what) => counted(what, table)).join(", ")} FROM unnest($1::uuid[]) AS g(id)`,
    { bot_id: "uuid", hours: "_int4", complexities: "_int4", durations: "_int4" },
  );
/** What statistics are read from: everything, or what strangers may see of it. */
export const STATISTICS = {
  ALL: { days: daysIn("xp.days-of-bots", "xp_day"), counts: countsIn("xp.counts-of-bots", "xp_day") },
  PUBLIC: {
    days: daysIn("xp.public-days-of-bots", "xp_public_day"),
    counts: countsIn("xp.public-counts-of-bots", "xp_public_day"),
  },
} as const;
export const daysOfUsers = statement(
  "xp.days-of-users",
  `SELECT user_id, day::text, xp, public_xp, contest_xp FROM xp_user_day WHERE user_id = ANY($1::uuid[]) AND day >= $2::date ORDER BY user_id, day`,
  { user_id: "uuid", day: "text", ...TOTALS },
);
/** A person's bots before the person, as whoever records locks them. */
export const lockBotsOf = statement(
  "xp.lock-bots-of",
  `SELECT bot_id FROM xp_bot WHERE owner_id = $1 ORDER BY bot_id FOR NO KEY UPDATE`,
  { bot_id: "uuid" },
);
export const setPrivacyRow = statement(
  "xp.set-privacy",
  `INSERT INTO xp_user AS u (user_id, profile, stats, achievements) VALUES ($1, $2, $3, $4)
   ON CONFLICT (user_id) DO UPDATE SET profile = excluded.profile, stats = excluded.stats, achievements = excluded.achievements,
     board_xp = board_xp_of(excluded.profile, u.public_xp, u.contest_xp)`,
  {},
);
/** A statement of its own behind the person's lock: it sees the bots, too, of whoever recorded while it was waited for. */
export const setPrivacyOfBots = statement(
  "xp.set-privacy-of-bots",
  `UPDATE xp_bot SET board_xp = board_xp_of($2, public_xp, contest_xp) WHERE owner_id = $1`,
  {},
);
export const privacyOf = statement(
  "xp.privacy-of",
  `SELECT profile, stats, achievements FROM xp_user WHERE user_id = $1`,
  PRIVACY,
);

const board = (name: string, table: string, id: string, order: string) =>
  statement(
    name,
    `SELECT ${id} AS id, board_xp FROM ${table} WHERE board_xp > 0 AND (board_xp, ${id}) ${order.includes("DESC") ? "<" : ">"} ($1, $2)
       AND (board_xp, ${id}) ${order.includes("DESC") ? ">" : "<"} ($3, $4) ORDER BY ${order} LIMIT $5`,
    { id: "uuid", board_xp: "int4" },
  );
/** Pages of the public boards, most first; the keys behind and before are both given. */
export const botBoard = board("xp.bot-board", "xp_bot", "bot_id", "board_xp DESC, bot_id DESC");
export const botBoardBackward = board("xp.bot-board-backward", "xp_bot", "bot_id", "board_xp, bot_id");
export const userBoard = board("xp.user-board", "xp_user", "user_id", "board_xp DESC, user_id DESC");
export const userBoardBackward = board("xp.user-board-backward", "xp_user", "user_id", "board_xp, user_id");

/** Who keeps the profile or the statistics PRIVATE is on no board of others, not even in its sums: the rest would tell. */
const shown = (person: string) =>
  `(${person} = $2 OR NOT EXISTS (SELECT FROM xp_user hides WHERE hides.user_id = ${person} AND 'PRIVATE' IN (hides.profile, hides.stats)))`;
const SHOWN = shown("b.owner_id");
const MEMBER = "EXISTS (SELECT FROM team_member v WHERE v.team_id = g.id AND v.user_id = $2)";
/** The bots of many teams for one of their members ($2), with what they gained since two days ($3, $4). */
export const teamBots = statement(
  "xp.team-bots",
  `SELECT g.id AS team_id, t.bot_id, b.owner_id, COALESCE(x.xp, 0) AS xp, COALESCE(d.week, 0)::int4 AS week, COALESCE(d.month, 0)::int4 AS month, b.capabilities
   FROM unnest($1::uuid[]) AS g(id) JOIN team_bot t ON t.team_id = g.id JOIN bot b ON b.id = t.bot_id LEFT JOIN xp_bot x ON x.bot_id = t.bot_id
   LEFT JOIN LATERAL (
     SELECT sum(d.xp) FILTER (WHERE d.day > $3::date) AS week, sum(d.xp) AS month FROM xp_day d WHERE d.bot_id = t.bot_id AND d.day > $4::date
   ) d ON true
   WHERE ${MEMBER} AND ${SHOWN}`,
  {
    team_id: "uuid",
    bot_id: "uuid",
    owner_id: "uuid",
    xp: "int4",
    week: "int4",
    month: "int4",
    capabilities: "_text",
  },
);
/** Who earned what by the tasks of many projects, for a member ($2) of their teams; whoever has left the team since stays. */
export const projectBots = statement(
  "xp.project-bots",
  `SELECT x.project_id, x.bot_id, b.owner_id, x.xp, x.tries, x.successes, COALESCE(d.week, 0)::int4 AS week, COALESCE(d.month, 0)::int4 AS month
   FROM project p JOIN xp_project_bot x ON x.project_id = p.id JOIN bot b ON b.id = x.bot_id LEFT JOIN (
     SELECT project_id, bot_id, sum(xp) FILTER (WHERE day > $3::date) AS week, sum(xp) AS month
     FROM xp_project_day WHERE project_id = ANY($1::uuid[]) AND day > $4::date GROUP BY 1, 2
   ) d ON d.project_id = x.project_id AND d.bot_id = x.bot_id
   WHERE p.id = ANY($1::uuid[]) AND EXISTS (SELECT FROM team_member v WHERE v.team_id = p.team_id AND v.user_id = $2) AND ${SHOWN}`,
  {
    project_id: "uuid",
    bot_id: "uuid",
    owner_id: "uuid",
    xp: "int4",
    tries: "int4",
    successes: "int4",
    week: "int4",
    month: "int4",
  },
);
/** What the bots of many teams can do, which their pages say to everybody. */
export const teamCapabilities = statement(
  "xp.team-capabilities",
  `SELECT g.id AS team_id, t.bot_id, b.owner_id, b.capabilities FROM unnest($1::uuid[]) AS g(id)
   JOIN team_bot t ON t.team_id = g.id JOIN bot b ON b.id = t.bot_id WHERE ${MEMBER}`,
  { team_id: "uuid", bot_id: "uuid", owner_id: "uuid", capabilities: "_text" },
);
/** Who of many teams works with which of their bots. */
export const teamUses = statement(
  "xp.team-uses",
  `SELECT g.id AS team_id, u.user_id, u.bot_id, u.uses, u.successes FROM unnest($1::uuid[]) AS g(id) JOIN team_bot t ON t.team_id = g.id JOIN bot b ON b.id = t.bot_id
   JOIN xp_use u ON u.bot_id = t.bot_id JOIN team_member m ON m.team_id = g.id AND m.user_id = u.user_id
   WHERE ${MEMBER} AND ${SHOWN} AND ${shown("u.user_id")} ORDER BY u.uses DESC, u.bot_id, u.user_id`,
  { team_id: "uuid", user_id: "uuid", bot_id: "uuid", uses: "int4", successes: "int4" },
);
/** What the newest thousand tasks of many teams asked for. */
export const teamDemand = statement(
  "xp.team-demand",
  `SELECT g.id AS team_id, k AS capability, count(*)::int4 AS tasks, count(*) FILTER (WHERE t.ended_at IS NULL)::int4 AS open
   FROM unnest($1::uuid[]) AS g(id) CROSS JOIN LATERAL (
     SELECT capabilities, ended_at FROM task WHERE team_id = g.id ORDER BY id DESC LIMIT 1000
   ) t, unnest(t.capabilities) k
   WHERE ${MEMBER} GROUP BY 1, 2 ORDER BY 3 DESC, 2`,
  { team_id: "uuid", capability: "text", tasks: "int4", open: "int4" },
);

/** Which of these words are skills that some bot has proved: one index probe a word. */
export const knownSkills = statement(
  "xp.known-skills",
  `SELECT DISTINCT s.skill FROM unnest($1::text[]) AS w(word) CROSS JOIN LATERAL (
     SELECT skill FROM xp_skill WHERE skill = w.word LIMIT 1
   ) s`,
  { skill: "text" },
);
/** What is publicly known of a skill, from its hundred best bots: what to expect of one of whom little is known. */
export const skillMeans = statement(
  "xp.skill-means",
  `SELECT w.skill, COALESCE(sum(s.tries), 0)::int4 AS tries, COALESCE(sum(s.successes), 0)::int4 AS successes, COALESCE(sum(s.quality_sum), 0)::int4 AS quality_sum,
          COALESCE(sum(s.quality_count), 0)::int4 AS quality_count, COALESCE(sum(s.duration_sum), 0)::float8 AS duration_sum, COALESCE(sum(s.duration_count), 0)::int4 AS duration_count
   FROM unnest($1::text[]) AS w(skill) LEFT JOIN LATERAL (
     SELECT * FROM xp_public_skill WHERE skill = w.skill ORDER BY xp DESC LIMIT 100
   ) s ON true GROUP BY w.skill`,
  {
    skill: "text",
    tries: "int4",
    successes: "int4",
    quality_sum: "int4",
    quality_count: "int4",
    duration_sum: "float8",
    duration_count: "int4",
  },
);
const PROVED = "skill, tries, successes, quality_sum, quality_count, duration_sum, duration_count";
/**
 * Bots that the viewer may give work to and whose work the viewer may see: own ones, own teams' where the owner does not hide
 * it, and those of people who show it to everybody; of these what counts publicly.
 */
export const candidates = statement(
  "xp.candidates",
  `WITH found AS (
     SELECT b.id, true AS near FROM bot b WHERE b.owner_id = $2 AND b.capabilities && $1::text[]
     UNION SELECT t.bot_id, true FROM team_member m JOIN team_bot t ON t.team_id = m.team_id JOIN bot b ON b.id = t.bot_id
     LEFT JOIN xp_user u ON u.user_id = b.owner_id
     WHERE m.user_id = $2 AND b.capabilities && $1::text[] AND (b.owner_id = $2 OR u.stats IS DISTINCT FROM 'PRIVATE')
     UNION SELECT s.bot_id, false FROM unnest($1::text[]) AS w(skill) CROSS JOIN LATERAL (
       SELECT s.bot_id FROM xp_public_skill s JOIN xp_bot x ON x.bot_id = s.bot_id JOIN xp_user u ON u.user_id = x.owner_id AND u.stats = 'PUBLIC'
       WHERE s.skill = w.skill ORDER BY s.xp DESC LIMIT 50
     ) s
   )
   SELECT b.id AS bot_id, b.capabilities, COALESCE(p.last_seen_at >= $3, false) AS online,
          (SELECT count(*) FROM task h WHERE h.bot_id = b.id AND h.state IN ('ASSIGNED', 'IN_PROGRESS'))::int4 AS holds,
          s.skill, COALESCE(s.tries, 0) AS tries, COALESCE(s.successes, 0) AS successes, COALESCE(s.quality_sum, 0) AS quality_sum,
          COALESCE(s.quality_count, 0) AS quality_count, COALESCE(s.duration_sum, 0)::float8 AS duration_sum, COALESCE(s.duration_count, 0) AS duration_count
   FROM (SELECT id, bool_or(near) AS near FROM found GROUP BY id LIMIT 500) f JOIN bot b ON b.id = f.id AND b.archived_at IS NULL AND b.suspended_at IS NULL AND b.house_policy IS NULL
   LEFT JOIN bot_presence p ON p.bot_id = b.id LEFT JOIN LATERAL (
     SELECT ${PROVED} FROM xp_skill WHERE f.near AND bot_id = b.id AND skill = ANY($1::text[])
     UNION ALL SELECT ${PROVED} FROM xp_public_skill WHERE NOT f.near AND bot_id = b.id AND skill = ANY($1::text[])
   ) s ON true`,
  {
    bot_id: "uuid",
    capabilities: "_text",
    online: "bool",
    holds: "int4",
    skill: "text?",
    tries: "int4",
    successes: "int4",
    quality_sum: "int4",
    quality_count: "int4",
    duration_sum: "float8",
    duration_count: "int4",
  },
);

/** Who gained most on a ladder in a season, among those who played ten rated games; of two that gained alike, who played more. */
export const seasonChampion = statement(
  "xp.season-champion",
  `SELECT s.bot_id, b.owner_id FROM season_rating s JOIN bot b ON b.id = s.bot_id AND b.house_policy IS NULL
   WHERE s.ladder = $1 AND s.season = $2 AND s.games >= 10 AND s.elo_gained > 0 ORDER BY s.elo_gained DESC, s.games DESC, s.bot_id LIMIT 1`,
  { bot_id: "uuid", owner_id: "uuid" },
);
export const crown = statement(
  "xp.crown",
  `INSERT INTO xp_champion (ladder, season, bot_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING bot_id`,
  { bot_id: "uuid" },
);
export const countUnlocked = statement(
  "xp.count-unlocked",
  `WITH person AS (UPDATE xp_user SET counters = $2::jsonb, public_counters = $3::jsonb WHERE user_id = $1)
   INSERT INTO xp_achievement AS a (user_id, key, bot_id, at, public_at)
   SELECT DISTINCT $1::uuid, k, $6::uuid, $7::timestamptz, CASE WHEN k = ANY($5::text[]) THEN $7::timestamptz END FROM unnest($4::text[] || $5::text[]) k
   ON CONFLICT (user_id, key) DO UPDATE SET public_at = COALESCE(a.public_at, excluded.public_at)`,
  {},
);
