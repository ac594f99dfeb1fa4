import type { App } from "../../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../../harness/agent.ts";

/** What operations need to know of the rows: GraphQL literals by argument, and the credentials that see everything. */
export type Filled = { values: Record<string, string>; token: string; more(rows: number): Promise<void> };

/**
 * One row of everything, made through the API where an API makes it; `more` adds so many of each by copying these, so that
 * few and many rows differ in their number only.
 */
export async function fillOne(app: App): Promise<Filled> {
  const { token, key } = await newPerson(app.url, "lists");
  const [botId, otherId] = [await newBot(app.url, key, "Row_0"), await newBot(app.url, key, "Row_1")];
  const { data } = await ask(app.url, `{ bot(name: "House_Drill") { id } }`);
  const houseId = (data as unknown as { bot: { id: string } }).bot.id;
  for (const each of [botId, otherId]) await mutate(app.url, key, "enterPit", { botId: each });
  await mutate(app.url, key, "postMessage", { botId, text: "hello" });
  await mutate(app.url, key, "createCallout", { botId, targetId: otherId });
  const ended = await fight(app, key, botId, houseId);
  await mutate(app.url, key, "submitFightAction", { botId, fightId: ended, round: 1, exchange: 1, action: "JAB_HIGH" });
  await mutate(app.url, key, "concedeFight", { botId: botId, fightId: ended });
  const live = await fight(app, key, botId, houseId);
  const uuid = (id: string) => id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const context = { bot: uuid(botId), ended: uuid(ended), live: uuid(live) };
  const { pool } = app.platform.db;
  for (const text of BESIDE) await run(app, text, context, 1);
  await pool.query("UPDATE app_user SET operator = true WHERE handle = 'lists'");
  const [match] = (await pool.query<{ id: string }>("SELECT id FROM quake_match")).rows;
  const [task] = (
    await pool.query<{ id: string }>("SELECT id FROM task WHERE visibility = 'TEAM' AND workflow_id IS NULL")
  ).rows;
  const [flow] = (await pool.query<{ id: string }>("SELECT id FROM workflow")).rows;
  const [battle] = (await pool.query<{ id: string }>("SELECT id FROM code_battle")).rows;
  return {
    token,
    values: {
      "bot.name": `"Row_0"`,
      "user.handle": `"lists"`,
      "fight.id": `"${ended}"`,
      "codeBattle.id": `"code_battle_${battle?.id.replaceAll("-", "")}"`,
      "node.id": `"${botId}"`,
      "match.id": `"quake_match_${match?.id.replaceAll("-", "")}"`,
      "workflow.id": `"workflow_${flow?.id.replaceAll("-", "")}"`,
      "task.id": `"task_${task?.id.replaceAll("-", "")}"`,
      ids: `["${botId}"]`,
      botId: `"${botId}"`,
      opponentId: `"${otherId}"`,
      kind: "PIT",
      ladder: "PIT",
      // The widest that a bot can be surrounded.
      "around.each": "25",
      // One row a day: of each of a hundred bots no more than two are asked for.
      "days.back": "2",
      "statistics.back": "2",
      "recommendedBots.capabilities": `["skill-0"]`,
    },
    more: async (rows) => {
      for (const text of COPIES) await run(app, text, context, rows);
      await pool.query("ANALYZE");
    },
  };
}

async function fight(app: App, key: string, botId: string, targetId: string): Promise<string> {
  const made = await mutate(app.url, key, "createCallout", { botId, targetId }, "callout { fight { id } }");
  return (made["callout"] as unknown as { fight: { id: string } }).fight.id;
}

type Known = { bot: string; ended: string; live: string };

async function run(app: App, text: string, known: Known, rows: number): Promise<void> {
  const filled = text.replaceAll(/:(bot|ended|live|rows)\b/g, (_match, name: string) =>
    name === "rows" ? String(rows) : `'${known[name as keyof Known]}'::uuid`,
  );
  await app.platform.db.pool.query(filled);
}

