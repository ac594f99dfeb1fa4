import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DriverName, Sandbox, SandboxDriver } from "../../../src/codebattles/adapter/sandbox.ts";
import {
  holder,
  openTestDriver,
  processesWith,
  runIn,
  SMALL,
  tracesOf,
  type TestDriver,
} from "../../harness/sandboxes.ts";
import { until } from "../../harness/until.ts";

const made: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of made.splice(0)) await sandbox.destroy();
});

describe.each<DriverName>(["bwrap", "docker"])("in a sandbox of %s", (name) => {
  let driver: SandboxDriver;
  let opened: TestDriver;
  beforeAll(async () => {
    opened = await openTestDriver(name);
    driver = opened.driver;
  });
  afterAll(() => opened.stop());
  const fresh = async (limits = SMALL) => {
    const sandbox = await driver.create({ limits, mounts: [] });
    made.push(sandbox);
    return sandbox;
  };

  test("a program gets its input and gives its output, its errors and its code", async () => {
    const sandbox = await fresh();
    const shell = "cat; echo wrong >&2; pwd; echo $GREETING; exit 3";
    const ran = await runIn(sandbox, ["sh", "-c", shell], {
      input: Buffer.from("in\n"),
      environment: { GREETING: "hi" },
    });
    expect(ran).toEqual({
      ...{ stdout: "in\n/workspace\nhi\n", stderr: "wrong\n" },
      ...{ by: "EXIT", exitCode: 3, oomKills: 0, droppedBytes: 0 },
    });
  });

  test("the workspace stays from one program to the next", async () => {
    const sandbox = await fresh();
    await runIn(sandbox, ["sh", "-c", "echo kept > file"]);
    expect(await runIn(sandbox, ["cat", "file"])).toMatchObject({ stdout: "kept\n", exitCode: 0 });
  });

  test("the environment holds nothing of the host's", async () => {
    const sandbox = await fresh();
    const { stdout } = await runIn(sandbox, ["env"], { environment: { ONE: "1" } });
    const names = stdout.split("\n").flatMap((line) => line.split("=")[0] || []);
    const shell = ["PWD", "HOSTNAME", "TERM", "container"]; // what engines and shells add
    expect(names.filter((each) => !shell.includes(each)).toSorted()).toEqual(["HOME", "LANG", "ONE", "PATH", "USER"]);
  });

  test("a sleeper is ended at its time, with what it started", async () => {
    const sandbox = await fresh();
    const token = `6${Date.now()}`;
    const shell = `trap '' TERM HUP; setsid nohup sh -c 'trap "" TERM HUP; sleep ${token}' & sleep ${token}`;
    const ran = await runIn(sandbox, ["sh", "-c", shell], { timeMaxMs: 700 });
    expect(ran).toMatchObject({ by: "TIME" });
    expect(processesWith(token)).toEqual([]);
  });

  test("what a program leaves in the background ends with it", async () => {
    const sandbox = await fresh();
    const token = `7${Date.now()}`;
    await runIn(sandbox, ["sh", "-c", `setsid nohup sleep ${token} > /dev/null 2>&1 & sleep 0.1`]);
    expect(processesWith(token)).toEqual([]);
  });

  test("a program that is told to stop is stopped", async () => {
    const sandbox = await fresh();
    const stop = AbortSignal.timeout(300);
    expect(await runIn(sandbox, ["sleep", "60"], { stop })).toMatchObject({ by: "STOPPED" });
  });

  test("a program that is told to stop while it starts is stopped, at whatever moment", {
    timeout: 60_000,
  }, async () => {
    const sandbox = await fresh();
    for (let afterMs = 0; afterMs < 60; afterMs += 3) {
      const stop = AbortSignal.timeout(afterMs);
      expect(await runIn(sandbox, ["sleep", "50"], { stop })).toMatchObject({ by: "STOPPED" });
    }
  });

  test("a fork bomb does not become more than its processes, and ends", async () => {
    const sandbox = await fresh();
    const bomb =
      "$SIG{CHLD} = 'IGNORE'; my $most = 1; while (1) { my $pid = fork(); next if !defined $pid; $most++ if $pid; }";
    const ran = runIn(sandbox, ["perl", "-e", bomb], { timeMaxMs: 2_000 });
    await sleep(1_000);
    expect(processesWith("my $most = 1").length).toBeLessThanOrEqual(2 * SMALL.processesMax); // bwrap shows it in its own line
    expect(await ran).toMatchObject({ by: "TIME" });
    expect(processesWith("my $most = 1")).toEqual([]);
    expect(await runIn(sandbox, ["echo", "alive"])).toMatchObject({ stdout: "alive\n", by: "EXIT" });
  });

  test("who eats memory is killed for memory, and it is said so", async () => {
    const sandbox = await fresh();
    const ran = await runIn(sandbox, ["perl", "-e", "my @all; push @all, 'x' x 10_000_000 while 1"]);
    expect(ran).toMatchObject({ by: "MEMORY", exitCode: 137 });
    expect(ran.oomKills).toBeGreaterThan(0);
  });

  test("who fills the disk hears that it is full", async () => {
    const sandbox = await fresh();
    const ran = await runIn(sandbox, ["sh", "-c", "head -c 200000000 /dev/zero > fill; wc -c < fill"]);
    expect(Number(ran.stdout)).toBeLessThanOrEqual(SMALL.diskMiB * 1_048_576);
    expect(ran.stderr).toContain("No space left");
    expect(ran.by).toBe("EXIT");
  });

  test("files that are open at once are bounded", async () => {
    const sandbox = await fresh();
    const open = "my @all; while (open(my $f, '<', '/dev/null')) { push @all, $f } print scalar @all";
    expect(Number((await runIn(sandbox, ["perl", "-e", open])).stdout)).toBeLessThanOrEqual(1_024);
  });

  test("a printer of 1 GB is bounded, and what was thrown away is counted", async () => {
    const sandbox = await fresh();
    let given = 0;
    const ran = await runIn(sandbox, ["sh", "-c", "head -c 1000000000 /dev/zero"], {
      timeMaxMs: 3_000,
      outputBytesMax: 1_000_000,
      onOutput: (bytes) => (given += bytes.length),
    });
    expect(given).toBe(1_000_000);
    expect(ran.droppedBytes).toBeGreaterThan(1_000_000);
    expect(ran.by).toBe("TIME");
  });

  test("who computes gets the processors that it may have", async () => {
    const sandbox = await fresh({ ...SMALL, cpus: 0.25 });
    // Two seconds of two busy processes: half a second of a processor, not four.
    const busy =
      "my $pid = fork(); my $end = time + 3; 1 while time < $end; my @t = times; wait if $pid; @t = times; print $t[0] + $t[1] + $t[2] + $t[3] if $pid";
    const used_s = Number((await runIn(sandbox, ["perl", "-e", busy])).stdout);
    expect(used_s).toBeGreaterThan(0);
    expect(used_s).toBeLessThan(1.5);
  });

  test("one program runs at a time, and none after the end", async () => {
    const sandbox = await fresh();
    const first = runIn(sandbox, ["sleep", "0.3"]);
    await expect(runIn(sandbox, ["true"])).rejects.toThrow("one program at a time");
    await first;
    await sandbox.destroy();
    await expect(runIn(sandbox, ["true"])).rejects.toThrow("none once it is destroyed");
    expect(await tracesOf(name, opened.place, sandbox.id)).toEqual([]);
  });

  test("a sandbox that is destroyed in the middle ends its program and leaves nothing", async () => {
    const sandbox = await fresh();
    const token = `8${Date.now()}`;
    const ran = runIn(sandbox, ["sleep", token]).catch((error: unknown) => error);
    await until(() => processesWith(token).length > 0, "the sleeper");
    await sandbox.destroy();
    await ran;
    expect([...processesWith(token), ...(await tracesOf(name, opened.place, sandbox.id))]).toEqual([]);
  });

  test("of a holder that was killed nothing is left after the reaping, and the living keep theirs", async () => {
    const living = await fresh();
    await runIn(living, ["sh", "-c", "echo kept > file"]);
    const token = `9${Date.now()}`;
    const shell = `setsid nohup sh -c 'trap "" TERM HUP; sleep ${token}' & echo running; sleep ${token}`;
    const held = await holder(name, opened.place, shell);
    expect(processesWith(token).length).toBeGreaterThan(0);
    expect(await driver.reap()).toBe(0);
    held.kill("SIGKILL");
    await until(() => held.signalCode !== null, "the holder's end");
    expect(await driver.reap()).toBe(1);
    expect([...processesWith(token), ...(await tracesOf(name, opened.place, held.sandbox))]).toEqual([]);
    expect(await runIn(living, ["cat", "file"])).toMatchObject({ stdout: "kept\n" });
    expect(await driver.reap()).toBe(0);
  });
});
