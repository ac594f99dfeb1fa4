import { Agent, get } from "node:http";
import type WebSocket from "ws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { App } from "../../src/app.ts";
import { startTestApp } from "../harness/app.ts";
import { dice } from "../harness/dice.ts";
import {
  happen,
  openSocket,
  PIT_EVENTS,
  pitCursor,
  pitSeq,
  readByGet,
  subscribe,
  type PitAnswer,
  type Reader,
  type Told,
} from "../harness/streams.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_SOCKETS_PER_PRINCIPAL_MAX: 2_000, LIMIT_COST_PER_MINUTE_ANONYMOUS: 10_000_000 });
});
afterAll(() => app.stop());

type Frame = { id: string; type: string; payload: PitAnswer };

test("every subscriber gets its own id and else the very same bytes, also who joins late", async () => {
  const [first, second]: [string[], string[]] = [[], []];
  // From a cursor on: a busy machine may begin a subscription after what it waits for has happened.
  const asked = { query: PIT_EVENTS, variables: { after: await pitCursor(app.url) } };
  const one = await openSocket(app.url, (text) => first.push(text));
  subscribe(one, "short", asked);
  subscribe(one, 'a much longer " id', asked);
  await happen(app);
  await until(() => first.length === 2, "two frames");
  const two = await openSocket(app.url, (text) => second.push(text));
  const { payload } = JSON.parse(first[0] ?? "") as Frame;
  subscribe(two, "late", { query: PIT_EVENTS, variables: { after: payload.data.pitEvents.cursor } });
  await happen(app);
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
  await happen(app);
  await until(() => first.length === 5, "the frame of who stayed");
  expect((JSON.parse(first[4] ?? "") as Frame).id).not.toBe("short");
  one.terminate();
  two.terminate();
});

test("an invalid cursor is refused to the one who sent it", async () => {
  const frames: string[] = [];
  const after = await pitCursor(app.url);
  const socket = await openSocket(app.url, (text) => frames.push(text));
  subscribe(socket, "good", { query: PIT_EVENTS, variables: { after } });
  subscribe(socket, "bad", { query: PIT_EVENTS, variables: { after: "bm90IGEgY3Vyc29y" } });
  await until(() => frames.length === 2, "the refusal and its end");
  expect(frames.map((text) => JSON.parse(text) as object)).toMatchObject([
    { id: "bad", type: "next", payload: { errors: [{ extensions: { code: "INVALID_CURSOR" } }] } },
    { id: "bad", type: "complete" },
  ]);
  await happen(app);
  await until(() => frames.length === 3, "the event");
  expect((JSON.parse(frames[2] ?? "") as Frame).id).toBe("good");
  socket.terminate();
});

test("a thousand subscribers of both kinds that are cut at random resume without gap, duplicate or disorder", async () => {
  const [SOCKETS, EACH, READERS, EVENTS] = [20, 25, 500, 100];
  const roll = dice("a thousand subscribers");
  const seen = Array.from({ length: SOCKETS * EACH + READERS }, () => ({ seqs: [] as number[], cursor: "" }));
  const hear = (index: number, { data }: PitAnswer) => {
    seen[index]?.seqs.push(data.pitEvents.event.seq);
    Object.assign(seen[index] ?? {}, { cursor: data.pitEvents.cursor });
  };
  const [head, start] = [await pitSeq(app), await pitCursor(app.url)];
  const sockets: WebSocket[] = [];
  const complained = vi.spyOn(app.platform.log, "error");
  const open = async (index: number) => {
    const socket = await openSocket(app.url, (text) => {
      const { id, type, payload } = JSON.parse(text) as Frame;
      if (type === "next" && sockets[index] === socket) hear(Number(id), payload);
    });
    sockets[index] = socket;
    for (let id = index * EACH; id < (index + 1) * EACH; id++)
      subscribe(socket, String(id), { query: PIT_EVENTS, variables: { after: seen[id]?.cursor || start } });
  };
  const readers: Reader[] = [];
  const read = async (index: number) => {
    const id = SOCKETS * EACH + index;
    let current = true;
    const onTold = ({ id: told, data }: Told) => current && told !== null && hear(id, JSON.parse(data) as PitAnswer);
    const reader = await readByGet(app.url, PIT_EVENTS, { lastEventId: seen[id]?.cursor || start, onTold });
    readers[index] = { ...reader, close: () => ((current = false), reader.close()) };
  };
  await Promise.all(Array.from({ length: SOCKETS }, (_none, index) => open(index)));
  await Promise.all(Array.from({ length: READERS }, (_none, index) => read(index)));
  for (let event = 0; event < EVENTS; event++) {
    await happen(app);
    const cut = roll(SOCKETS);
    if (roll(3) === 0) {
      sockets[cut]?.terminate();
      await open(cut);
    }
    const gone = Array.from({ length: 3 }, () => roll(READERS));
    for (const index of gone) readers[index]?.close();
    await Promise.all([...new Set(gone)].map(read));
  }
  await until(() => seen.every(({ seqs }) => seqs.at(-1) === head + EVENTS), "the last event everywhere");
  const expected = Array.from({ length: EVENTS }, (_none, index) => head + index + 1);
  for (const { seqs } of seen) expect(seqs).toEqual(expected);
  // That a reader was cut is no fault of the server's.
  expect(complained.mock.calls).toEqual([]);
  complained.mockRestore();
  for (const socket of sockets) socket.terminate();
  for (const reader of readers) reader.close();
}, 120_000);

