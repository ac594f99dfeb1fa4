import { connect as connectTcp } from "node:net";
import { createClient } from "graphql-ws";
import pg from "pg";
import WebSocket from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBot } from "../../src/sdk/bot.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { openBalancer, type Balancer } from "../harness/balancer.ts";
import { freshDatabase } from "../harness/database.ts";
import { dice } from "../harness/dice.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

const FIGHTERS = process.env["AGON_CHAOS"] === "full" ? 40 : 10;
const ROUNDS_OF_RESTARTS = process.env["AGON_CHAOS"] === "full" ? 5 : 1;
/** The longest that a node may take to stop (architecture.md). */
const STOP_MAX_MS = 10_000;

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
let nodes: ServerProcess[];
let one: ServerProcess;
let two: ServerProcess;
let balancer: Balancer;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  const variables = {
    ...ROOMY,
    LIMIT_BOTS_PER_USER_MAX: "1000",
    LIMIT_CHAT_INTERVAL_MS: "0",
    LIMIT_ROUND_PAUSE_MS: "300",
    LIMIT_PRESENCE_MS: "3600000",
  };
  const ports = [await freePort(), await freePort(), await freePort()];
  nodes = ports.map((port) => serverProcess(port, database.url, variables));
  [one, two] = nodes as [ServerProcess, ServerProcess];
  await one.start();
  await until(async () => (await leases()).length > 0, "the first node's leases");
  await two.start();
  balancer = await openBalancer(ports);
});
afterAll(async () => {
  balancer.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  await pool.end();
  await database.drop();
});

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await pool.query<Row>(text, values)).rows;
const leases = () =>
  rows<{ holder: string; back: boolean }>("SELECT holder, expires_at = '-infinity' AS back FROM lease");

type Item = { cursor: string; event: { seq?: number } };

