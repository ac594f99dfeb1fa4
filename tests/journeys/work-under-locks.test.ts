import type { PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newTask, newWorker, readTask, work, type Worker } from "../harness/work.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_PRESENCE_MS: 1_500 });
  url = app.url;
});
afterAll(() => app.stop());

const uuidOf = (id: string) => id.slice(-32);

/** Holds rows in a transaction of its own while `work` goes on. */
async function whileHeld<T>(sql: string, id: string, during: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await app.platform.db.pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(sql, [uuidOf(id)]);
    return await during(client);
  } finally {
    await client.query("COMMIT");
    client.release();
  }
}
/** Until somebody waits for what is held. */
const waited = () =>
  until(async () => {
    const { rows } = await app.platform.db.pool.query<{ n: number }>(
      "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    return (rows[0]?.n ?? 0) > 0;
  }, "somebody who waits for the row");

async function started(plan: object): Promise<{ own: Worker; id: string }> {
  const own = await newWorker(url);
  const id = await newTask(url, own.key, { plan });
  await work(url, own.key, "claimTask", { botId: own.botId, taskId: id, start: true });
  return { own, id };
}

test("a bot that falls silent loses what it holds, long before its lease ends", async () => {
  const { own, id } = await started({ heartbeatMs: 600_000, backoffMs: 0 });
  await until(
    async () => (await readTask<{ state: string }>(url, own.key, id, "state"))?.state === "PENDING",
    "the task's return",
  );
  const { rows } = await app.platform.db.pool.query<{ payload: string }>(
    "SELECT payload FROM stream_event WHERE stream = 'task:' || $1::uuid ORDER BY seq DESC LIMIT 1",
    [uuidOf(id)],
  );
  expect(rows.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
    { type: "TaskReturned", reason: "BOT_GONE", attempt: 2 },
  ]);
});

test("a bot that gives a sign of life before its task is taken keeps it", async () => {
  const { own, id } = await started({ heartbeatMs: 600_000 });
  await whileHeld("SELECT FROM task WHERE id = $1::uuid FOR UPDATE", id, async () => {
    await waited();
    await mutate(url, own.key, "heartbeat", { botId: own.botId });
  });
  await mutate(url, own.key, "heartbeat", { botId: own.botId });
  expect(await readTask(url, own.key, id, "state attempt")).toEqual({ state: "IN_PROGRESS", attempt: 1 });
});

test.each(["archived", "suspended"])("a claim that waits for its bot's being %s gets nothing", async (barred) => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key);
  for (const [field, more] of [
    ["claimNextTask", {}],
    ["claimTask", { taskId: id }],
  ] as const) {
    const claiming = await whileHeld(`UPDATE bot SET ${barred}_at = now() WHERE id = $1::uuid`, own.botId, async () => {
      const answer = work(url, own.key, field, { botId: own.botId, ...more });
      await waited();
      return { answer };
    });
    expect((await claiming.answer).code).toBe(`BOT_${barred.toUpperCase()}`);
    await app.platform.db.pool.query(`UPDATE bot SET ${barred}_at = NULL WHERE id = $1::uuid`, [uuidOf(own.botId)]);
  }
  expect(await readTask(url, own.key, id, "state bot { id }")).toEqual({ state: "PENDING", bot: null });
});
