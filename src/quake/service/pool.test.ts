import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { somePort } from "../../../tests/harness/quake-game.ts";
import { until } from "../../../tests/harness/until.ts";
import { openLog } from "../../platform/logging.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { openPool, type Pool, type PoolOptions } from "./pool.ts";

// Real OpenArena servers, which npm run setup:quake installs.

const opened: { pool: Pool; root: string }[] = [];

afterEach(async () => {
  for (const { pool, root } of opened.splice(0)) {
    await pool.stop();
    await rm(root, { recursive: true, force: true });
  }
});

async function newPool(given: Partial<PoolOptions> = {}): Promise<{ pool: Pool; root: string }> {
  const root = given.root ?? (await mkdtemp(join(tmpdir(), "agon-pool-")));
  const pool = openPool({
    installation: DEBIAN,
    root,
    servers: 2,
    firstPort: somePort(),
    timeLimit_min: 2,
    timescale: 1,
    log: openLog("silent"),
    ...given,
  });
  opened.push({ pool, root });
  return { pool, root };
}

/** Whether a process runs; one that has ended and waits for its parent to look does not. */
const runs = (pid: number) => existsSync(`/proc/${pid}/fd/0`);

test("two rents at once get two servers, a third gets none, and a released one is used again", async () => {
  const { pool } = await newPool();
  const [one, two, three] = await Promise.all([pool.rent("aggressor"), pool.rent("fan"), pool.rent("aggressor")]);
  expect(three).toBeNull();
  expect(pool.states()).toEqual(["BUSY", "BUSY"]);
  expect(one?.server.port).not.toBe(two?.server.port);
  one?.release();
  expect(pool.states()).toEqual(["FREE", "BUSY"]);
  const again = await pool.rent("dm4ish");
  expect(again?.server.pid).toBe(one?.server.pid);
  expect(again?.password).not.toBe(one?.password);
});

test("a drained server finishes its round, ends and takes no other; the rest and a resumed one do", async () => {
  const { pool } = await newPool();
  const [first, second] = pool.servers();
  const one = await pool.rent("aggressor");
  expect(one?.server.port).toBe(first?.port);
  pool.drain(new Set([first?.port ?? 0]));
  expect(pool.states()).toEqual(["DRAINING", "DOWN"]);
  expect(pool.room()).toBe(2);
  const two = await pool.rent("fan");
  expect(two?.server.port).toBe(second?.port);
  expect(await pool.rent("dm4ish")).toBeNull();
  one?.release();
  await one?.server.ended;
  await until(async () => pool.states()[0] === "DOWN", "the drained server's end");
  expect(pool.room()).toBe(1);
  expect(await pool.rent("dm4ish")).toBeNull();
  pool.drain(new Set());
  expect((await pool.rent("dm4ish"))?.server.port).toBe(first?.port);
  // A free one ends at once, and its pool is known again by its folder.
  two?.release();
  pool.drain(new Set([second?.port ?? 0]));
  // Resumed while it still ends, it takes no round yet.
  pool.drain(new Set());
  expect(pool.states()[1]).toBe("DRAINING");
  expect(pool.room()).toBe(1);
  await two?.server.ended;
  await until(() => pool.room() === 2, "room again");
});

test("a used server is ready when the map that was asked for runs, not when another begins", async () => {
  const { pool } = await newPool({ servers: 1 });
  const one = await pool.rent("aggressor");
  one?.server.command("map_restart", "0");
  one?.release();
  const again = await pool.rent("fan");
  const begun: unknown[] = [];
  again?.server.onLine((line) => void (line.type === "GAME_BEGAN" && begun.push(line.map)));
  expect(again?.server.pid).toBe(one?.server.pid);
  await sleep(500);
  expect(begun).toEqual([]);
});

test("a server that dies is let go, and its place starts another", async () => {
  const { pool } = await newPool({ servers: 1 });
  const first = await pool.rent("aggressor");
  if (!first) throw new Error("no server");
  kill(first.server.pid, "SIGKILL");
  await first.server.ended;
  await until(() => pool.states()[0] === "DOWN", "the place down");
  first.release();
  expect(pool.states()).toEqual(["DOWN"]);
  const second = await pool.rent("aggressor");
  expect(second?.server.pid).not.toBe(first.server.pid);
});

test("a server that hangs is ended, and another takes its place", async () => {
  const { pool } = await newPool({ servers: 1 });
  const first = await pool.rent("aggressor");
  if (!first) throw new Error("no server");
  first.release();
  kill(first.server.pid, "SIGSTOP");
  const second = await pool.rent("aggressor");
  expect(second?.server.pid).not.toBe(first.server.pid);
  await until(() => !runs(first.server.pid), "the end of the one that hung");
});

test("a server whose port is taken listens on another, and says on which", async () => {
  const taken = createSocket("udp4");
  const firstPort = somePort();
  taken.bind(firstPort, "127.0.0.1");
  await once(taken, "listening");
  const { pool } = await newPool({ servers: 1, firstPort });
  const rental = await pool.rent("aggressor");
  expect(rental?.server.port).toBeGreaterThan(firstPort);
  taken.close();
});

test("where the engine is missing there is no server, and the pool says so by null", async () => {
  const { pool } = await newPool({ servers: 1, installation: { engine: "/nowhere/ioq3ded", data: "/nowhere" } });
  expect(await pool.rent("aggressor")).toBeNull();
  expect(pool.states()).toEqual(["DOWN"]);
});

test("a stopped pool has ended its servers and left nothing behind", async () => {
  const { pool, root } = await newPool({ servers: 1 });
  const rental = await pool.rent("aggressor");
  await pool.stop();
  expect(runs(rental?.server.pid ?? 0)).toBe(false);
  expect(await readdir(root)).toEqual(["place"]);
  expect(await pool.rent("aggressor")).toBeNull();
});

test("servers of a killed process are ended at the next start, those of one that lives are not", async () => {
  const root = await mkdtemp(join(tmpdir(), "agon-pool-"));
  const [killed, living] = [await nodeWithServer(root), await nodeWithServer(root)];
  try {
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    expect(runs(killed.serverPid)).toBe(true);
    await newPool({ root });
    await until(() => !runs(killed.serverPid), "the end of the orphan");
    expect(runs(living.serverPid)).toBe(true);
  } finally {
    living.child.kill("SIGTERM");
    await once(living.child, "exit");
  }
  await newPool({ root });
  await until(() => !runs(living.serverPid), "the end of the other's server");
});

/** A process that has rented a server. */
async function nodeWithServer(root: string) {
  const child = spawn("node", ["tests/harness/quake-node.ts", root, String(somePort())], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = (await once(child.stdout, "data")) as [Buffer];
  return { child, serverPid: Number(String(pid)) };
}