const OWNER = "(SELECT id FROM app_user WHERE handle = 'lists')";
/** Copies sort behind what the API made, so that the newest rows of a nested page stay the same. */
const id = (kind: string, n: string) => `('00000000' || substr(md5('${kind}' || ${n}), 9))::uuid`;
const RATING = "elo, mu, sigma, games, wins, draws, losses, rated_games, peak, streak, on_board, last_rated_at";

/** So many journals that gave the owner a unit each. */
function grants(rows: string): string {
  return `SELECT ledger_post(gen_random_uuid(), 'FAUCET', 'User:' || ${OWNER}, 'grant ' || random(), NULL, NULL, now(), ARRAY['user:available', 'house:faucet'],
    ARRAY[${OWNER}, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[1::numeric, -1]) FROM generate_series(1, ${rows})`;
}

/** So many bets of the owner on the ended fight, each in a step of the odds of its own. */
function bets(rows: string, n: string): string {
  return `INSERT INTO bet (id, contest_id, bot_id, user_id, amount, placed_at)
    SELECT gen_random_uuid(), :ended, p.bot_id, ${OWNER}, 1, now() + ${n} * interval '1 second'
    FROM contest_participant p, generate_series(1, ${rows}) n WHERE p.contest_id = :ended`;
}

/** So many withdrawals that wait. */
function withdrawals(rows: string): string {
  return `INSERT INTO withdrawal (id, user_id, to_address, amount, status, created_at, moved_at)
    SELECT gen_random_uuid(), ${OWNER}, '0x' || repeat('b', 40), 1, 'RESERVED', now(), now() FROM generate_series(1, ${rows})`;
}

const TEAM = id("team", "0");
const PLAN =
  '{"maxAttempts":3,"heartbeatMs":30000,"acceptMs":15000,"scheduleToStartMs":null,"startToCloseMs":null,"backoffMs":1000,"backoffMaxMs":300000}';
/** So many teams of the owner, and in the first so many members, bots and invitations, into it and of the owner's own; then its tasks, and public ones. */
function teams(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const bot = first ? ":bot" : id("bot", n);
  return [
    `INSERT INTO team (id, name, created_at) SELECT ${first ? TEAM : id("team", n)}, 'Team ' || ${n}, now() ${series}`,
    `INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT ${first ? TEAM : id("team", n)}, ${OWNER}, 'OWNER', now() ${series}`,
    `INSERT INTO app_user (id, handle, created_at) SELECT ${id("mate", n)}, 'mate' || ${n}, now() ${series}`,
    `INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT ${TEAM}, ${id("mate", n)}, 'MEMBER', now() ${series}`,
    `INSERT INTO team_bot (team_id, bot_id, added_at) SELECT ${TEAM}, ${bot}, now() ${series}`,
    `INSERT INTO app_user (id, handle, created_at) SELECT ${id("guest", n)}, 'guest' || ${n}, now() ${series}`,
    `INSERT INTO team (id, name, created_at) SELECT ${id("host", n)}, 'Host ' || ${n}, now() ${series}`,
    ...[
      [TEAM, id("guest", n)],
      [id("host", n), OWNER],
    ].map(
      ([team, user]) =>
        `INSERT INTO team_invitation (id, team_id, user_id, inviter_id, role, created_at, expires_at) SELECT gen_random_uuid(), ${team}, ${user}, ${OWNER}, 'MEMBER', now(), now() + interval '1 day' ${series}`,
    ),
    ...["PUBLIC", "TEAM"].map(
      (visibility) =>
        `INSERT INTO task (id, lane_id, creator_id, team_id, visibility, title, payload, capabilities, priority, assign, plan, state, ready, attempt, fence, bot_id, pushed, created_at, updated_at, ended_at)
         SELECT gen_random_uuid(), (SELECT id FROM task_lane LIMIT 1), ${OWNER}, ${visibility === "TEAM" ? TEAM : "NULL::uuid"}, '${visibility}', 'task', '{}', '{}', 3, 'PULL', '${PLAN}', 'COMPLETED', false, 1, 1, ${bot}, false, now(), now(), now() ${series}`,
    ),
  ];
}

