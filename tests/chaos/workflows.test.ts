import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newBot, newKey, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { look, run } from "../harness/workflows.ts";

const FULL = process.env["AGON_CHAOS"] === "full";
/** How many tasks the run has in all, how many workers do how many of them at once, and how often the server is killed meanwhile. */
const [TASKS, PROCESSES, AT_ONCE, KILLS] = FULL ? [10_000, 3, 20, 20] : [300, 2, 6, 4];

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let client: pg.Client;
let key = "";
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  server = serverProcess(await freePort(), database.url, ROOMY);
  await server.start();
  const { token } = await newPerson(server.url);
  key = await newKey(server.url, token, ["PLAY", "WORK"]);
});
afterAll(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  await server.stop();
  await client.end();
  await database.drop();
});

const rows = async <Row extends object>(text: string) => (await client.query<Row>(text)).rows;
const count = async (where: string) =>
  (await rows<{ tasks: number }>(`SELECT count(*)::int AS tasks FROM task WHERE ${where}`))[0]?.tasks ?? 0;

function startWorker(bot: string, atOnce: number): void {
  const about = {
    AGON_URL: server.url,
    AGON_KEY: key,
    AGON_BOTS: bot,
    AGON_AT_ONCE: String(atOnce),
    AGON_FAILS: "0.1",
  };
  const env = { ...process.env, ...about };
  workers.add(spawn("node", ["tests/chaos/worker.ts"], { env, stdio: "ignore" }));
}

test(
  "a run that fans out and is tried again survives kill -9 of the server: each step's effect is there once",
  async () => {
    const names = Array.from({ length: PROCESSES }, (_none, n) => `Flow_${n}`);
    for (const name of names) await newBot(server.url, key, name);
    const half = TASKS / 2 - 1;
    const plan = { heartbeatMs: 1_500, backoffMs: 50, backoffMaxMs: 200, maxAttempts: 20 };
    const steps = [
      { key: "first", plan },
      { key: "left", after: ["first"], forEach: "/input/items", input: { n: "/item" }, plan },
      { key: "right", after: ["first"], forEach: "/input/items", input: { n: "/index" }, plan },
      { key: "last", after: ["left", "right"], plan },
    ];
    const id = await run(server.url, key, steps, { input: { items: Array.from({ length: half }, (_none, n) => n) } });
    for (const name of names) startWorker(name, AT_ONCE);
    const done = () => count("state = 'COMPLETED'");
    for (let kill = 1; kill <= KILLS; kill++) {
      const goal = Math.floor((TASKS * kill) / (KILLS + 2));
      for (let now = await done(); now < goal; now = await done())
        await until(async () => (await done()) > now, `more than ${now} done`);
      await sleep(Math.random() * 200);
      await server.signal("SIGKILL");
      await server.start();
    }
    for (let now = await done(); now < TASKS; now = await done())
      await until(async () => (await done()) > now, `more than ${now} done`);
    await until(async () => (await look(server.url, key, id)).state === "COMPLETED", "the run's end");
    await check(half);
  },
  FULL ? 1_800_000 : 120_000,
);

async function check(half: number): Promise<void> {
  expect(await count("true")).toBe(TASKS);
  const each = await rows(`SELECT step_key, count(*)::int AS tasks, count(DISTINCT item_index)::int AS items FROM task
    WHERE state = 'COMPLETED' AND absorbed GROUP BY step_key ORDER BY step_key`);
  expect(each).toEqual([
    { step_key: "first", tasks: 1, items: 1 },
    { step_key: "last", tasks: 1, items: 1 },
    { step_key: "left", tasks: half, items: half },
    { step_key: "right", tasks: half, items: half },
  ]);
  // One completion for each, each item got its own payload, and no step began before what it needs was over.
  const wrong = await rows(`SELECT t.id FROM task t WHERE
    (SELECT count(*) FROM stream_event e WHERE e.stream = 'task:' || t.id AND e.type = 'TaskCompleted') <> 1
    OR (t.step_key IN ('left', 'right') AND (t.payload->>'n')::int <> t.item_index)
    OR (t.step_key IN ('left', 'right') AND t.created_at < (SELECT f.ended_at FROM task f WHERE f.step_key = 'first'))
    OR (t.step_key = 'last' AND t.created_at < (SELECT max(f.ended_at) FROM task f WHERE f.step_key IN ('left', 'right')))`);
  expect(wrong).toEqual([]);
  const ended = await rows(`SELECT payload::jsonb->>'key' AS key FROM stream_event WHERE type = 'WorkflowStepChanged'
    AND payload::jsonb->>'state' = 'COMPLETED' ORDER BY seq`);
  expect(ended.map((row) => (row as { key: string }).key).toSorted()).toEqual(["first", "last", "left", "right"]);
  expect(await count("attempt > 1")).toBeGreaterThan(0);
}
