import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newBot, newKey, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { newTask, readTask, work } from "../harness/work.ts";

const FULL = process.env["AGON_CHAOS"] === "full";
const [TASKS, BOTS, PROCESSES, WORKER_KILLS, SERVER_KILLS] = FULL ? [10_000, 1_000, 20, 60, 10] : [300, 12, 3, 4, 1];
const BACKOFF_MS = 100;
/** A lease that lives for so long; a thousand at once must not ask for more signs of life than two cores can hear. */
const HEARTBEAT_MS = FULL ? 15_000 : 1_500;
const SLEEPS_MS = 1_500;

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let client: pg.Client;
let [key, token] = ["", ""];
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  server = serverProcess(await freePort(), database.url, {
    ...ROOMY,
    LIMIT_BOTS_PER_USER_MAX: "2000",
    LIMIT_SOCKETS_PER_PRINCIPAL_MAX: "5000",
    LIMIT_COST_PER_MINUTE_SIGNED_IN: "1000000000",
  });
  await server.start();
  ({ token } = await newPerson(server.url));
  key = await newKey(server.url, token, ["PLAY", "WORK"]);
});
afterAll(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  await server.stop();
  await client.end();
  await database.drop();
});

/** Starts a process that works for some bots, each on one task at a time. */
function startWorker(bots: readonly string[]): ChildProcess {
  const env = { ...process.env, AGON_URL: server.url, AGON_KEY: key, AGON_BOTS: bots.join() };
  const worker = spawn("node", ["tests/chaos/worker.ts"], { env, stdio: "ignore" });
  workers.add(worker);
  return worker;
}

const rows = async <Row extends object>(text: string) => (await client.query<Row>(text)).rows;
const count = async (where: string) =>
  (await rows<{ tasks: number }>(`SELECT count(*)::int AS tasks FROM task WHERE ${where}`))[0]?.tasks ?? 0;

test("a worker that slept through its lease has lost it when it wakes, and another's result stands", async () => {
  const botId = await newBot(server.url, key, "Sleeper");
  const other = await newBot(server.url, key, "Waker");
  const id = await newTask(server.url, key, { plan: { heartbeatMs: SLEEPS_MS, backoffMs: 0 } });
  // A process that claims and begins, then says nothing for a second, then hands in.
  const script = `
    const post = (field, type, input) => fetch("${server.url}/graphql", { method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "${key}" },
      body: JSON.stringify({ query: "mutation($input: " + type + "!) { " + field + "(input: $input) { __typename ... on Refusal { code } } }", variables: { input } }) }).then((r) => r.json());
    await post("claimTask", "ClaimTaskInput", { botId: "${botId}", taskId: "${id}", start: true });
    console.log("begun");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    console.log(JSON.stringify(await post("completeTask", "CompleteTaskInput", { botId: "${botId}", taskId: "${id}", token: 1, result: "late" })));`;
  const sleeper = spawn("node", ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  workers.add(sleeper);
  const said: string[] = [];
  sleeper.stdout.on("data", (text) => void said.push(String(text)));
  await until(() => said.join("").includes("begun"), "the sleeper's claim");
  sleeper.kill("SIGSTOP");
  const taken = await until(async () => {
    const { task } = await work(server.url, key, "claimTask", { botId: other, taskId: id, start: true });
    return task;
  }, "the take-over");
  expect(taken).toMatchObject({ state: "IN_PROGRESS", attempt: 2, lease: { token: 2 } });
  sleeper.kill("SIGCONT");
  await until(() => said.join("").includes("completeTask"), "the sleeper's answer");
  expect(said.join("")).toContain(`{"completeTask":{"__typename":"LeaseLostRefusal","code":"LEASE_LOST"}}`);
  await work(server.url, key, "completeTask", { botId: other, taskId: id, token: 2, result: "in time" });
  const ended = await readTask(server.url, key, id, "state result bot { id }");
  expect(ended).toEqual({ state: "COMPLETED", result: "in time", bot: { id: other } });
});

test(
  "kill -9 of workers and of the server: every task is done once, and none is lost",
  async () => {
    const names = Array.from({ length: BOTS }, (_none, n) => `Killed_${n}`);
    for (const name of names) await newBot(server.url, key, name);
    const plan = { heartbeatMs: HEARTBEAT_MS, backoffMs: BACKOFF_MS, maxAttempts: 20 };
    const made = Array.from({ length: TASKS }, (_none, n) => n);
    const make = async () => {
      for (let n = made.shift(); n !== undefined; n = made.shift())
        await newTask(server.url, key, { payload: { n }, plan, idempotencyKey: `task ${n}` });
    };
    await Promise.all(Array.from({ length: 8 }, make));
    const share = Math.ceil(BOTS / PROCESSES);
    const at = (n: number) => startWorker(names.slice(n * share, (n + 1) * share));
    const running = Array.from({ length: PROCESSES }, (_none, n) => at(n));
    await until(async () => (await count("state = 'COMPLETED'")) > TASKS / 100, "the first results");
    for (let kill = 0; kill < WORKER_KILLS; kill++) {
      await sleep(FULL ? 500 : 150);
      running[kill % PROCESSES]?.kill("SIGKILL");
      running[kill % PROCESSES] = at(kill % PROCESSES);
      if (kill % Math.ceil(WORKER_KILLS / SERVER_KILLS) === 0) {
        await server.signal("SIGKILL");
        await server.start();
      }
    }
    // Each half minute some end, until none is left.
    for (let open = TASKS + 1; open > 0; open = await count("ended_at IS NULL"))
      await until(async () => (await count("ended_at IS NULL")) < open, "the end of a task");
    expect(await count("state = 'COMPLETED' AND payload ? 'n'")).toBe(TASKS);
    // Its stream tells of one completion, by the holder of the newest lease, and the result is that attempt's.
    const wrong = await rows(`SELECT t.id FROM task t WHERE t.payload ? 'n' AND (
      (SELECT count(*) FROM stream_event e WHERE e.stream = 'task:' || t.id AND e.type = 'TaskCompleted') <> 1
      OR (SELECT count(*) FROM stream_event e WHERE e.stream = 'task:' || t.id AND e.type = 'TaskClaimed') <> t.fence
      OR (t.result->>'attempt')::int <> t.attempt)`);
    expect(wrong).toEqual([]);
    expect(await count("payload ? 'n' AND attempt > 1")).toBeGreaterThan(0);
  },
  FULL ? 1_200_000 : 120_000,
);