const FLOW = id("flow", "0");
/** A definition of so many steps, each with everything that a step can have. */
const flowBody = (
  rows: string,
) => `jsonb_build_object('name', 'Flow', 'onFailure', 'STOP', 'inputSchema', NULL, 'steps', (
  SELECT jsonb_agg('{"title":"s","after":[],"capabilities":[],"input":{},"when":{"at":"/input","is":"EXISTS","value":null},"forEach":null,"approval":false,"optional":false,"compensation":{"title":"u","capabilities":[]},"priority":3,"complexity":"MEDIUM","assign":"PULL","plan":${PLAN}}'::jsonb
    || jsonb_build_object('key', 's' || n)) FROM generate_series(1, ${rows}) n))`;
/** So many definitions and runs of the owner's team; of the first so many steps, and of its first step so many tasks that wait for a yes. */
function flows(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const step = first ? "0" : "n";
  // Half of them are newer than other tasks: a page has both.
  const taskId = `((CASE WHEN ${n} % 2 = 0 THEN 'ffffffff' ELSE '00000000' END) || substr(md5('flowtask' || ${n}), 9))::uuid`;
  return [
    `INSERT INTO workflow_definition (id, creator_id, team_id, scope, name, version, body, created_at)
     SELECT ${id("flow", n)}, ${OWNER}, ${TEAM}, 'team:' || ${TEAM}, 'Flow', ${step} + 1, ${flowBody("1")}, now() ${series}`,
    `UPDATE workflow_definition SET body = ${flowBody(rows)} WHERE id = ${FLOW}`,
    `INSERT INTO workflow (id, definition_id, creator_id, team_id, state, input, created_at, updated_at)
     SELECT ${id("flow", n)}, ${FLOW}, ${OWNER}, ${TEAM}, 'RUNNING', 'null', now(), now() ${series}`,
    `INSERT INTO workflow_step SELECT ${FLOW}, 's' || ${step}, ${step}, 'RUNNING', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0 ${series}`,
    `INSERT INTO task (id, lane_id, creator_id, team_id, visibility, title, payload, capabilities, priority, assign, plan, state, ready, attempt, fence, approval, pushed, created_at, updated_at, workflow_id, step_key, item_index)
     SELECT ${taskId}, (SELECT id FROM task_lane LIMIT 1), ${OWNER}, ${TEAM}, 'TEAM', 'task', '{}', '{}', 3, 'PULL', '${PLAN}', 'AWAITING_APPROVAL', false, 1, 0, true, false, now(), now(), ${FLOW}, 's0', ${step} ${series}`,
  ];
}

