// N readers in a process of their own. They count bytes: all messages of a run are equally long, which leaves the
// machine to the server. Told { run: ms, inFlight } they ask for an event whenever one has reached everybody.
import { connect, type Socket } from "node:net";
import { agonQuery, idOf, PLAIN_QUERY } from "./event.ts";

const [kind = "", port = "", count = "0", fightId = ""] = process.argv.slice(2);
const COUNT = Number(count);
const QUERY = kind.startsWith("agon") ? agonQuery(fightId) : PLAIN_QUERY;
const AT_ONCE = 50;

/** The first byte of a ping, and a whole pong (RFC 6455, 5.5). */
const PING = 0x89;
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

let bytes = 0;
/** What the first reader received; kept until the length of a message is known. */
let sample: Buffer | null = null;
let onBytes: () => void = () => undefined;

/** One piece of memory for all: what is read is counted before the next read. */
const memory = Buffer.allocUnsafe(64 * 1_024);

/** A reader's connection. */
function open(id: number, hear: () => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onread = {
      buffer: memory,
      callback: (read: number, buffer: Uint8Array) => {
        bytes += read;
        const received = buffer.subarray(0, read);
        // A server lets go of readers that do not answer its pings; JSON in ASCII has no such byte.
        if (kind !== "agon-sse" && received.includes(PING)) socket.write(PONG);
        if (id === 0 && sample) sample = Buffer.concat([sample, received]);
        hear();
        onBytes();
        return true;
      },
    };
    const socket = connect({ port: Number(port), host: "127.0.0.1", onread });
    socket.once("error", reject).once("connect", () => resolve(socket));
  });
}

/** A client's text message (RFC 6455, 5.2): masked with zeroes. */
function masked(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const { length } = payload;
  const header = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(header), Buffer.alloc(4), payload]);
}

/** Sends, then waits for the next bytes. */
async function overSocket(id: number): Promise<void> {
  let heard = (): void => undefined;
  const socket = await open(id, () => heard());
  const ask = (message: Buffer | string) =>
    new Promise<void>((resolve) => {
      heard = resolve;
      socket.write(message);
    });
  await ask(
    `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  await ask(masked({ type: "connection_init" }));
  heard = () => undefined;
  socket.write(masked({ id: idOf(id), type: "subscribe", payload: { query: QUERY } }));
}

async function overEventStream(id: number): Promise<void> {
  let opened: () => void;
  const opening = new Promise<void>((resolve) => (opened = resolve));
  const socket = await open(id, () => opened());
  const body = JSON.stringify({ query: QUERY });
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await opening;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something has come and then nothing for two seconds; a server may be busy for long before it writes. */
async function settled(): Promise<void> {
  for (let waited = 0; bytes === 0 && waited < 600; waited++) await pause(100);
  for (let before = -1; before !== bytes; await pause(2_000)) before = bytes;
}

const publish = (events: number) => process.send?.({ publish: events });

/** The length of one message as it is on the wire, from what the first reader received; pings and heartbeats are none. */
function messageLength(received: Buffer): number {
  if (kind === "agon-sse") {
    const from = received.indexOf("id: ");
    return received.indexOf("\n\n", from) + 2 - from;
  }
  // RFC 6455, 5.2: a text message of a server, whose length takes two more bytes.
  return received.readUInt16BE(received.indexOf(Buffer.from([0x81, 126])) + 2) + 4;
}

/** The length of one message, once one event has reached everybody. */
async function messageBytes(): Promise<number> {
  for (let tried = 0; tried < 10; tried++) {
    [bytes, sample] = [0, Buffer.alloc(0)];
    publish(1);
    await settled();
    const length = sample.length > 0 ? messageLength(sample) : Infinity;
    if (bytes >= COUNT * length) return length;
  }
  throw new Error(`${bytes} bytes reached ${COUNT} readers of ${kind}`);
}

async function run(length: number, { ms, inFlight }: { ms: number; inFlight: number }): Promise<void> {
  let delivered = 0;
  bytes = 0;
  const began = performance.now();
  const over = new Promise<void>((resolve) => {
    // A server that loses a message or cannot deliver is counted by what has come.
    setTimeout(resolve, 4 * ms);
    onBytes = () => {
      for (; bytes >= (delivered + 1) * COUNT * length; delivered++)
        if (performance.now() - began < ms) publish(1);
        else resolve();
    };
  });
  publish(inFlight);
  await over;
  const elapsedMs = performance.now() - began;
  process.send?.({ messages: delivered * COUNT, elapsedMs, length });
}

for (let id = 0; id < COUNT; id += AT_ONCE)
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, COUNT - id) }, (_none, each) =>
      kind === "agon-sse" ? overEventStream(id + each) : overSocket(id + each),
    ),
  );
await settled();
const length = await messageBytes();
sample = null;
process.on("message", (message: { ms: number; inFlight: number }) => void run(length, message));
process.send?.("ready");
