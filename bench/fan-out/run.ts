// Server CPU for one event to one of N subscribers, three servers in one run: node bench/fan-out/run.ts 1000
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { temporaryDatabase } from "../database.ts";

const COUNT = Number(process.argv[2] ?? 1_000);
const EVENTS = 60;
const ROUNDS = Number(process.argv[3] ?? 2);
const AGON =
  "subscription { pitEvents { cursor at event { __typename ... on Event { seq } ... on MessagePosted { text } } } }";
const PLAIN = "subscription { pitEvents { cursor at event { __typename seq text } } }";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const heard = async <T>(child: ChildProcess) =>
  new Promise<T>((resolve) => child.once("message", (message) => resolve(message as T)));

/** CPU microseconds of the server for each message that reached a subscriber. */
async function measure(kind: "raw" | "agon" | "default", databaseUrl: string): Promise<number> {
  const server = fork(file("server.ts"), [kind, databaseUrl]);
  const { port } = await heard<{ port: number }>(server);
  const query = kind === "agon" ? AGON : PLAIN;
  const clients = fork(file("clients.ts"), [`ws://127.0.0.1:${port}/graphql`, String(COUNT), String(EVENTS), query]);
  await heard(clients);
  const all = heard(clients);
  server.send({ publish: EVENTS });
  await all;
  const measured = heard<{ cpu_us: number }>(server);
  server.send("cpu");
  const { cpu_us } = await measured;
  clients.kill("SIGKILL");
  server.kill("SIGKILL");
  return cpu_us / (COUNT * EVENTS);
}

const database = await temporaryDatabase();
const best = { raw: Infinity, agon: Infinity, default: Infinity };
for (let round = 0; round < ROUNDS; round++)
  for (const kind of ["raw", "agon", "default"] as const)
    best[kind] = Math.min(best[kind], await measure(kind, database.url));
await database.stop();
for (const [kind, cpu_us] of Object.entries(best))
  process.stdout.write(
    `${kind.padEnd(8)} ${cpu_us.toFixed(2)} us CPU a message to ${COUNT} subscribers, ratio to raw ${(best.raw / cpu_us).toFixed(2)}\n`,
  );
