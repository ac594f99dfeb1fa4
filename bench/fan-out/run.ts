// One event of a fight to each of N subscribers, several servers in one run:
//   node bench/fan-out/run.ts [N = 1000] [rounds = 2] [ms = 4000] [in flight = 2]
import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { temporaryDatabase } from "../database.ts";
import { encodeNodeId } from "../../src/platform/graphql/node-ids.ts";
import { FIGHT_ID } from "./event.ts";

const [COUNT = 1_000, ROUNDS = 2, MS = 4_000, IN_FLIGHT = 2] = process.argv.slice(2).map(Number);
const KINDS = ["raw", "agon", "agon-sse", "default"] as const;
const NAMES = {
  raw: "ws, one prepared buffer",
  agon: "Agon, WebSocket",
  "agon-sse": "Agon, server-sent events",
  default: "graphql-ws + createPubSub",
};
const TICKS_PER_SECOND = 100;
const PAGE_KB = 4;

type Figures = { perSecond: number; cpu_us: number; rss_kb: number; held_ms: number };

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const heard = async <T>(child: ChildProcess, of: (message: T) => boolean = () => true) =>
  new Promise<T>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a process of the measurement ended with ${code}`)));
    child.on("message", (message) => of(message as T) && resolve(message as T));
  });

const statOf = ({ pid }: ChildProcess) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
/** User and system time of a process, in microseconds. */
const cpuOf = (child: ChildProcess) =>
  ((Number(statOf(child)[11]) + Number(statOf(child)[12])) / TICKS_PER_SECOND) * 1e6;
const rssOf = (child: ChildProcess) => Number(statOf(child)[21]) * PAGE_KB;

async function measure(kind: (typeof KINDS)[number], databaseUrl: string): Promise<Figures> {
  const server = fork(file("server.ts"), [kind, databaseUrl], { execArgv: ["--expose-gc"] });
  const { port } = await heard<{ port: number }>(server);
  const before_kb = rssOf(server);
  const fightId = encodeNodeId("Fight", FIGHT_ID);
  const clients = fork(file("clients.ts"), [kind, String(port), String(COUNT), fightId]);
  clients.on("message", (message: { publish?: number } | string) => {
    if (typeof message === "object" && message.publish) server.send({ publish: message.publish });
  });
  try {
    await heard(clients, (message) => message === "ready");
    const rss_kb = (rssOf(server) - before_kb) / COUNT;
    server.send({ watch: "begin" });
    const began_us = cpuOf(server);
    clients.send({ ms: MS, inFlight: IN_FLIGHT });
    type Done = { messages: number; elapsedMs: number };
    const { messages, elapsedMs } = await heard<Done>(clients, (message) => "messages" in message);
    const cpu_us = (cpuOf(server) - began_us) / Math.max(1, messages);
    server.send({ watch: "end" });
    const { held_ms } = await heard<{ held_ms: number }>(server, (message) => "held_ms" in message);
    return { perSecond: (messages / elapsedMs) * 1_000, cpu_us, rss_kb, held_ms };
  } finally {
    for (const child of [clients, server]) child.removeAllListeners("exit").kill("SIGKILL");
  }
}

const mean = (figures: readonly Figures[], name: keyof Figures) =>
  figures.reduce((sum, each) => sum + each[name], 0) / figures.length;

const limit = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
if (limit < COUNT + 500) throw new Error(`${COUNT} subscribers need more open files than ${limit}: ulimit -n`);
const database = await temporaryDatabase();
let stopping: Promise<void> | null = null;
const stop = () => (stopping ??= database.stop());
process.once("SIGTERM", () => void stop().finally(() => process.exit(1)));
const measured = new Map(KINDS.map((kind) => [kind, [] as Figures[]]));
try {
  for (let round = 0; round < ROUNDS; round++)
    for (const kind of KINDS) {
      const figures = await measure(kind, database.url);
      measured.get(kind)?.push(figures);
      process.stderr.write(
        `round ${round + 1}, ${NAMES[kind]}: ${Math.round(figures.perSecond)} messages/s, ${figures.rss_kb.toFixed(1)} KB a subscriber\n`,
      );
    }
} finally {
  await stop();
}
const raw = mean(measured.get("raw") ?? [], "perSecond");
process.stdout.write(`${COUNT} subscribers, ${IN_FLIGHT} events in flight, mean of ${ROUNDS} rounds of ${MS} ms\n`);
for (const [kind, figures] of measured) {
  const [perSecond, cpu_us, rss_kb] = (["perSecond", "cpu_us", "rss_kb"] as const).map((name) => mean(figures, name));
  const held_ms = Math.max(...figures.map((each) => each.held_ms));
  process.stdout.write(
    `${NAMES[kind].padEnd(26)} ${Math.round(perSecond ?? 0)
      .toString()
      .padStart(
        7,
      )} messages/s, ratio to raw ${((perSecond ?? 0) / raw).toFixed(2)}, ${cpu_us?.toFixed(1)} us CPU a message, ${rss_kb?.toFixed(1)} KB a subscriber, event loop held for at most ${held_ms.toFixed(0)} ms\n`,
  );
}