test("a burst of 10,000 events in one second reaches everybody in order and closes nobody", async () => {
  const [head, after] = [await pitSeq(app), await pitCursor(app.url)];
  const seqs: number[] = [];
  const socket = await openSocket(app.url, (text) =>
    seqs.push((JSON.parse(text) as Frame).payload.data.pitEvents.event.seq),
  );
  subscribe(socket, "1", { query: PIT_EVENTS, variables: { after } });
  const reader = await readByGet(app.url, PIT_EVENTS, { lastEventId: after });
  await happen(app, 10_000, 1_000);
  await until(() => seqs.length === 10_000 && reader.told().length === 10_000, "every event");
  const expected = Array.from({ length: 10_000 }, (_none, index) => head + index + 1);
  expect(seqs).toEqual(expected);
  expect(reader.told().map(({ data }) => (JSON.parse(data) as PitAnswer).data.pitEvents.event.seq)).toEqual(expected);
  socket.terminate();
  reader.close();
}, 60_000);

/** The Pit's cursor, when a reader is there already: all who join it from there are told what comes, and nobody reads the log. */
async function cursorOfWatched(watched: App): Promise<string> {
  const reader = await readByGet(watched.url, PIT_EVENTS);
  await until(async () => (await happen(watched), reader.lastId()), "the first event");
  const cursor = await pitCursor(watched.url);
  await until(() => reader.lastId() === cursor, "the newest event");
  return cursor;
}

/** Very many who are told of the same events from a cursor on, and the way to close them. */
type Many = { count: number; open(after: string, hear: () => void): Promise<() => void> };

const onSockets: Many = {
  count: 3_000,
  open: async (after, hear) => {
    const sockets = await Promise.all(Array.from({ length: 30 }, () => openSocket(app.url, hear)));
    const asked = { query: PIT_EVENTS, variables: { after } };
    for (const socket of sockets) for (let id = 0; id < 100; id++) subscribe(socket, String(id), asked);
    return () => sockets.forEach((socket) => socket.terminate());
  },
};
const onEventStreams: Many = {
  count: 1_500,
  open: async (after, hear) => {
    const read = () => readByGet(app.url, PIT_EVENTS, { lastEventId: after, onTold: hear });
    const readers: Reader[] = [];
    while (readers.length < 1_500) readers.push(...(await Promise.all(Array.from({ length: 50 }, read))));
    return () => readers.forEach((reader) => reader.close());
  },
};

// Readers and server are one process: what is written in one turn of its event loop is heard before any later request.
test.each([
  ["3,000 subscriptions on sockets", onSockets],
  ["1,500 event streams", onEventStreams],
])(
  "while one event is on its way to %s, who asks something else is answered",
  async (_whom, { count, open }) => {
    const agent = new Agent({ keepAlive: true });
    const ask = () =>
      new Promise((resolve) =>
        get(`${app.url}/health`, { agent }, (response) => response.resume().once("end", resolve)),
      );
    await ask();
    let heard = 0;
    let onFirst = (): void => undefined;
    const close = await open(await cursorOfWatched(app), () => heard++ === 0 && onFirst());
    await happen(app);
    await until(() => heard === count, "the event that says that all are there");
    heard = 0;
    const answered = new Promise<number>((resolve) => (onFirst = () => void ask().then(() => resolve(heard))));
    await happen(app);
    expect(await answered).toBeLessThan(count);
    await until(() => heard === count, "the event everywhere");
    close();
    agent.destroy();
  },
  60_000,
);

test("a server that stops while an event is on its way tells everybody, also those whom it has not reached", async () => {
  const stopping = await startTestApp({ LIMIT_SOCKETS_PER_PRINCIPAL_MAX: 2_000 });
  const after = await cursorOfWatched(stopping);
  let [heard, toldReaders] = [0, 0];
  let onFirst = (): void => undefined;
  const hear = () => heard++ === 0 && onFirst();
  const onTold = ({ id, data }: Told) => (id !== null ? hear() : data.includes("SERVER_STOPPING") && toldReaders++);
  const sockets = await Promise.all(Array.from({ length: 10 }, () => openSocket(stopping.url, hear)));
  const asked = { query: PIT_EVENTS, variables: { after } };
  for (const socket of sockets) for (let id = 0; id < 100; id++) subscribe(socket, String(id), asked);
  const closed = sockets.map((socket) => new Promise<number>((resolve) => socket.once("close", resolve)));
  const read = () => readByGet(stopping.url, PIT_EVENTS, { lastEventId: after, onTold });
  const readers = await Promise.all(Array.from({ length: 500 }, read));
  await happen(stopping);
  await until(() => heard === 1_500, "the event that says that all are there");
  heard = 0;
  const stopped = new Promise<void>((resolve) => (onFirst = () => resolve(stopping.stop())));
  await happen(stopping);
  await stopped;
  await Promise.all(readers.map(({ ended }) => ended));
  expect(await Promise.all(closed)).toEqual(sockets.map(() => 4503));
  expect(toldReaders).toBe(readers.length);
  // Else it was not on its way any more. Whoever comes back with a cursor hears of it.
  expect(heard).toBeLessThan(1_500);
}, 60_000);
