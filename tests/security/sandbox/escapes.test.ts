import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DriverName, Sandbox, SandboxDriver } from "../../../src/codebattles/adapter/sandbox.ts";
import { openTestDriver, runIn, SMALL, type TestDriver } from "../../harness/sandboxes.ts";

const SUITE = await readFile("tests/security/sandbox/escapes.pl", "utf8");
const KEY = "sk-agon-bait-0123456789";
/** What the machine at hand need not have: without it even root on the host is held. */
const NOT_EVERYWHERE = [
  "write sysrq-trigger",
  "read the firmware",
  "write a cgroup release_agent",
  "write to a control group",
  "open a block device",
  "have a way to the metadata address",
  "have a way to name servers",
  "open a socket to the hypervisor",
  "enter another namespace",
  "use io_uring",
  "use bpf",
  "load another kernel",
  "load a module",
];

type Outcome = { out: string[]; held: string[]; broken: string[] };

/** What the suite says, attempt by attempt. */
function outcomeOf(text: string): Outcome {
  const lines = text.trim().split("\n");
  const named = (word: string) =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(line.indexOf("\t") + 1));
  return {
    out: named("escaped\t"),
    held: named("held\t"),
    broken: lines.filter((line) => !/^(escaped|held)\t/.test(line)),
  };
}

let bait: Record<string, string>;
let folder: string;
const servers: Server[] = [];
const keyHolder = spawn("sleep", ["600"], { env: { MODEL_KEY: KEY } });

async function listen(place: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => null).end("the host's proxy\n"));
  servers.push(server.listen(place));
  await once(server, "listening");
  return server;
}

beforeAll(async () => {
  folder = await mkdtemp(join(homedir(), ".agon-bait-"));
  // Open to everybody: what keeps programs away must be the sandbox.
  await chmod(folder, 0o755);
  const file = async (path: string) => {
    await writeFile(path, KEY, { mode: 0o666 });
    return path;
  };
  const service = await listen({ port: 0, host: "127.0.0.1" });
  await listen({ path: `\0agon-bait-${process.pid}` });
  bait = {
    BAIT_HOME: await file(join(folder, "notes")),
    BAIT_DATA: await file(join(folder, "secret")),
    BAIT_WORKSPACE: await file(join(folder, "workspace")),
    BAIT_TMP: await file(`/tmp/agon-bait-${process.pid}`),
    BAIT_KEY: KEY,
    BAIT_PID: String(keyHolder.pid),
    BAIT_PORT: String((service.address() as AddressInfo).port),
    BAIT_ABSTRACT: `agon-bait-${process.pid}`,
  };
});
afterAll(async () => {
  keyHolder.kill("SIGKILL");
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
  await rm(bait["BAIT_TMP"] ?? "", { force: true });
});

/** Several words of a command that a weak driver runs with the suite on its standard input. */
async function weakly(command: string, args: string[]): Promise<Outcome> {
  const child = spawn(command, args, {
    env: { PATH: process.env["PATH"], ...bait },
    // A fourth descriptor, as a careless program leaves it.
    stdio: ["pipe", "pipe", "ignore", "pipe"],
  });
  child.stdin?.end(SUITE);
  const said: string[] = [];
  child.stdout?.on("data", (bytes) => void said.push(String(bytes)));
  await once(child, "close");
  return outcomeOf(said.join(""));
}

test("a driver that runs programs as they are lets every attempt out that this machine has a way for", async () => {
  const { out, held, broken } = await weakly("perl", ["-"]);
  expect(broken).toEqual([]);
  expect(out.length).toBeGreaterThanOrEqual(30);
  expect(held.filter((name) => !NOT_EVERYWHERE.includes(name))).toEqual([]);
});

test("bubblewrap that is started as root lets the suite write what the kernel runs as root", async () => {
  const usr = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"];
  const rest = ["--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"];
  const alone = ["--unshare-all", "--cap-drop", "ALL", "--disable-userns", "--unshare-user", "--uid", "1000"];
  const { out } = await weakly("bwrap", [...alone, ...usr, ...rest, "perl", "-"]);
  expect(out).toEqual(expect.arrayContaining(["write core_pattern", "use io_uring"]));
});

describe.each<DriverName>(["bwrap", "docker"])("in a sandbox of %s", (name) => {
  let driver: SandboxDriver;
  let opened: TestDriver;
  beforeAll(async () => {
    opened = await openTestDriver(name);
    driver = opened.driver;
  });
  const made: Sandbox[] = [];
  const fresh = async () => {
    const sandbox = await driver.create({ limits: SMALL, mounts: [] });
    made.push(sandbox);
    return sandbox;
  };
  afterAll(async () => {
    for (const sandbox of made) await sandbox.destroy();
    await opened.stop();
  });

  test("the probe finds nothing missing", async () => {
    expect(await driver.probe()).toMatchObject({ usable: true, missing: [] });
  });

  test("no attempt gets out", async () => {
    const [sandbox, other] = [await fresh(), await fresh()];
    await runIn(other, ["sh", "-c", `echo ${KEY} > /workspace/secret; chmod 666 /workspace/secret`]);
    const places = [`${opened.place}/${other.id}/workspace/secret`, bait["BAIT_WORKSPACE"] ?? ""];
    for (const workspace of places) {
      const environment = { ...bait, BAIT_WORKSPACE: workspace };
      const { stdout, stderr, by } = await runIn(sandbox, ["perl", "-"], { environment, input: Buffer.from(SUITE) });
      const { out, held, broken } = outcomeOf(stdout);
      expect({ out, broken, stderr, by }).toEqual({ out: [], broken: [], stderr: "", by: "EXIT" });
      expect(held.length).toBeGreaterThanOrEqual(45);
    }
  });

  test("a socket that is handed in is the only way out", async () => {
    const path = `/tmp/agon-door-${process.pid}`;
    await listen({ path });
    await chmod(path, 0o666);
    const sandbox = await driver.create({ limits: SMALL, mounts: [{ from: path, to: "/run/door", kind: "SOCKET" }] });
    made.push(sandbox);
    const ask = "use IO::Socket::UNIX; print IO::Socket::UNIX->new(Peer => '/run/door')->getline";
    expect(await runIn(sandbox, ["perl", "-e", ask])).toMatchObject({ stdout: "the host's proxy\n", exitCode: 0 });
    await rm(path, { force: true });
  });

  test("what is shown from the host can be read and not written", async () => {
    const mounts = [{ from: folder, to: "/opt/shown", kind: "READ_ONLY" as const }];
    const sandbox = await driver.create({ limits: SMALL, mounts });
    made.push(sandbox);
    const ran = await runIn(sandbox, ["sh", "-c", "cat /opt/shown/notes; echo x > /opt/shown/notes || echo refused"]);
    expect(ran.stdout).toBe(`${KEY}refused\n`);
  });
});
