import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { until } from "./until.ts";

/** The server as a process of its own, which tests kill and start again on the same port and database. */
export type ServerProcess = {
  url: string;
  start(): Promise<void>;
  /** Sends a signal and waits for the process to end; SIGSTOP and SIGCONT do not end it. */
  signal(signal: NodeJS.Signals): Promise<number | null>;
  stop(): Promise<void>;
  /** What `work` gives; refused with the process's last words when it ends before that by itself. */
  whileItLives<T>(work: Promise<T>): Promise<T>;
  /** The running process's number. */
  pid(): number;
  /** Everything that it has written so far, over all its starts. */
  said(): string;
};

/** A secret, and limits that no load of a test meets. */
export const ROOMY = {
  AGON_SECRET: "0123456789abcdef0123456789abcdef",
  LIMIT_POOL_OPEN_MS: "0",
  LIMIT_REGISTRATIONS_PER_HOUR: "1000",
  LIMIT_SIGN_INS_PER_MINUTE: "1000",
  LIMIT_COST_PER_MINUTE_ANONYMOUS: "10000000",
  LIMIT_COST_PER_MINUTE_SIGNED_IN: "10000000",
  LIMIT_SOCKETS_PER_PRINCIPAL_MAX: "1000",
};

/** Every role but that which would start a local chain for each server of a test. */
export const WITHOUT_CHAIN = "api,engine,quake,code,web";

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server on a database; `variables` are those of .env.example. */
export function serverProcess(port: number, databaseUrl: string, variables: Record<string, string>): ServerProcess {
  let child: ChildProcess | null = null;
  const url = `http://127.0.0.1:${port}`;
  const said: string[] = [];
  const start = async (): Promise<void> => {
    const where = { DATABASE_URL: databaseUrl, PORT: String(port), AGON_QUAKE_SERVERS: "0" };
    const given = { LOG_LEVEL: "warn", AGON_ROLES: WITHOUT_CHAIN, ...where };
    const env = { ...process.env, ...given, ...variables };
    child = spawn("node", ["--max-semi-space-size=16", "src/main.ts"], { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => void said.push(String(text)));
    await until(
      () =>
        fetch(`${url}/ready`).then(
          ({ ok }) => ok || ended(child),
          () => ended(child),
        ),
      `the server (it said: ${said.join("").slice(-2_000)})`,
    );
    if (ended(child)) throw new Error(`the server did not start: ${said.join("").slice(-2_000)}`);
  };
  const signal = async (name: NodeJS.Signals): Promise<number | null> => {
    const killed = child;
    if (!killed || ended(killed)) return null;
    const exited = new Promise<number | null>((resolve) => killed.once("exit", (code) => resolve(code)));
    killed.kill(name);
    return name === "SIGSTOP" || name === "SIGCONT" ? null : exited;
  };
  const whileItLives = async <T>(work: Promise<T>): Promise<T> => {
    const watched = child;
    if (!watched || ended(watched)) throw new Error(`the server does not run: ${said.join("").slice(-4_000)}`);
    const halt = new AbortController();
    const died = once(watched, "exit", { signal: halt.signal }).then(([code, signalled]) => {
      throw new Error(`the server ended (${String(code ?? signalled)}): ${said.join("").slice(-4_000)}`);
    });
    return Promise.race([work, died]).finally(() => halt.abort());
  };
  return {
    url,
    start,
    signal,
    whileItLives,
    stop: () => signal("SIGKILL").then(() => undefined),
    pid: () => child?.pid ?? 0,
    said: () => said.join(""),
  };
}

const ended = (child: ChildProcess | null) => child !== null && (child.exitCode !== null || child.signalCode !== null);
