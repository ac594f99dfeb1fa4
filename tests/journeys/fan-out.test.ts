import { connect as connectTcp } from "node:net";
import WebSocket from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { append, type StoredEvent } from "../../src/platform/streams.ts";
import { startTestApp } from "../harness/app.ts";
import { dice } from "../harness/dice.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_SOCKETS_PER_PRINCIPAL_MAX: 1_000, LIMIT_COST_PER_MINUTE_ANONYMOUS: 10_000_000 });
});
afterAll(() => app.stop());

const QUERY =
  "subscription($after: Cursor) { pitEvents(after: $after) { cursor event { __typename ... on Event { seq } } } }";
type Item = { cursor: string; event: { seq: number; __typename: string } };
type Frame = { id: string; type: string; payload: { data: { pitEvents: Item } } };

/** A socket whose frames are kept as they came. */
async function openSocket(onFrame: (text: string) => void): Promise<WebSocket> {
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(JSON.stringify({ type: "connection_init" }));
  await new Promise((resolve) => socket.once("message", resolve));
  socket.on("message", (data) => onFrame(String(data)));
  return socket;
}
const subscribe = (socket: WebSocket, id: string, variables: object, query = QUERY) =>
  socket.send(JSON.stringify({ id, type: "subscribe", payload: { query, variables } }));

/** Something that happens in the Pit, stored and told. */
const happen = async (times = 1) => {
  const { db, hub, clock } = app.platform;
  for (let time = 0; time < times; time++)
    await db.transact((tx) =>
      append(
        tx,
        hub.publish,
        [{ stream: "pit", events: [{ type: "AgentLeft", botId: crypto.randomUUID(), reason: "LEFT" }] }],
        clock.now(),
      ),
    );
};

test("every subscriber gets its own id and else the very same bytes, also who joins late", async () => {
  const [first, second]: [string[], string[]] = [[], []];
  const one = await openSocket((text) => first.push(text));
  subscribe(one, "short", {});
  subscribe(one, 'a much longer " id', {});
  await new Promise((resolve) => setTimeout(resolve, 100));
  await happen();
  await until(() => first.length === 2, "two frames");
  const two = await openSocket((text) => second.push(text));
  const { payload } = JSON.parse(first[0] ?? "") as Frame;
  subscribe(two, "late", { after: payload.data.pitEvents.cursor });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await happen();
  await until(() => first.length === 4 && second.length === 1, "the next frames");
  const frames = [...first, ...second].map((text) => JSON.parse(text) as Frame);
  expect(frames.map(({ id }) => id).toSorted()).toEqual([
    'a much longer " id',
    'a much longer " id',
    "late",
    "short",
    "short",
  ]);
  const bytes = (text: string) => text.slice(0, text.lastIndexOf(',"id":'));
  expect(new Set(first.slice(0, 2).map(bytes)).size).toBe(1);
  expect(new Set([...first.slice(2), ...second].map(bytes)).size).toBe(1);
  one.send(JSON.stringify({ id: "short", type: "complete" }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await happen();
  await until(() => first.length === 5, "the frame of who stayed");
  expect((JSON.parse(first[4] ?? "") as Frame).id).not.toBe("short");
  one.terminate();
  two.terminate();
});

test("an invalid cursor is refused to the one who sent it", async () => {
  const frames: string[] = [];
  const socket = await openSocket((text) => frames.push(text));
  subscribe(socket, "good", {});
  subscribe(socket, "bad", { after: "bm90IGEgY3Vyc29y" });
  await until(() => frames.length === 2, "the refusal and its end");
  expect(frames.map((text) => JSON.parse(text) as object)).toMatchObject([
    { id: "bad", type: "next", payload: { errors: [{ extensions: { code: "INVALID_CURSOR" } }] } },
    { id: "bad", type: "complete" },
  ]);
  await happen();
  await until(() => frames.length === 3, "the event");
  expect((JSON.parse(frames[2] ?? "") as Frame).id).toBe("good");
  socket.terminate();
});

test("a thousand subscribers that are cut at random resume without gap, duplicate or disorder", async () => {
  const [SOCKETS, EACH, EVENTS] = [20, 50, 150];
  const roll = dice("a thousand subscribers");
  const seen = Array.from({ length: SOCKETS * EACH }, () => ({ seqs: [] as number[], cursor: null as string | null }));
  const sockets: WebSocket[] = [];
  const open = async (index: number) => {
    const socket = await openSocket((text) => {
      const { id, type, payload } = JSON.parse(text) as Frame;
      if (type !== "next" || sockets[index] !== socket) return;
      const subscriber = seen[Number(id)];
      subscriber?.seqs.push(payload.data.pitEvents.event.seq);
      if (subscriber) subscriber.cursor = payload.data.pitEvents.cursor;
    });
    sockets[index] = socket;
    for (let each = 0; each < EACH; each++)
      subscribe(socket, String(index * EACH + each), { after: seen[index * EACH + each]?.cursor ?? start });
  };
  const { rows } = await app.platform.db.pool.query<{ seq: number }>(
    "SELECT seq FROM stream_head WHERE stream = 'pit'",
  );
  const head = rows[0]?.seq ?? 0;
  const start = await cursor();
  await Promise.all(Array.from({ length: SOCKETS }, (_none, index) => open(index)));
  for (let event = 0; event < EVENTS; event++) {
    await happen();
    if (roll(3) === 0) {
      const cut = roll(SOCKETS);
      sockets[cut]?.terminate();
      await open(cut);
    }
  }
  await until(() => seen.every(({ seqs }) => seqs.at(-1) === head + EVENTS), "the last event everywhere");
  const expected = Array.from({ length: EVENTS }, (_none, index) => head + index + 1);
  for (const { seqs } of seen) expect(seqs).toEqual(expected);
  for (const socket of sockets) socket.terminate();
}, 120_000);

async function cursor(): Promise<string> {
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ pit { cursor } }" }),
  });
  return ((await response.json()) as { data: { pit: { cursor: string } } }).data.pit.cursor;
}

