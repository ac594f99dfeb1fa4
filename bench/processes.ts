// The processes that are measured, and the CPU time that they and the database's took.
import { fork, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { unlimited } from "./database.ts";
import { withClient } from "./fill.ts";

/** A server as a process of its own. */
export type ServerProcess = { port: number; pid: number; stop(): Promise<void> };

const MICROSECONDS_PER_TICK = 10_000;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function handleOf(child: ChildProcess, port: number): ServerProcess {
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  const stop = (): Promise<void> => {
    child.kill("SIGKILL");
    return ended;
  };
  return { port, pid: child.pid ?? 0, stop };
}

/** A program beside this one that tells its port: `process.send({ port })`. */
export function startProgram(name: string, args: readonly string[]): Promise<ServerProcess> {
  const child = fork(fileOf(name), [...args], {
    env: { ...process.env, NODE_ENV: "production", GRAPHILE_ENV: "production" },
  });
  return new Promise((resolve, reject) => {
    child.once("message", ({ port }: { port: number }) => resolve(handleOf(child, port)));
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

/** This server on a database, as `npm start` runs it; `variables` are those of .env.example. */
export async function startAgon(databaseUrl: string, variables: Record<string, string> = {}): Promise<ServerProcess> {
  const port = await freePort();
  const env = { ...process.env, ...unlimited(databaseUrl), NODE_ENV: "production", PORT: String(port), ...variables };
  const execArgv = ["--max-semi-space-size=16"];
  const child = fork(fileOf("../src/main.ts"), [], { env, execArgv, silent: true });
  const server = handleOf(child, port);
  while (child.exitCode === null) {
    const ready = await fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server ended with ${child.exitCode}`);
}

/** CPU microseconds of a process so far. */
export function cpuOf(pid: number): number {
  return ticksOf(pid, false) * MICROSECONDS_PER_TICK;
}

/** CPU microseconds of the whole database server so far; backends that have ended count in their parent. */
export function cpuOfPostgres(postmaster: number): number {
  const backends = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.[1] === String(postmaster));
  return (
    (ticksOf(postmaster, true) + backends.reduce((sum, pid) => sum + ticksOf(pid, false), 0)) * MICROSECONDS_PER_TICK
  );
}

/** The process id of the server behind a connection. */
export function postmasterOf(databaseUrl: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return Number(statOf(rows[0]?.pid ?? 0)?.[1]);
  });
}

/** Fields of /proc/PID/stat from the process's state on. */
function statOf(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
  } catch {
    return null;
  }
}

function ticksOf(pid: number, withEndedChildren: boolean): number {
  const fields = statOf(pid);
  if (!fields) return 0;
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
  return (user ?? 0) + (system ?? 0) + (withEndedChildren ? (endedUser ?? 0) + (endedSystem ?? 0) : 0);
}
