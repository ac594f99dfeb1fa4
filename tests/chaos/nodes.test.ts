import { spawn, type ChildProcess } from "node:child_process";
import { connect as connectTcp } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, mutate, newBot, newPerson, socket } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
let redis: ChildProcess;
let redisPort: number;
let one: ServerProcess;
let two: ServerProcess;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  redisPort = await freePort();
  redis = await startRedis();
  const variables = {
    ...ROOMY,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    LIMIT_CALLOUT_INTERVAL_MS: "0",
    LIMIT_CHAT_INTERVAL_MS: "0",
    LIMIT_ACTION_TIMEOUT_MS: "1500",
    LIMIT_TIME_BANK_MS: "0",
  };
  one = serverProcess(await freePort(), database.url, variables);
  two = serverProcess(await freePort(), database.url, variables);
  await one.start();
  await two.start();
});
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
  redis.kill("SIGKILL");
  await pool.end();
  await database.drop();
});

async function startRedis(): Promise<ChildProcess> {
  const child = spawn("redis-server", ["--port", String(redisPort), "--save", "", "--appendonly", "no"], {
    stdio: "ignore",
  });
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const tcp = connectTcp(redisPort, "127.0.0.1", () => (tcp.destroy(), resolve(true)));
      tcp.once("error", () => resolve(false));
    });
  await until(answers, "Redis");
  return child;
}

/** What a node's subscribers of the Pit hear. */
function listen(url: string, after: string): { texts: string[]; stop: () => unknown } {
  const client = socket(url, null);
  const texts: string[] = [];
  client.subscribe<{ pitEvents: { event: { text?: string } } }>(
    {
      query:
        "subscription($after: Cursor) { pitEvents(after: $after) { event { __typename ... on MessagePosted { text } } } }",
      variables: { after },
    },
    {
      next: ({ data }) => void (data?.pitEvents.event.text && texts.push(data.pitEvents.event.text)),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { texts, stop: () => client.dispose() };
}

test("what happens on one node is heard on the other: by the bus, and without it by the sweep", async () => {
  const { key } = await newPerson(one.url);
  const botId = await newBot(one.url, key, "Bus_Rider");
  await mutate(one.url, key, "enterPit", { botId });
  // From before it speaks: on a busy machine a subscription may begin after that.
  const { data } = await ask(two.url, "{ pit { cursor } }");
  const heard = listen(two.url, (data as unknown as { pit: { cursor: string } }).pit.cursor);
  const say = (text: string) => mutate(one.url, key, "postMessage", { botId, text });
  expect((await say("by the bus"))["__typename"]).toBe("PostMessageSuccess");
  await until(() => heard.texts.includes("by the bus"), "the message by the bus");
  redis.kill("SIGKILL");
  // Rates and bus are gone; what PostgreSQL says still counts, and both nodes live.
  expect((await say("without a bus"))["__typename"]).toBe("PostMessageSuccess");
  await until(() => heard.texts.includes("without a bus"), "the message by the sweep");
  redis = await startRedis();
  await until(async () => (await ask(two.url, "{ __typename }")).data, "an answer");
  expect((await say("by the bus again"))["__typename"]).toBe("PostMessageSuccess");
  await until(() => heard.texts.includes("by the bus again"), "the message after the bus came back");
  await heard.stop();
});

test("a deadline that a node set fires on another when the first is killed", async () => {
  const people = [await newPerson(one.url), await newPerson(one.url)] as const;
  const suffix = Math.floor(Math.random() * 1e6);
  const [a, b] = [
    await newBot(one.url, people[0].key, `Dead_${suffix}`),
    await newBot(one.url, people[1].key, `Line_${suffix}`),
  ];
  await mutate(one.url, people[0].key, "enterPit", { botId: a });
  await mutate(one.url, people[1].key, "enterPit", { botId: b });
  const made = await mutate(one.url, people[0].key, "createCallout", { botId: a, targetId: b }, "callout { id }");
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  await mutate(one.url, people[1].key, "acceptCallout", { calloutId });
  await one.signal("SIGKILL");
  const resolved = () =>
    pool.query<{ late: number }>(
      `SELECT extract(epoch FROM e.at - (r.payload::json->'fighters'->0->>'deadlineAt')::timestamptz)::float8 * 1000 AS late
       FROM stream_event e JOIN stream_event r ON r.stream = e.stream AND r.seq = 2 WHERE e.type = 'ExchangeResolved' AND e.seq = 3`,
    );
  await until(async () => ((await resolved()).rowCount ?? 0) > 0, "the default actions");
  const [{ late } = { late: Infinity }] = (await resolved()).rows;
  expect(late).toBeGreaterThanOrEqual(0);
  // Nobody waits for the dead node's lease or heartbeat; the bound is loose because machines are.
  expect(late).toBeLessThan(5_000);
  await one.start();
});
