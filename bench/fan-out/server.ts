// One of the three servers that fan an event out; told "publish N" it measures its own CPU until all is written.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSchema, type ExecutionArgs } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub } from "graphql-yoga";
import { WebSocketServer, type WebSocket } from "ws";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";

const [kind = "", databaseUrl = ""] = process.argv.slice(2);
const PAD = "x".repeat(300);

/** Gives the port and a way to tell one event. */
async function openServer(): Promise<{ port: number; publish(seq: number): void }> {
  if (kind === "agon") return openAgon();
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: () => "graphql-transport-ws" });
  const publish = kind === "raw" ? rawOn(sockets) : defaultOn(sockets);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, publish };
}

async function openAgon() {
  const { unlimited } = await import("../database.ts");
  const { port, platform } = await startApp(readConfig(unlimited(databaseUrl)));
  const publish = (seq: number) =>
    platform.hub.publish([
      {
        stream: "pit",
        seq,
        type: "MessagePosted",
        at: new Date(),
        body: { type: "MessagePosted", botId: "00000000-0000-0000-0000-000000000000", text: PAD },
        text: "",
        hash: null,
      },
    ]);
  return { port, publish };
}

/** The limit: the same bytes to everybody, by ws alone. */
function rawOn(sockets: WebSocketServer): (seq: number) => void {
  const held = new Set<WebSocket>();
  sockets.on("connection", (socket) => {
    held.add(socket);
    socket.on(
      "message",
      (data) => String(data).includes("connection_init") && socket.send('{"type":"connection_ack"}'),
    );
  });
  return (seq) => {
    const event = { __typename: "MessagePosted", seq, text: PAD };
    const payload = { data: { pitEvents: { cursor: "x".repeat(20), at: new Date(), event } } };
    const frame = Buffer.from(JSON.stringify({ type: "next", payload, id: "subscriber-1000" }));
    for (const socket of held) socket.send(frame, { binary: false });
  };
}

/** What most would write: graphql-ws with its own execution for every subscriber, fed by createPubSub. */
function defaultOn(sockets: WebSocketServer): (seq: number) => void {
  const pubSub = createPubSub<{ event: [{ cursor: string; at: string; event: object }] }>();
  const schema = buildSchema(`
    type Query { none: Int }
    type Event { seq: Int! text: String! }
    type Item { cursor: String! at: String! event: Event! }
    type Subscription { pitEvents: Item! }
  `);
  const field = schema.getSubscriptionType()?.getFields()["pitEvents"];
  if (!field) throw new Error("the schema has no pitEvents");
  field.subscribe = () => pubSub.subscribe("event");
  field.resolve = (item: unknown) => item;
  useServer({ schema, context: (_context, _id, _payload, _args: ExecutionArgs) => ({}) }, sockets);
  return (seq) =>
    pubSub.publish("event", { cursor: "x".repeat(20), at: new Date().toISOString(), event: { seq, text: PAD } });
}

const { port, publish } = await openServer();
let before = process.cpuUsage();

/** The next event comes when this one is on its way, as events of a fight do. */
async function publishAll(events: number): Promise<void> {
  before = process.cpuUsage();
  for (let seq = 1; seq <= events; seq++) {
    publish(seq);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

process.on("message", (message: { publish: number } | "cpu") => {
  if (message !== "cpu") return void publishAll(message.publish);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpu_us: user + system });
});
process.send?.({ port });
