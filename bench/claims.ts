// Claims of the best of 100,000 pending tasks through HTTP beside pgbench running the same statements, and the same with a stored stream of
// their board, which there is not: node bench/claims.ts [rounds] [seconds] [tasks]
import { ownBot } from "../src/bots/store.ts";
import { findKey } from "../src/identity/store.ts";
import { appendBatch } from "../src/platform/streams.ts";
import { toTask } from "../src/work/events.ts";
import { create, decide } from "../src/work/rules/task.ts";
import { columnsOf } from "../src/work/service/steps.ts";
import { planOf } from "../src/work/service/tasks.ts";
import { holdBot, lockNext, writeStep } from "../src/work/store/tasks.ts";
import { temporaryDatabase } from "./database.ts";
import { fillBots, keyOf, nodeIdOf, sqlIdOf, sqlKeyOf, withClient } from "./fill.ts";
import { graphqlRequest, sendLoad } from "./load/load.ts";
import { line, pgbench } from "./pgbench.ts";
import { startAgon } from "./processes.ts";

const ROUNDS = Number(process.argv[2] ?? 2);
const SECONDS = Number(process.argv[3] ?? 3);
const TASKS = Number(process.argv[4] ?? 100_000);
const CONNECTIONS = [1, 16, 64] as const;
const [USERS, BOTS, LANES] = [100, 4_000, 20];
const GOALS = { ratio: 0.3, p95Ms: 20 };

const say = (text: string) => process.stdout.write(`${text}\n`);
const mean = (samples: readonly number[]) => samples.reduce((sum, each) => sum + each, 0) / samples.length;
const ownerOf = (bot: number) => ((bot - 1) % USERS) + 1;

/** So many public tasks in 20 lanes of capabilities, of which every bot can take half; and nobody holds any. */
async function reset(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query("SET session_replication_role = replica");
    for (const text of [
      "TRUNCATE task, task_input, task_lane, stream_event, stream_head RESTART IDENTITY",
      `INSERT INTO task_lane (scope, capabilities) SELECT 'public', ARRAY['c' || n] FROM generate_series(1, ${LANES}) n`,
      `INSERT INTO task (id, lane_id, creator_id, visibility, title, payload, capabilities, priority, assign, plan, state, ready, attempt, fence, pushed, ready_at, created_at, updated_at)
       SELECT ${sqlIdOf("contest", "n")}, n % ${LANES} + 1, ${sqlIdOf("user", "1")}, 'PUBLIC', 'task ' || n, '{"n": 1}', ARRAY['c' || (n % ${LANES} + 1)], n % 5 + 1, 'PULL',
         '${JSON.stringify(planOf({}))}', 'PENDING', true, 1, 0, false, now(), now(), now() FROM generate_series(1, ${TASKS}) n`,
      `UPDATE bot SET capabilities = ARRAY(SELECT 'c' || n FROM generate_series(1, ${LANES / 2}) n)`,
      "UPDATE api_key SET scopes = '{PLAY,WORK}'",
      "VACUUM ANALYZE task",
    ])
      await client.query(text);
  });
}

const query = `mutation ClaimNextTask($input: ClaimNextTaskInput!) { claimNextTask(input: $input) { __typename ... on Refusal { code } } }`;
/** Each request is another bot's, so that none meets the most that it may hold. */
const lanes = Array.from({ length: BOTS }, (_none, index) => {
  const bot = ((index * 7_919) % BOTS) + 1;
  const input = { botId: nodeIdOf("bot", bot), start: true };
  return [graphqlRequest(query, { input }, { "x-api-key": keyOf(ownerOf(bot)) })];
});

/** The statements of a claim with what the service would write; and what it would write if the board had a stored stream, too. */
function script(): { script: string; batch: string; withBoard: string } {
  const at = new Date();
  const decided = decide(
    create(planOf({}), at.getTime()),
    { type: "CLAIM", botId: "BOT", start: true },
    { nowMs: at.getTime(), jitter: 0 },
  );
  if (!decided.ok) throw new Error(decided.refusal);
  const told = toTask("TASK", decided.events);
  const batch = appendBatch([told], at);
  const withBoard = appendBatch(
    [told, { stream: "board:public", events: [{ type: "TaskChanged", taskId: "TASK" }] }],
    at,
  );
  const bot = sqlIdOf("bot", ":b::int8");
  const owner = `((:b::int8 - 1) % ${USERS} + 1)`;
  const text = (value: unknown) =>
    value === null ? "NULL" : value instanceof Date ? `'${value.toISOString()}'` : `'${String(value)}'`;
  const [state, ready, attempt, fence, , ...rest] = columnsOf(decided.task).map(text);
  const row = [":id::uuid", state, ready, attempt, fence, bot, "NULL", ...rest];
  const content = ["NULL", "false", "NULL", "NULL", "true", "NULL::int", "NULL", "now()", "now()", "NULL::timestamptz"];
  const json = `replace(replace(:batch, 'TASK', :id::text), 'BOT', ${bot}::text)::json`;
  const locked = line(lockNext, [bot, "NULL"])
    .replace(/^SELECT t\.id/, "SELECT t.id::text AS id")
    .replace(/;\n$/, " \\gset\n");
  return {
    batch,
    withBoard,
    script: [
      `\\set b random(1, ${BOTS})\n`,
      line(findKey, [`sha256(convert_to(${sqlKeyOf(owner)}, 'UTF8'))`, "now()"]),
      "BEGIN;\n",
      line(ownBot, [bot, sqlIdOf("user", owner)]),
      line(holdBot, [bot]),
      locked,
      line(writeStep, [...row, ...content, json] as string[]),
      "COMMIT;\n",
    ].join(""),
  };
}

const database = await temporaryDatabase();
let agon: Awaited<ReturnType<typeof startAgon>> | null = null;
try {
  await fillBots(database.url, USERS, BOTS);
  agon = await startAgon(database.url, { AGON_ROLES: "api" });
  const { script: text, batch, withBoard } = script();
  say(
    `claims among ${TASKS.toLocaleString("en")} pending tasks in ${LANES} lanes; goals: ratio ${GOALS.ratio}, p95 ${GOALS.p95Ms} ms`,
  );
  for (const connections of CONNECTIONS) {
    const [raw, board, http, p95, p50]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      await reset(database.url);
      for (const [into, told] of [[raw, batch] as const, [board, withBoard] as const]) {
        const run = { clients: connections, seconds: SECONDS, variables: { batch: told } };
        into.push(await pgbench(database.url, text, run));
        await reset(database.url);
      }
      const load = { port: agon.port, connections, lanes, again: true, expected: "ClaimNextTaskSuccess" };
      await sendLoad({ ...load, forMs: 700 });
      const sent = await sendLoad({ ...load, forMs: SECONDS * 1_000 });
      if (sent.wrong > 0) throw new Error(`${sent.wrong} wrong answers: ${sent.firstBody}`);
      http.push(sent.perSecond);
      p95.push(sent.p95Ms);
      p50.push(sent.p50Ms);
    }
    say(
      `claimNextTask, ${String(connections).padStart(2)} connections: pgbench ${mean(raw).toFixed(0)} a second, HTTP ${mean(http).toFixed(0)}, ratio ${(mean(http) / mean(raw)).toFixed(2)}, p50 ${mean(p50).toFixed(1)} ms, p95 ${mean(p95).toFixed(1)} ms; pgbench with a stream of the board ${mean(board).toFixed(0)}, ratio ${(mean(board) / mean(raw)).toFixed(2)}`,
    );
  }
} finally {
  await agon?.stop();
  await database.stop();
}