test("a socket that stops reading is closed under 10,000 events a second, and neither ends nor bloats the process", async () => {
  const seqs: number[] = [];
  const healthy = await openSocket((text) => seqs.push((JSON.parse(text) as Frame).payload.data.pitEvents.event.seq));
  subscribe(healthy, "healthy", {});
  const { port } = new URL(app.url);
  const stalled = connectTcp(Number(port), "127.0.0.1");
  let closed = false;
  stalled.on("close", () => (closed = true)).on("error", () => (closed = true));
  stalled.write(
    `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  await new Promise((resolve) => stalled.once("data", resolve));
  stalled.write(masked({ type: "connection_init" }));
  await new Promise((resolve) => stalled.once("data", resolve));
  const query = QUERY.replace("cursor event", "cursor again: cursor and: cursor more: cursor event");
  for (let id = 0; id < 100; id++) stalled.write(masked({ id: String(id), type: "subscribe", payload: { query } }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  stalled.pause();
  const before = process.memoryUsage().rss;
  const { rows } = await app.platform.db.pool.query<{ seq: number }>(
    "SELECT seq FROM stream_head WHERE stream = 'pit'",
  );
  const head = rows[0]?.seq ?? 0;
  let told = 0;
  for (; told < 30_000; told += 10) {
    app.platform.hub.publish(Array.from({ length: 10 }, (_none, index) => event(head + told + index + 1)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => seqs.length === told, "every event at the healthy subscriber");
  expect(seqs).toEqual(Array.from({ length: told }, (_none, index) => head + index + 1));
  stalled.resume();
  await until(() => closed, "the end of the stalled socket");
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1_024 * 1_024);
  healthy.terminate();
  stalled.destroy();
}, 60_000);

const event = (seq: number): StoredEvent => ({
  stream: "pit",
  seq,
  type: "AgentLeft",
  at: new Date(),
  body: { type: "AgentLeft", botId: "00000000-0000-0000-0000-000000000000", reason: "LEFT" },
  text: "{}",
  hash: null,
});

/** A client's text frame (RFC 6455, 5.2): masked with zeroes. */
function masked(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const header =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([header, Buffer.alloc(4), payload]);
}
