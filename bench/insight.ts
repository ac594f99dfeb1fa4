// Boards, statistics, forecasts and recommendations over ten million XP events, through HTTP: node bench/insight.ts [events] [requests]
import { temporaryDatabase } from "./database.ts";
import { fillBots, idOf, keyOf, nodeIdOf, sqlIdOf, withClient } from "./fill.ts";
import { startAgon } from "./processes.ts";

const EVENTS = Number(process.argv[2] ?? 10_000_000);
const REQUESTS = Number(process.argv[3] ?? 200);
const [USERS, BOTS, DAYS, SKILLS, TEAM_USERS] = [100, 2_000, 250, 50, 10] as const;
const PER_DAY = Math.max(1, Math.round(EVENTS / BOTS / DAYS));
const TOTAL = BOTS * DAYS * PER_DAY;
const GOAL_P95_MS = 50;

const say = (text: string) => process.stdout.write(`${text}\n`);
const bot = (event: string) => `((${event} - 1) % ${BOTS} + 1)`;
const ownerOf = (of: string) => `((${of} - 1) % ${USERS} + 1)`;
const daysAgo = (event: string) => `(((${event} - 1) / ${BOTS}) % ${DAYS})`;
const team = (n: string) => `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
const counts = (size: number, each: string) => `ARRAY(SELECT (${each})::int FROM generate_series(1, ${size}) k)`;

/** Events first, then what the server keeps of them: sums are theirs, the finer counts are spread evenly. */
const FILL: readonly [string, string][] = [
  [
    "events",
    `INSERT INTO xp_event (id, source, external_id, bot_id, owner_id, origin, kind, success, complexity, duration_ms, quality, custom, skills, bonuses, computed, added, publicly, occurred_at, recorded_at)
     SELECT ${sqlIdOf("entry", "n")}, 'task', n::text, ${sqlIdOf("bot", bot("n"))}, ${sqlIdOf("user", ownerOf(bot("n")))}, 'OBSERVED', 'TASK_COMPLETION', n % 7 <> 0, 'MEDIUM',
       1000 + n * 7919 % 90000, 600 + n * 104729 % 400, 100, ARRAY['skill-' || n % ${SKILLS}], '{}', 20, 1 + n * 31 % 20, true, at, at
     FROM generate_series(1::int8, ${TOTAL}) n, LATERAL (SELECT now() - ${daysAgo("n")} * interval '1 day' - interval '1 minute') t(at)`,
  ],
  [
    "days",
    `INSERT INTO xp_day (bot_id, day, xp, public_xp, contest_xp, tries, successes, wins, draws, losses, quality_sum, quality_count, hours, complexities, durations)
     SELECT bot_id, (occurred_at AT TIME ZONE 'UTC')::date, sum(added), sum(added), 0, count(*), count(*) FILTER (WHERE success), 0, 0, 0, sum(quality), count(quality),
       ${counts(24, "k % 3")}, ${counts(4, "k")}, ${counts(48, "CASE WHEN k BETWEEN 8 AND 22 THEN k % 4 ELSE 0 END")} FROM xp_event GROUP BY 1, 2`,
  ],
  [
    "public days",
    `INSERT INTO xp_public_day SELECT bot_id, day, tries, successes, wins, draws, losses, quality_sum, quality_count, hours, complexities, durations FROM xp_day`,
  ],
  [
    "totals",
    `INSERT INTO xp_bot (bot_id, owner_id, xp, public_xp, contest_xp, board_xp)
     SELECT d.bot_id, b.owner_id, sum(xp), sum(xp), 0, sum(xp) FROM xp_day d JOIN bot b ON b.id = d.bot_id GROUP BY 1, 2`,
  ],
  [
    "people",
    `INSERT INTO xp_user (user_id, xp, public_xp, contest_xp, board_xp, profile, stats) SELECT owner_id, sum(xp), sum(xp), 0, sum(xp), 'PUBLIC', 'PUBLIC' FROM xp_bot GROUP BY 1`,
  ],
  [
    "people's days",
    `INSERT INTO xp_user_day (user_id, day, xp, public_xp, contest_xp) SELECT b.owner_id, d.day, sum(d.xp), sum(d.xp), 0 FROM xp_day d JOIN bot b ON b.id = d.bot_id GROUP BY 1, 2`,
  ],
  [
    "skills",
    `INSERT INTO xp_skill (bot_id, skill, xp, public_xp, tries, successes, quality_sum, quality_count, duration_sum, duration_count)
     SELECT ${sqlIdOf("bot", "n")}, 'skill-' || (n + k * 7) % ${SKILLS}, 1000 + n, 500, 40, 20 + n % 20, 30000, 40, 40 * 60000, 40 FROM generate_series(1, ${BOTS}) n, generate_series(1, 5) k`,
  ],
  [
    "public skills",
    `INSERT INTO xp_public_skill SELECT bot_id, skill, public_xp, tries, successes, quality_sum, quality_count, duration_sum, duration_count FROM xp_skill`,
  ],
  [
    "capabilities",
    `UPDATE bot b SET capabilities = ARRAY(SELECT skill FROM xp_skill s WHERE s.bot_id = b.id ORDER BY 1)`,
  ],
  [
    "teams",
    `INSERT INTO team (id, name, created_at) SELECT ${team("n")}, 'Team ' || n, now() FROM generate_series(1, ${USERS / TEAM_USERS}) n`,
  ],
  [
    "members",
    `INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT ${team(`(n - 1) / ${TEAM_USERS} + 1`)}, ${sqlIdOf("user", "n")}, 'MEMBER', now() FROM generate_series(1, ${USERS}) n`,
  ],
  [
    "team bots",
    `INSERT INTO team_bot (team_id, bot_id, added_at) SELECT m.team_id, b.id, now() FROM team_member m JOIN bot b ON b.owner_id = m.user_id`,
  ],
  ["projects", `INSERT INTO project (id, team_id, name, created_at) SELECT id, id, name, created_at FROM team`],
  [
    "projects' bots",
    `INSERT INTO xp_project_bot (project_id, bot_id, xp, tries, successes)
     SELECT t.team_id, d.bot_id, sum(d.xp), sum(d.tries), sum(d.successes) FROM team_bot t JOIN xp_day d ON d.bot_id = t.bot_id GROUP BY 1, 2`,
  ],
  [
    "projects' days",
    `INSERT INTO xp_project_day (project_id, day, bot_id, xp) SELECT t.team_id, d.day, d.bot_id, d.xp FROM team_bot t JOIN xp_day d ON d.bot_id = t.bot_id`,
  ],
  [
    "uses",
    `INSERT INTO xp_use (user_id, bot_id, uses, successes, last_at) SELECT m.user_id, t.bot_id, 10, 7, now() FROM team_member m JOIN team_bot t ON t.team_id = m.team_id`,
  ],
];

async function fill(url: string): Promise<void> {
  await fillBots(url, USERS, BOTS);
  await withClient(url, async (client) => {
    await client.query("SET session_replication_role = replica");
    await client.query("SET work_mem = '512MB'");
    await client.query("DROP INDEX xp_event_bot_id_id_idx, xp_event_owner_id_id_idx");
    for (const [what, text] of FILL) {
      const from = performance.now();
      const { rowCount } = await client.query(text);
      say(
        `  ${what}: ${(rowCount ?? 0).toLocaleString("en")} rows in ${((performance.now() - from) / 1_000).toFixed(0)} s`,
      );
    }
    await client.query(`CREATE INDEX xp_event_bot_id_id_idx ON xp_event (bot_id, id DESC)`);
    await client.query("VACUUM ANALYZE");
  });
}

const botId = (n: number) => nodeIdOf("bot", ((n * 7_919) % BOTS) + 1);
const userId = (n: number) => `user_${idOf("user", (n % USERS) + 1).replaceAll("-", "")}`;
const teamId = (n: number) =>
  `team_0000000000007000800${(Math.floor((n % USERS) / TEAM_USERS) + 1).toString(16).padStart(13, "0")}`;
/** The nth request of each kind, sent with the key of user n. */
const QUESTIONS: Record<string, (n: number) => string> = {
  "public board, 50 bots": () => "{ xpBots(first: 50) { nodes { xp level { name } bot { name owner { handle } } } } }",
  "personal dashboard": (n) =>
    `{ node(id: "${userId(n)}") { ... on User { xp { total level { name next } days(back: 90) { day xp total } levelForecast { expected } } achievements { key progress { value } } } } }`,
  "statistics of a bot, 90 days": (n) =>
    `{ node(id: "${botId(n)}") { ... on Bot { xp { statistics(back: 90) { tries successRate p50Ms p95Ms quality qualityTrend byHour } } } } }`,
  "level forecast of a bot": (n) =>
    `{ node(id: "${botId(n)}") { ... on Bot { xp { levelForecast { perDay expected earliest latest } } } } }`,
  "board of a team of 200 bots": (n) =>
    `{ node(id: "${teamId(n)}") { ... on Team { xp { sum mean growth7 growth30 bots(orderBy: GROWTH_7) { xp growth7 } members { xp } } } } }`,
  "board of a project of 200 bots": (n) =>
    `{ project(id: "${teamId(n).replace("team_", "project_")}") { xp { sum mean growth7 growth30 bots(orderBy: GROWTH_7) { xp growth7 tasks } members { xp } } } }`,
  "insights of a team": (n) =>
    `{ node(id: "${teamId(n)}") { ... on Team { insights { used { uses members } gaps { capability } shared { capability members } } } } }`,
  "recommended bots": (n) =>
    `{ recommendedBots(capabilities: ["skill-${n % SKILLS}", "skill-${(n + 7) % SKILLS}"]) { bots { score reasons bot { name } } } }`,
};

async function ask(url: string, query: string, n: number): Promise<number> {
  const from = performance.now();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": keyOf((n % USERS) + 1) },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const took = performance.now() - from;
  if (
    text.includes('"errors"') ||
    text.includes('"node":null') ||
    text.includes('"project":null') ||
    text.includes('"bots":[]')
  )
    throw new Error(`${query}: ${text}`);
  return took;
}

const at = (times: readonly number[], part: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0;

/** What the statistics of one bot cost when they are summed up over its events instead. */
async function rawMs(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const times: number[] = [];
    for (let n = 1; n <= 20; n++) {
      const from = performance.now();
      await client.query(
        `SELECT count(*), avg(success::int), avg(quality), percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY duration_ms) FROM xp_event
         WHERE bot_id = $1 AND occurred_at > now() - interval '90 days'`,
        [idOf("bot", ((n * 7_919) % BOTS) + 1)],
      );
      times.push(performance.now() - from);
    }
    return at(times, 0.95);
  });
}

const database = await temporaryDatabase();
let agon: Awaited<ReturnType<typeof startAgon>> | null = null;
try {
  say(`${TOTAL.toLocaleString("en")} events of ${BOTS} bots on ${DAYS} days; goal: p95 ${GOAL_P95_MS} ms`);
  await fill(database.url);
  agon = await startAgon(database.url, { AGON_ROLES: "api" });
  const url = `http://127.0.0.1:${agon.port}`;
  for (const [name, query] of Object.entries(QUESTIONS)) {
    for (let n = 0; n < 10; n++) await ask(url, query(n), n);
    const times: number[] = [];
    for (let n = 0; n < REQUESTS; n++) times.push(await ask(url, query(n), n));
    const p95 = at(times, 0.95);
    say(
      `${name.padEnd(30)} p50 ${at(times, 0.5).toFixed(1).padStart(6)} ms  p95 ${p95.toFixed(1).padStart(6)} ms  ${p95 <= GOAL_P95_MS ? "held" : "MISSED"}`,
    );
  }
  const raw = await rawMs(database.url);
  const kept: number[] = [];
  for (let n = 0; n < 20; n++) kept.push(await ask(url, QUESTIONS["statistics of a bot, 90 days"]?.(n) ?? "", n));
  say(
    `statistics of a bot: ${raw.toFixed(1)} ms summed up over its events, ${at(kept, 0.95).toFixed(1)} ms from days through HTTP, ratio ${(raw / at(kept, 0.95)).toFixed(2)}`,
  );
} finally {
  await agon?.stop();
  await database.stop();
}
