// From `npm start` to the first answered query, the first time and later, and memory when idle: node bench/start.ts [later starts]
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unlimited } from "./database.ts";
import { freePort } from "./processes.ts";

const LATER_STARTS = Number(process.argv[2] ?? 3);
const SETTLE_MS = 10_000;
const GOALS = { first_s: 15, later_s: 4, idle_mb: 300 };

const say = (line: string) => process.stdout.write(`${line}\n`);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ limits { code: name } }" }),
  }).then(
    ({ ok }) => ok,
    () => false,
  );

type Started = { seconds: number; idle_mb: number };

/** Starts as people do, waits for the first answer, lets it settle, and stops it again. */
async function startOnce(dataDir: string): Promise<Started> {
  const port = await freePort();
  const { DATABASE_URL: _none, ...variables } = unlimited("");
  const env = { ...process.env, ...variables, DATA_DIR: dataDir, PORT: String(port) };
  const began = performance.now();
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const child = spawn("npm", ["start"], { cwd, env, stdio: ["ignore", "ignore", "inherit"], detached: true });
  const ended = new Promise((resolve) => void child.once("exit", resolve));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
    await sleep(20);
  }
  const seconds = (performance.now() - began) / 1_000;
  await sleep(SETTLE_MS);
  const server = await serverOf(port);
  const idle_mb = await residentMb(server);
  process.kill(server, "SIGTERM");
  await ended;
  return { seconds, idle_mb };
}

/** The process that runs src/main.ts on this port. */
async function serverOf(port: number): Promise<number> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [command, environment] = await Promise.all(
      ["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    if (command?.split("\0").includes("src/main.ts") && environment?.split("\0").includes(`PORT=${port}`))
      return Number(pid);
  }
  throw new Error("there is no process of src/main.ts");
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

const compare = (what: string, value: number, goal: number, unit: string) =>
  say(
    `${what}: ${value.toFixed(unit === "s" ? 1 : 0)} ${unit}, goal ${goal} ${unit}: ratio ${(goal / value).toFixed(2)}`,
  );

const folder = await mkdtemp(join(tmpdir(), "agon-start-"));
await chmod(folder, 0o755);
try {
  const first = await startOnce(folder);
  compare("first start ever to the first answer", first.seconds, GOALS.first_s, "s");
  const later: Started[] = [];
  for (let start = 0; start < LATER_STARTS; start++) later.push(await startOnce(folder));
  const mean = (key: keyof Started) => later.reduce((sum, each) => sum + each[key], 0) / later.length;
  compare("a later start to the first answer", mean("seconds"), GOALS.later_s, "s");
  compare("resident memory when idle", mean("idle_mb"), GOALS.idle_mb, "MB");
} finally {
  await rm(folder, { recursive: true, force: true });
}
