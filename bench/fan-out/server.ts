// One of the servers that fan an event out; told { publish: n } it tells the next n events,
// told { watch } how long its event loop was held at most.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub } from "graphql-yoga";
import { WebSocketServer, type WebSocket } from "ws";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { unlimited } from "../database.ts";
import { answer, body, FIGHT_ID, FIRST_SEQ, idOf } from "./event.ts";

const [kind = "", databaseUrl = ""] = process.argv.slice(2);

/** Gives the port and a way to tell one event. */
async function openServer(): Promise<{ port: number; publish(seq: number): void }> {
  if (kind === "agon" || kind === "agon-sse") return openAgon();
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: () => "graphql-transport-ws" });
  const publish = kind === "raw" ? rawOn(sockets) : defaultOn(sockets);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, publish };
}

async function openAgon() {
  const { port, platform } = await startApp(readConfig({ ...unlimited(databaseUrl), AGON_ROLES: "api,engine,web" }));
  const stream = `fight:${FIGHT_ID}`;
  const reach = (seq: number) =>
    platform.db.pool.query(
      "INSERT INTO stream_head (stream, seq) VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET seq = $2",
      [stream, seq],
    );
  await reach(FIRST_SEQ);
  // What the log does not reach is taken for an older state of the database, and ends every subscription.
  let reached: Promise<unknown> = Promise.resolve();
  const publish = (seq: number) =>
    void (reached = reached
      .then(() => reach(seq))
      .then(() =>
        platform.hub.publish([{ stream, seq, type: body.type, at: new Date(), body, text: "", hash: null }]),
      ));
  return { port, publish };
}

/** The limit: the same bytes to everybody, by ws alone. */
function rawOn(sockets: WebSocketServer): (seq: number) => void {
  const held = new Set<WebSocket>();
  sockets.on("connection", (socket) => {
    held.add(socket);
    socket.on("message", (data) => {
      if (String(data).includes("connection_init")) socket.send('{"type":"connection_ack"}');
    });
  });
  return (seq) => {
    const payload = { data: { fightEvents: answer(seq) } };
    const frame = Buffer.from(JSON.stringify({ type: "next", payload, id: idOf(0) }));
    for (const socket of held) socket.send(frame, { binary: false });
  };
}

/** What most would write: graphql-ws with its own execution for every subscriber, fed by createPubSub. */
function defaultOn(sockets: WebSocketServer): (seq: number) => void {
  const pubSub = createPubSub<{ event: [ReturnType<typeof answer>] }>();
  const schema = buildSchema(`
    type Query { none: Int }
    type Side { action: String! dealt: Int! taken: Int! hp: Int! stamina: Int! }
    type Event { seq: Int! round: Int! exchange: Int! sides: [Side!]! }
    type Item { cursor: String! at: String! event: Event! }
    type Subscription { fightEvents: Item! }
  `);
  const field = schema.getSubscriptionType()?.getFields()["fightEvents"];
  if (!field) throw new Error("the schema has no fightEvents");
  field.subscribe = () => pubSub.subscribe("event");
  field.resolve = (item: unknown) => item;
  useServer({ schema }, sockets);
  return (seq) => pubSub.publish("event", answer(seq));
}

const { port, publish } = await openServer();
let seq = FIRST_SEQ;
const delay = monitorEventLoopDelay({ resolution: 1 });
process.on("message", (message: { publish?: number; watch?: "begin" | "end" }) => {
  for (let each = 0; each < (message.publish ?? 0); each++) publish(++seq);
  if (message.watch === "begin") delay.enable();
  if (message.watch === "end") process.send?.({ held_ms: delay.max / 1e6 });
});
process.send?.({ port });