/** So many deposits that were seen. */
function deposits(rows: string): string {
  return `INSERT INTO deposit (id, user_id, from_address, to_address, amount, status, height, block_hash, log_index, tx_hash, seen_at, moved_at)
    SELECT gen_random_uuid(), ${OWNER}, '0x' || repeat('c', 40), '0x' || repeat('d', 40), 1, 'PENDING', n, '0x' || repeat(md5('${rows}' || n), 2), n, '0x' || repeat(md5(n::text), 2), now(), now()
    FROM generate_series(1, ${rows}) n`;
}
/** So many events, days, skills and achievements of the owner; bots on the board, and in the team such as others brought, too. */
function xp(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const [bot, brought] = [first ? ":bot" : id("bot", n), id("brought", n)];
  return [
    `INSERT INTO xp_event (id, source, external_id, bot_id, owner_id, origin, kind, success, custom, skills, bonuses, computed, added, publicly, occurred_at, recorded_at)
     SELECT gen_random_uuid(), 'task', '${rows}' || n, :bot, ${OWNER}, 'OBSERVED', 'TASK_COMPLETION', true, 100, '{a}', '{}', 10, 10, false, now(), now() ${series}`,
    `INSERT INTO xp_bot (bot_id, owner_id, xp, public_xp, board_xp) SELECT ${bot}, ${OWNER}, 100, 100, 100 ${series}`,
    `INSERT INTO xp_user (user_id, xp, public_xp, board_xp) SELECT ${first ? OWNER : id("mate", n)}, 100, 100, 100 ${series}`,
    `INSERT INTO xp_day (bot_id, day, xp, public_xp, contest_xp, tries, successes, wins, draws, losses, quality_sum, quality_count, hours, complexities, durations)
     SELECT :bot, current_date - ${n}, 10, 10, 0, 1, 1, 0, 0, 0, 0, 0, '{1}', '{1}', '{1}' ${series}`,
    `INSERT INTO xp_user_day (user_id, day, xp, public_xp, contest_xp) SELECT ${OWNER}, current_date - ${n}, 10, 10, 0 ${series}`,
    `INSERT INTO xp_skill (bot_id, skill, xp, tries, successes) SELECT :bot, 'skill-' || ${n}, 10, 1, 1 ${series}`,
    `UPDATE bot SET capabilities = ARRAY(SELECT 'skill-' || k FROM generate_series(0, ${n === "n" ? "60" : "0"}) k) WHERE owner_id = ${OWNER}`,
    `INSERT INTO bot (id, owner_id, name, created_at, capabilities)
     SELECT ${brought}, ${id("mate", n)}, 'Brought_' || ${n}, now(), ARRAY(SELECT 'skill-' || k FROM generate_series(0, 60) k) ${series}`,
    `INSERT INTO team_bot (team_id, bot_id, added_at) SELECT ${TEAM}, ${brought}, now() ${series}`,
    `INSERT INTO xp_use (user_id, bot_id, uses, successes, last_at) SELECT ${OWNER}, ${brought}, 1, 1, now() ${series}`,
    `INSERT INTO xp_badge (user_id, issuer_key, key, issuer, name, description, at, imported_at)
     SELECT ${OWNER}, 'key', '${rows}' || n, 'https://elsewhere.example', 'Iron Will', 'Go on.', now(), now() ${series}`,
    `UPDATE task SET capabilities = ARRAY(SELECT 'gap-' || k FROM generate_series(0, ${n === "n" ? "60" : "0"}) k) WHERE team_id = ${TEAM}`,
  ];
}
/** So many public tasks that the team's first waits for. */
const inputs = (rows: string) =>
  `INSERT INTO task_input (task_id, input_id) SELECT (SELECT min(id::text)::uuid FROM task WHERE visibility = 'TEAM' AND workflow_id IS NULL), id FROM task
   WHERE visibility = 'PUBLIC' ORDER BY id LIMIT ${rows} ON CONFLICT DO NOTHING`;

const BATTLE = id("battle", "0");
const SCORE = (rows: string) =>
  `jsonb_build_object('score', '{"checksPassed":1,"testsPassed":1,"regressions":0,"diffLines":1,"timeMs":1,"tokens":1}'::jsonb,
    'matrix', (SELECT jsonb_agg('{"name":"t","base":"PASSED","own":"PASSED","restored":"PASSED"}'::jsonb) FROM generate_series(1, ${rows})),
    'checks', (SELECT jsonb_agg('{"name":"c","passed":true}'::jsonb) FROM generate_series(1, ${rows})))`;
