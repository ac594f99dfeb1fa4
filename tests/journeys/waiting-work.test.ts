import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorker, readTask, work, type Worker } from "../harness/work.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const stateOf = async ({ key }: Worker, id: string) =>
  (await readTask<{ state: string }>(url, key, id, "state"))?.state;
const count = async (sql: string, values: unknown[] = []) =>
  (await app.platform.db.pool.query<{ n: number }>(`SELECT count(*)::int4 AS n FROM ${sql}`, values)).rows[0]?.n;

test("what waits for a task that is cancelled ends with it, and what waits for that in turn", async () => {
  const own = await newWorker(url);
  const first = await newTask(url, own.key);
  const second = await newTask(url, own.key, { dependsOn: [first] });
  const third = await newTask(url, own.key, { dependsOn: [second] });
  const other = await newTask(url, own.key, { dependsOn: [await newTask(url, own.key)] });
  await work(url, own.key, "cancelTask", { taskId: first });
  await expect.poll(() => stateOf(own, third), { timeout: 10_000 }).toBe("CANCELLED");
  expect([await stateOf(own, second), await stateOf(own, other)]).toEqual(["CANCELLED", "BLOCKED"]);
});

test("lanes in which nothing waits sleep, and the next task that waits in one is found", async () => {
  const own = await newWorker(url, ["rare-0", "rare-1", "rare-2"]);
  const made: string[] = [];
  for (const n of [0, 1, 2])
    made.push(await newTask(url, own.key, { visibility: "PUBLIC", capabilities: [`rare-${n}`] }));
  for (const taskId of made.slice(0, 2)) await work(url, own.key, "cancelTask", { taskId });
  const awake = () => count("task_lane WHERE NOT asleep AND capabilities[1] LIKE 'rare-%'");
  await expect.poll(awake, { timeout: 10_000 }).toBe(1);
  const id = await newTask(url, own.key, { visibility: "PUBLIC", capabilities: ["rare-0"], priority: 5 });
  expect((await work(url, own.key, "claimNextTask", { botId: own.botId })).task.id).toBe(id);
  await work(url, own.key, "releaseTask", { botId: own.botId, taskId: id, token: 1 });
  // It comes back after its pause, whether its lane slept meanwhile or not.
  await expect
    .poll(async () => (await work(url, own.key, "claimNextTask", { botId: own.botId })).task?.id, { timeout: 10_000 })
    .toBe(made[2]);
  await expect
    .poll(async () => (await work(url, own.key, "claimNextTask", { botId: own.botId })).task?.id, { timeout: 10_000 })
    .toBe(id);
});

test("twenty thousand tasks that no bot can take keep nobody else's from being laid on one", async () => {
  const [crowd, own] = [await newWorker(url), await newWorker(url)];
  const first = await newTask(url, crowd.key, { assign: "AUTO", capabilities: ["nobody-can"] });
  await app.platform.db.pool.query(
    `INSERT INTO task SELECT (jsonb_populate_record(r, jsonb_build_object('id', uuid_in(md5(n::text)::cstring)))).*
     FROM task r, generate_series(2, 20000) n WHERE r.id = $1::uuid`,
    [first.slice(-32)],
  );
  expect(await count("task WHERE state = 'PENDING' AND assign = 'AUTO'")).toBe(20_000);
  const id = await newTask(url, own.key, { assign: "AUTO", plan: { acceptMs: 600_000 } });
  await expect.poll(() => stateOf(own, id), { timeout: 5_000 }).toBe("ASSIGNED");
});
