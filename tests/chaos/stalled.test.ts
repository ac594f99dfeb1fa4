import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { App } from "../../src/app.ts";
import { startTestApp } from "../harness/app.ts";
import { happen, openSocket, pitCursor, pitSeq, readByGet, subscribe, type PitAnswer } from "../harness/streams.ts";
import { until } from "../harness/until.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const SECONDS = process.env["AGON_CHAOS"] === "full" ? 60 : 3;
const STALLED_OF_A_KIND = 50;
const EVENTS_PER_SECOND = 10_000;
/** What the buffers of all that stall may hold, and air for readers and server in one process; unbounded it is over 1 GB in 3 s. */
const RSS_GROWTH_MAX_BYTES = (2 * STALLED_OF_A_KIND + 500) * 1_024 * 1_024;

const BIG = `subscription($after: Cursor) { pitEvents(after: $after) { cursor event { ... on Event { seq } ... on MessagePosted { text } } } }`;
const SMALL = `subscription { pitEvents { event { ... on Event { seq } } } }`;
const seqOf = (answer: PitAnswer) => answer.data.pitEvents.event.seq;

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_SOCKETS_PER_PRINCIPAL_MAX: 1_000, LIMIT_COST_PER_MINUTE_ANONYMOUS: 10_000_000 });
});
afterAll(() => app.stop());

/** Things happen until the server lets a stalled reader go: the kernel's own buffers are large, and they grow. */
async function happenUntilClosed(): Promise<void> {
  // Server and test are one process: the server's own call is the instant from which a reader has time to read on.
  const close = vi.spyOn(WebSocket.prototype, "close");
  const letGo = () => close.mock.calls.some(([code]) => code === 4429);
  await until(async () => (await happen(app, 1_000, 1_000), letGo()), "the server's patience to end");
  close.mockRestore();
}

test("a reader that was too slow hears why when it reads on", async () => {
  let closed: [number, string] | null = null;
  let heard = 0;
  const socket = await openSocket(app.url, () => heard++);
  socket.on("close", (code, reason) => (closed = [code, String(reason)]));
  subscribe(socket, "1", { query: BIG });
  await until(async () => (await happen(app), heard > 0), "the first event");
  socket.pause();
  await happenUntilClosed();
  socket.resume();
  await until(() => closed, "the end of the socket");
  expect(closed).toEqual([4429, "SLOW_CONSUMER"]);
}, 60_000);

test(`${2 * STALLED_OF_A_KIND} stalled readers under 10,000 events a second neither end nor bloat the process`, async () => {
  const start = await pitCursor(app.url);
  const healthy = { socket: [] as number[], reader: [] as number[] };
  const socket = await openSocket(app.url, (text) =>
    healthy.socket.push(seqOf((JSON.parse(text) as { payload: PitAnswer }).payload)),
  );
  subscribe(socket, "healthy", { query: SMALL });
  const reader = await readByGet(app.url, SMALL, {
    onTold: ({ id, data }) => id !== null && healthy.reader.push(seqOf(JSON.parse(data) as PitAnswer)),
  });
  let gone = 0;
  const awake = new Set<string>();
  const stalled = Array.from({ length: STALLED_OF_A_KIND }, async (_none, index) => {
    // Half of them come back from where the burst begins, and are read on alone: they have 10 s to take something.
    const after = index % 2 === 0 ? null : start;
    const sleeper = await openSocket(app.url, () => awake.add(`socket ${index}`));
    subscribe(sleeper, "stalled", { query: BIG, variables: { after } });
    const asleep = await readByGet(app.url, BIG, { lastEventId: after, onTold: () => awake.add(`reader ${index}`) });
    if (after === null || SECONDS > 20) {
      sleeper.once("close", () => gone++);
      void asleep.ended.then(() => gone++);
    }
    return { sleeper, asleep };
  });
  const sleepers = await Promise.all(stalled);
  await until(async () => (await happen(app), awake.size === 2 * STALLED_OF_A_KIND), "the first event of everybody");
  const head = await pitSeq(app);
  await until(() => healthy.socket.at(-1) === head && healthy.reader.at(-1) === head, "all that happened so far");
  [healthy.socket, healthy.reader] = [[], []];
  for (const { sleeper, asleep } of sleepers) {
    sleeper.pause();
    asleep.response.pause();
  }
  const before = process.memoryUsage.rss();
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 50);
  const began = performance.now();
  for (let second = 1; second <= SECONDS; second++) {
    await happen(app, EVENTS_PER_SECOND, 1_000);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + second * 1_000 - performance.now())));
  }
  const events = SECONDS * EVENTS_PER_SECOND;
  await until(() => healthy.socket.length === events && healthy.reader.length === events, "every event");
  clearInterval(watching);
  const expected = Array.from({ length: events }, (_none, index) => head + index + 1);
  expect(healthy.socket).toEqual(expected);
  expect(healthy.reader).toEqual(expected);
  expect(most - before).toBeLessThan(RSS_GROWTH_MAX_BYTES);
  for (const { sleeper, asleep } of sleepers) {
    sleeper.resume();
    asleep.response.resume();
  }
  const expectedGone = SECONDS > 20 ? 2 * STALLED_OF_A_KIND : STALLED_OF_A_KIND;
  await until(() => gone === expectedGone, "the end of all that stalled too long");
  for (const { sleeper, asleep } of sleepers) {
    sleeper.terminate();
    asleep.close();
  }
  socket.terminate();
  reader.close();
}, 300_000);