/** So many repositories and battles of the owner, and in the first battle so many entries and operations. */
function battles(rows: string, n: string, first: boolean): string[] {
  const series = `FROM generate_series(1, ${rows}) n`;
  const battle = first ? BATTLE : id("battle", n);
  const bot = first ? ":bot" : id("bot", n);
  const entry = (of: string, who: string, seed: string) =>
    `INSERT INTO code_entry (id, battle_id, bot_id, status, seat, program, outcome, commit, score, created_at)
     SELECT ${id(seed, n)}, ${of}, ${who}, 'DRAWN', ${n}, '{"kind":"HOUSE","skill":"SCRIBE"}', 'JUDGED', repeat('c', 40), ${SCORE(rows)}, now() ${series}`;
  return [
    `INSERT INTO code_repository (id, owner_id, url, public, facts, found, setup, test, created_at)
     SELECT ${first ? id("repository", "0") : id("repository", n)}, ${OWNER}, 'https://host.example/' || ${n} || '.git', true,
       '{"files":1,"bytes":1,"submodules":0,"agentSettings":[]}', '{"setup":[],"test":"npm test","because":[]}', '{}', 'npm test', now() ${series}`,
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
     SELECT ${battle}, 'CODE', 'COMPLETED', 'OPEN_ENTRY', true, '\\x00', '\\x00', now(), now(), now() ${series}`,
    `INSERT INTO code_battle (id, owner_id, repository_id, public, open, prompt, source, setup, test, checks, gladiators_max, time_limit_ms, votes, phase, created_at)
     SELECT ${battle}, ${OWNER}, ${id("repository", "0")}, true, true, 'p', repeat('a', 40), '{}', 'npm test', '[]', 8, 5000, true, 'COMPLETED', now() ${series}`,
    entry(first ? BATTLE : id("battle", n), ":bot", first ? "entry-first" : "entry"),
    ...(first ? [] : [entry(BATTLE, bot, "entry-of-first"), `UPDATE code_entry SET score = ${SCORE("60")}`]),
    `INSERT INTO code_audit (id, battle_id, at, operation, about) SELECT gen_random_uuid(), ${BATTLE}, now(), 'fetch', 'it' ${series}`,
    `INSERT INTO contest_participant (contest_id, side, bot_id, ladder) SELECT ${BATTLE}, ${n}, ${bot}, 'CODE' ${first ? series : "FROM generate_series(1, 7) n"}`,
    ...(first
      ? [
          `INSERT INTO stream_event (stream, seq, type, payload, at) SELECT 'battle:' || ${BATTLE}::text, 1, 'BattleEnded',
             jsonb_build_object('type', 'BattleEnded', 'phase', 'COMPLETED', 'seed', '', 'placements', jsonb_build_array(jsonb_build_object('botId', :bot, 'placement', 1)))::text, now()`,
        ]
      : [
          `UPDATE stream_event SET payload = jsonb_set(payload::jsonb, '{placements}', (SELECT jsonb_agg(p) FROM (SELECT payload::jsonb->'placements'->0 AS p FROM generate_series(1, 8)) eight))::text
           WHERE stream = 'battle:' || ${BATTLE}::text`,
        ]),
  ];
}

/** So many matches; the first is `0`. The bots of `roster` play in each. */
function quakeMatches(rows: string, n: string, roster: readonly string[]): string[] {
  const [matchId, series] = [id("match", n), `FROM generate_series(1, ${rows}) n`];
  const seats = roster.map((bot, side) => `(${bot}, ${side})`).join(", ");
  return [
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
     SELECT ${matchId}, 'QUAKE', 'COMPLETED', 'RATED_QUEUE', true, '', '', now(), now(), now() ${series}`,
    `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, placement)
     SELECT ${matchId}, s.side, s.bot, 'QUAKE', 1 ${series} CROSS JOIN (VALUES ${seats}) AS s(bot, side)`,
    `INSERT INTO quake_match (id, map, phase, starts_at) SELECT ${matchId}, 'fan', 'COMPLETED', now() ${series}`,
    `INSERT INTO quake_player (match_id, bot_id, side) SELECT ${matchId}, s.bot, s.side ${series} CROSS JOIN (VALUES ${seats}) AS s(bot, side)`,
    `INSERT INTO quake_kill (match_id, number, killer_id, victim_id, means, suicide, at_ms, at)
     SELECT ${matchId}, 1, :bot, :bot, 10, true, 5, now() ${series}`,
    ...quakeEvents(matchId, series, roster),
  ];
}

/** What a match tells, with lists of its bots. */
function quakeEvents(matchId: string, series: string, roster: readonly string[]): string[] {
  const bots = `jsonb_build_array(${roster.join(", ")})`;
  const results = `jsonb_build_array(${roster.map((bot) => `jsonb_build_object('botId', ${bot}, 'placement', 1, 'score', 0, 'kills', 0, 'deaths', 0)`).join(", ")})`;
  const about = {
    MatchAnnounced: `'map', 'fan', 'rated', true, 'startsAt', now(), 'botIds', ${bots}`,
    MatchRosterFrozen: `'botIds', ${bots}`,
    MatchCompleted: `'seed', '', 'results', ${results}`,
    MatchVoided: `'seed', '', 'reason', 'NO_SERVER', 'requeuedBotIds', ${bots}`,
  };
  return Object.entries(about).map(
    ([type, fields], index) =>
      `INSERT INTO stream_event (stream, seq, type, payload, at)
       SELECT 'match:' || (${matchId})::text, ${index + 1}, '${type}', jsonb_build_object('type', '${type}', ${fields})::text, now() ${series}`,
  );
}
const STRATEGY = "'ffffffff-0000-0000-0000-000000000001'::uuid";
/** So many rounds of the bot's newest strategy. */
const runs = (rows: string) =>
  `INSERT INTO strategy_run (id, strategy_id, ticks, misses, log, ended_at)
   SELECT gen_random_uuid(), ${STRATEGY}, 1, 0, 'log', now() FROM generate_series(1, ${rows}) n`;