/** Follows the Pit on one node until its socket closes. */
function follow(url: string, after: string | null) {
  const seqs: number[] = [];
  let cursor = after;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    const client = createClient({
      url: `${url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
      on: { closed: (event) => resolve(event as { code: number; reason: string }) },
    });
    const query = "subscription($after: Cursor) { pitEvents(after: $after) { cursor event { ... on Event { seq } } } }";
    client.subscribe<{ pitEvents: Item }>(
      { query, variables: { after } },
      {
        next: ({ data }) => {
          if (!data) return;
          seqs.push(data.pitEvents.event.seq ?? 0);
          cursor = data.pitEvents.cursor;
        },
        error: () => undefined,
        complete: () => undefined,
      },
    );
  });
  return { seqs, closed, cursor: () => cursor };
}

const pitCursor = async (url: string) =>
  ((await ask(url, "{ pit { cursor } }")).data as unknown as { pit: { cursor: string } }).pit.cursor;
const headOfPit = async () =>
  (await rows<{ seq: number }>("SELECT seq FROM stream_head WHERE stream = 'pit'"))[0]?.seq ?? 0;

/** A subscriber that took up a socket and reads nothing more, not even that it should close. */
async function stalledSocket(url: string): Promise<{ ended: Promise<unknown> }> {
  const { port, host } = new URL(url);
  const socket = connectTcp(Number(port), "127.0.0.1").on("error", () => undefined);
  const ended = new Promise((resolve) => socket.once("close", resolve));
  const key = Buffer.alloc(16).toString("base64");
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once("data", resolve));
  return { ended };
}

/** Reads the Pit as server-sent events; gives what came when the server has ended it. */
async function readEvents(url: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: "subscription { pitEvents { event { ... on Event { seq } } } }" }),
  });
  return response.text().catch(String);
}

type Speaker = { name: string; said: string[]; lost: string[]; stop(): Promise<void> };

const WORDS_MIN = 10;

/** Says something, over and over, with a new idempotency key each time; what fails is sent once more, with its key. */
async function speak(url: string, again: string, name: string): Promise<Speaker> {
  const { key, botId } = await speaker(url, name);
  let speaking = true;
  const say = async (to: string, text: string) =>
    String((await mutate(to, key, "postMessage", { botId, text, idempotencyKey: text }))["__typename"]);
  const [said, lost]: [string[], string[]] = [[], []];
  const done = (async () => {
    for (let count = 0; speaking; count++) {
      const text = `${name} ${count}`;
      const answer = await say(url, text).catch(() => say(again, text).catch(String));
      if (answer === "PostMessageSuccess") said.push(text);
      else lost.push(`${text}: ${answer}`);
    }
  })();
  await until(() => said.length > WORDS_MIN, `more words of ${name}`);
  return { name, said, lost, stop: () => ((speaking = false), done) };
}

/** Whatever was acknowledged is there, once, and nothing else; nothing was given up. */
async function nothingIsLost(speakers: readonly Speaker[]): Promise<void> {
  for (const { name, said, lost, stop } of speakers) {
    await stop();
    const stored = await rows<{ text: string }>("SELECT text FROM pit_message WHERE text LIKE $1 || ' %'", [name]);
    expect(lost).toEqual([]);
    expect(stored.map(({ text }) => text).toSorted()).toEqual(said.toSorted());
  }
}

async function speaker(url: string, name: string): Promise<{ key: string; botId: string }> {
  const { key } = await newPerson(url);
  const botId = await newBot(url, key, name);
  await mutate(url, key, "enterPit", { botId });
  return { key, botId };
}

test("a node that is told to stop finishes what runs, closes its sockets with a reason, hands its leases back and exits with 0", async () => {
  const ann = await speaker(one.url, "Ann_Stop");
  const watcher = follow(one.url, await pitCursor(one.url));
  const stalled = await stalledSocket(one.url);
  const reading = readEvents(one.url);
  const speakers = await Promise.all([1, 2, 3, 4].map((each) => speak(one.url, two.url, `Ann_${each}`)));
  await until(() => watcher.seqs.length > 10, "events");
  // This one runs when the signal comes: its row is locked until a second later.
  const blocker = new pg.Client({ connectionString: database.url });
  await blocker.connect();
  await blocker.query("BEGIN");
  await blocker.query("SELECT FROM bot WHERE name = 'Ann_Stop' FOR UPDATE");
  const running = mutate(one.url, ann.key, "updateBot", { botId: ann.botId, character: "KNIGHT" });
  await until(
    async () => (await rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length > 0,
    "the request that runs",
  );
  const holders = new Set((await leases()).map(({ holder }) => holder));
  expect(holders.size).toBe(1);
  const startedAt = Date.now();
  const exited = one.signal("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await blocker.query("COMMIT");
  await blocker.end();
  expect((await running)["__typename"]).toBe("UpdateBotSuccess");
  expect(await exited).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(STOP_MAX_MS);
  expect(await watcher.closed).toMatchObject({ code: 4503, reason: "The server is stopping" });
  await stalled.ended;
  expect(await reading).toContain("SERVER_STOPPING");
  // Handed back, or taken already by the node that is left: nobody waits for the dead one's to expire.
  expect((await leases()).filter(({ holder, back }) => holders.has(holder) && !back)).toEqual([]);
  // Who goes on at the other node from its last cursor misses nothing.
  const resumed = follow(two.url, watcher.cursor());
  await new Promise((resolve) => setTimeout(resolve, 300));
  await nothingIsLost(speakers);
  const head = await headOfPit();
  await until(() => resumed.seqs.at(-1) === head, "the newest event on the other node");
  const seen = [...watcher.seqs, ...resumed.seqs];
  expect(seen).toEqual(seen.map((_seq, index) => (seen[0] ?? 0) + index));
});

test("the node that is left makes contests at once", async () => {
  const [a, b] = [await speaker(two.url, "Left_A"), await speaker(two.url, "Left_B")];
  for (const { key, botId } of [a, b]) await mutate(two.url, key, "joinQueue", { botId, ladder: "PIT" });
  await until(async () => (await rows("SELECT 1 FROM contest")).length === 1, "a contest");
});

test("three nodes are restarted one after the other: no mutation is lost after one retry, and fights go on to their end", async () => {
  await Promise.all(nodes.filter((node) => node !== two).map((node) => node.start()));
  const url = `http://127.0.0.1:${balancer.port}`;
  const roll = dice("rolling");
  const owners = await Promise.all([newPerson(url), newPerson(url)]);
  const fighters = await Promise.all(
    Array.from({ length: FIGHTERS }, async (_none, index) => {
      const key = owners[index % 2]?.key ?? "";
      const name = `Rolling_${index}`;
      return { key, bot: name, id: await newBot(url, key, name) };
    }),
  );
  const speakers = await Promise.all([1, 2, 3, 4].map((each) => speak(url, url, `Bob_${each}`)));
  const [before] = await rows<{ n: number }>("SELECT count(*)::int AS n FROM contest");
  const ending = new AbortController();
  const fought = fighters.map(({ key, bot }) =>
    runBot({
      ...{ url, key, bot, contests: 1, signal: ending.signal },
      onMove: async ({ legalActions }) => {
        await new Promise((resolve) => setTimeout(resolve, roll(400)));
        return legalActions[roll(legalActions.length)] ?? "RECOVER";
      },
    }),
  );
  await Promise.all(fighters.map(({ key, id }) => mutate(url, key, "joinQueue", { botId: id, ladder: "PIT" })));
  for (let round = 0; round < ROUNDS_OF_RESTARTS; round++)
    for (const node of nodes) {
      expect(await node.signal("SIGTERM")).toBe(0);
      await node.start();
    }
  expect(await Promise.all(fought)).toEqual(fighters.map(() => 1));
  ending.abort();
  await nothingIsLost(speakers);
  const phases = await rows<{ phase: string }>("SELECT phase FROM fight ORDER BY id OFFSET $1", [before?.n]);
  expect(phases.map(({ phase }) => phase)).toEqual(Array.from({ length: FIGHTERS / 2 }, () => "COMPLETED"));
}, 600_000);
