import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bwrapDriver } from "../../src/codebattles/adapter/bwrap.ts";
import { dockerDriver } from "../../src/codebattles/adapter/docker.ts";
import { SLOTS } from "../../src/codebattles/adapter/slots.ts";
import type { Command, DriverName, Ended, Sandbox, SandboxDriver } from "../../src/codebattles/adapter/sandbox.ts";
import { engineAnswers, startEngine } from "./engine.ts";
import { until } from "./until.ts";

/** Small limits, so that what reaches them does so quickly. */
export const SMALL = { memoryMiB: 128, diskMiB: 16, filesMax: 10_000, processesMax: 64, cpus: 1 };

/** A driver of a test: its place is a folder of records, or the socket of an engine that the test started. */
export type TestDriver = { driver: SandboxDriver; place: string; stop(): Promise<void> };

export const driverAt = (name: DriverName, place: string): SandboxDriver =>
  name === "bwrap" ? bwrapDriver(place) : dockerDriver(place);

/** A driver that works here, for docker on an engine of its own. */
export async function openTestDriver(name: DriverName): Promise<TestDriver> {
  if (name === "bwrap") return { driver: bwrapDriver(SLOTS), place: SLOTS, stop: () => Promise.resolve() };
  const engine = await startEngine(await mkdtemp(join(tmpdir(), "agon-engine-")));
  return { driver: dockerDriver(engine.socket), place: engine.socket, stop: engine.stop };
}

/** What there is on this machine of a sandbox: its record, its mounts, its control groups, its container. */
export async function tracesOf(name: DriverName, place: string, id: string): Promise<string[]> {
  if (name === "docker")
    return (await engineAnswers(place, "/containers/json?all=1"))?.includes(id) ? [`container ${id}`] : [];
  const groups = readdirSync("/sys/fs/cgroup").map((tree) => `/sys/fs/cgroup/${tree}/agon-${id}`);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(`${place}/${id}/`));
  return [...[`${place}/${id}`, `/sys/fs/cgroup/agon-${id}`, ...groups].filter(existsSync), ...mounts];
}

export type Ran = Ended & { stdout: string; stderr: string };

/** Runs a program and gives what it wrote. */
export async function runIn(sandbox: Sandbox, argv: Command["argv"], given: Partial<Command> = {}): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  const ended = await sandbox.run({
    argv,
    environment: {},
    input: null,
    timeMaxMs: 20_000,
    outputBytesMax: 1_000_000,
    onOutput: (bytes, from) => (said[from] += bytes.toString()),
    stop: null,
    ...given,
  });
  return { ...ended, ...said };
}

/** The processes of this machine whose command line has a text. */
export const processesWith = (text: string) =>
  readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });

/** A process that holds a sandbox in which a program runs, and leaves it behind when it is killed. */
export async function holder(
  name: DriverName,
  place: string,
  shell: string,
): Promise<ChildProcess & { sandbox: string }> {
  const args = ["tests/harness/hold-sandbox.ts", name, place, shell];
  const child = spawn("node", args, { stdio: ["ignore", "pipe", "inherit"] });
  const said: string[] = [];
  child.stdout.on("data", (bytes) => void said.push(String(bytes)));
  await until(() => said.join("").includes("running"), "the program in the held sandbox");
  return Object.assign(child, { sandbox: /sandbox (\S+)/.exec(said.join(""))?.[1] ?? "" });
}