/** What no mutation makes, or makes only after many contests. */
const BESIDE = [
  `INSERT INTO task_lane (scope, capabilities) VALUES ('public', '{}')`,
  ...teams("1", "0", true),
  ...flows("1", "0", true),
  inputs("1"),
  `UPDATE contest SET rated = true WHERE id IN (:ended, :live)`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 100, 'RoundEnded', '{"type":"RoundEnded","round":1,"winnerBotId":"' || (:bot)::text || '","reason":"KNOCKOUT","roundWins":[1,0],"nextRoundAt":null}', at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeResolved' LIMIT 1`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 200, 'DeadlineExtended', jsonb_set(payload::jsonb, '{byMs}', '5')::text, at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeRequested' ORDER BY seq LIMIT 1`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 250, 'RevealRequested', payload, at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeRequested' ORDER BY seq LIMIT 1`,
  `INSERT INTO rating (ladder, bot_id, ${RATING})
   SELECT l, :bot, 1000, 25, 2, 20, 10, 0, 10, 20, 1000, 0, true, now() FROM unnest(ARRAY['QUAKE', 'PIT', 'PIT_SLOW', 'CODE']) l
   ON CONFLICT (ladder, bot_id) DO UPDATE SET rated_games = 20, sigma = 2, on_board = true, last_rated_at = now()`,
  `UPDATE fight SET winner_id = :bot WHERE id = :ended`,
  `UPDATE stream_event SET payload = jsonb_set(payload::jsonb, '{payouts}', jsonb_build_array(jsonb_build_object('botId', :bot, 'amount', '0')))::text
   WHERE stream = 'fight:' || (:ended)::text AND type = 'FightEnded'`,
  `INSERT INTO season_rating VALUES ('PIT', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), :bot, 16, 1)`,
  `INSERT INTO rating_history (contest_id, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at)
   VALUES (:ended, :bot, 'RATED', 'PIT', 984, 1000, 25, 26, 8, 7, now())`,
  `INSERT INTO bot (id, owner_id, name, created_at) VALUES (${id("newcomer", "0")}, ${OWNER}, 'New_0', now())`,
  `INSERT INTO rating (ladder, bot_id, rated_games) VALUES ('PIT', ${id("newcomer", "0")}, 3)`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, joined_at) VALUES (${id("wait", "0")}, :bot, 'PIT', 'RATED', now())`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, status, joined_at, contest_id)
   VALUES ('ffffffff-0000-0000-0000-000000000000', :bot, 'PIT_SLOW', 'RATED', 'PLAYING', now(), :live)`,
  `INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), '0x' || repeat('0', 40), ${OWNER}, now())`,
  grants("1"),
  `INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at) VALUES (:ended, 'LOCKED', false, now(), now())`,
  bets("1", "0"),
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT stream, seq + 300, 'FightAnnounced', jsonb_set(jsonb_set(payload::jsonb, '{type}', '"FightAnnounced"'), '{startsAt}', payload::jsonb->'at')::text, at
   FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'FightStarted'`,
  `INSERT INTO stream_event (stream, seq, type, payload, at)
   SELECT 'fight:' || (:ended)::text, 302, 'PoolLocked', jsonb_build_object('at', now(), 'type', 'PoolLocked', 'total', '1', 'backed', jsonb_build_array(jsonb_build_object('botId', :bot, 'amount', '1')))::text, now()`,
  `INSERT INTO hot_wallet (address, chain_id, next_nonce, alarms, registered_at) VALUES ('0x' || repeat('a', 40), 31337, 0, ARRAY['HOT_GAS_LOW'], now())`,
  withdrawals("1"),
  deposits("1"),
  ...battles("1", "0", true),
  ...quakeMatches("1", "0", [":bot"]),
  `INSERT INTO quake_weapon_stat (bot_id, means, kills) VALUES (:bot, 0, 1)`,
  `INSERT INTO strategy (id, bot_id, version, source, code, created_at) VALUES (${STRATEGY}, :bot, 1, 'source', 'code', now())`,
  runs("1"),
  ...xp("1", "0", true),
];

const CONTEST = "ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at, void_reason";

/** Copies of the one row of each kind, :rows of them. */
const COPIES = [
  `INSERT INTO bot (id, owner_id, name, created_at) SELECT ${id("bot", "n")}, ${OWNER}, 'Copy_' || n, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO bot_presence SELECT ${id("bot", "n")}, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO pit_presence SELECT ${id("bot", "n")}, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO pit_message SELECT gen_random_uuid(), ${id("bot", "n")}, 'hello', now() FROM generate_series(1, :rows) n`,
  `INSERT INTO callout (id, challenger_id, target_id, ladder, created_at, expires_at)
   SELECT gen_random_uuid(), ${id("bot", "n")}, :bot, 'PIT', now(), now() + interval '1 hour' FROM generate_series(1, :rows) n`,
  `UPDATE callout SET expires_at = now() + interval '1 hour' WHERE status = 'PENDING'`,
  `INSERT INTO rating (ladder, bot_id, ${RATING})
   SELECT r.ladder, ${id("bot", "n")}, ${RATING.replace("elo", "elo - 3 + n % 7")} FROM rating r, generate_series(1, :rows) n WHERE r.bot_id = :bot`,
  `INSERT INTO season_rating SELECT ladder, season, ${id("bot", "n")}, elo_gained, games FROM season_rating, generate_series(1, :rows) n WHERE bot_id = :bot`,
  `INSERT INTO bot (id, owner_id, name, created_at) SELECT ${id("newcomer", "n")}, ${OWNER}, 'New_' || n, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO rating (ladder, bot_id, rated_games) SELECT 'PIT', ${id("newcomer", "n")}, 3 FROM generate_series(1, :rows) n`,
  ...(["ended", "live"] as const).flatMap((kind) => [
    `INSERT INTO contest (id, ${CONTEST}) SELECT ${id(kind, "n")}, ${CONTEST} FROM contest, generate_series(1, :rows) n WHERE id = :${kind}`,
    `INSERT INTO fight (id, rules, phase, state, last_seq, winner_id, end_reason)
     SELECT ${id(kind, "n")}, rules, phase, state, last_seq, CASE WHEN winner_id IS NOT NULL THEN ${id("bot", "n")} END, end_reason
     FROM fight, generate_series(1, :rows) n WHERE id = :${kind}`,
    // Every other copy is the very bot's own, so that one bot has many contests, too.
    `INSERT INTO contest_participant SELECT ${id(kind, "n")}, side, CASE WHEN bot_id = :bot AND n % 2 = 0 THEN ${id("bot", "n")} ELSE bot_id END, ladder, character, placement, rating_before, rating_after
     FROM contest_participant, generate_series(1, :rows) n WHERE contest_id = :${kind}`,
    `INSERT INTO stream_event SELECT 'fight:' || (${id(kind, "n")})::text, seq, type, payload, at, hash
     FROM stream_event, generate_series(1, :rows) n WHERE stream = 'fight:' || (:${kind})::text`,
  ]),
  `INSERT INTO stream_event SELECT stream, seq + 300 + n, type, payload, at, hash FROM stream_event, generate_series(1, :rows) n
   WHERE stream = 'fight:' || (:ended)::text AND seq = (SELECT max(seq) FROM stream_event WHERE stream = 'fight:' || (:ended)::text AND type = 'ExchangeResolved')`,
  `INSERT INTO stream_event SELECT stream, seq + 1000 + n, type, payload, at, hash FROM stream_event, generate_series(1, 4) n
   WHERE stream = 'fight:' || (:ended)::text AND type = 'RoundEnded'`,
  `INSERT INTO rating_history SELECT ${id("ended", "n")}, bot_id, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at
   FROM rating_history, generate_series(1, :rows) n WHERE contest_id = :ended AND bot_id = :bot`,
  `INSERT INTO rating_history SELECT contest_id, ${id("bot", "n")}, kind, ladder, elo_before, elo_after, mu_before, mu_after, sigma_before, sigma_after, at
   FROM rating_history, generate_series(1, :rows) n WHERE contest_id = :ended AND bot_id = :bot`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, joined_at) SELECT ${id("wait", "n")}, ${id("bot", "n")}, 'PIT', 'RATED', now() FROM generate_series(1, :rows) n`,
  `INSERT INTO queue_entry (id, bot_id, ladder, mode, status, joined_at, contest_id)
   SELECT ('ffffffff' || substr((${id("play", "n")})::text, 9))::uuid, ${id("bot", "n")}, 'PIT_SLOW', 'RATED', 'PLAYING', now(), ${id("live", "n")} FROM generate_series(1, :rows) n`,
  `INSERT INTO wallet (id, address, user_id, linked_at) SELECT gen_random_uuid(), '0x' || lpad(to_hex(n), 40, '0'), ${OWNER}, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO session (id, user_id, token_hash, created_at, last_used_at, expires_at)
   SELECT gen_random_uuid(), ${OWNER}, sha256(n::text::bytea), now(), now(), now() + interval '1 day' FROM generate_series(1, :rows) n`,
  `INSERT INTO api_key (id, user_id, name, prefix, key_hash, scopes, created_at)
   SELECT gen_random_uuid(), ${OWNER}, 'key', 'agon_' || n, sha256(n::text::bytea), ARRAY['READ'], now() FROM generate_series(1, :rows) n`,
  grants(":rows"),
  `INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at)
   SELECT ${id("ended", "n")}, 'LOCKED', false, now(), now() FROM generate_series(1, :rows) n`,
  bets(":rows", "n"),
  withdrawals(":rows"),
  ...teams(":rows", "n", false),
  ...flows(":rows", "n", false),
  ...xp(":rows", "n", false),
  deposits(":rows"),
  ...battles(":rows", "n", false),
  ...quakeMatches(":rows", "n", [":bot", ...["1", "2", "3"].map((n) => id("bot", n))]),
  `INSERT INTO quake_player (match_id, bot_id, side) SELECT ${id("match", "0")}, b.id, 1 FROM bot b WHERE b.id IN (${["1", "2", "3"].map((n) => id("bot", n)).join(", ")})`,
  `INSERT INTO quake_kill (match_id, number, killer_id, victim_id, means, suicide, at_ms, at)
   SELECT ${id("match", "0")}, 1 + n, :bot, :bot, n % 29, true, 5, now() FROM generate_series(1, :rows) n`,
  `INSERT INTO quake_weapon_stat (bot_id, means, kills)
   SELECT b.id, m, 1 FROM bot b CROSS JOIN generate_series(0, 28) m WHERE b.id = :bot OR b.name LIKE 'Copy_%' ON CONFLICT DO NOTHING`,
  `INSERT INTO strategy (id, bot_id, version, source, code, created_at)
   SELECT ${id("strategy", "n")}, :bot, 1 + n, 'source', 'code', now() FROM generate_series(1, :rows) n`,
  `INSERT INTO strategy_run (id, strategy_id, ticks, misses, log, ended_at)
   SELECT gen_random_uuid(), ${id("strategy", "n")}, 1, 0, 'log', now() FROM generate_series(1, :rows) n`,
  runs(":rows"),
  // The same task waits for more: of which it is asked.
  `INSERT INTO task_input (task_id, input_id) SELECT d.task_id, t.id FROM (SELECT DISTINCT task_id FROM task_input) d, task t
   WHERE t.visibility = 'PUBLIC' ON CONFLICT DO NOTHING`,
  `INSERT INTO audit_entry (id, at, principal, action, subject) SELECT gen_random_uuid(), now(), 'system', 'test', 'bot:' || n FROM generate_series(1, :rows) n`,
];
