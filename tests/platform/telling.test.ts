import { spawn, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLog } from "../../src/platform/logging.ts";
import { openRedis, openRedisBus } from "../../src/platform/redis-bus.ts";
import { Telling } from "../../src/platform/telling.ts";
import { freePort } from "../harness/process.ts";
import { until } from "../harness/until.ts";

// What is of use now or never, between two nodes by a real Redis.

let port: number;
let server: ChildProcess;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  port = await freePort();
  server = await startRedis();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  server.kill("SIGKILL");
});

async function startRedis(): Promise<ChildProcess> {
  const flags = ["--port", String(port), "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", flags, { stdio: "ignore" });
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const tcp = connect(port, "127.0.0.1", () => (tcp.destroy(), resolve(true)));
      tcp.once("error", () => resolve(false));
    });
  await until(answers, "Redis");
  return child;
}

async function node(name: string): Promise<Telling> {
  const log = openLog("silent");
  const redis = await openRedis(`redis://127.0.0.1:${port}`, log);
  const bus = await openRedisBus(redis, name, log);
  stops = [...stops, async () => (await bus.close(), redis.disconnect())];
  return new Telling(bus);
}

/** Hears a topic until it is left. */
function ears(telling: Telling, topic: string) {
  const heard: string[] = [];
  return { heard, leave: telling.listen(topic, (text) => void heard.push(text)) };
}

/** Tells again until it is heard: the first may go before the other node listens. */
const toldUntilHeard = (from: Telling, topic: string, text: string, heard: readonly string[]) =>
  until(() => (from.tell(topic, text), heard.includes(text)), text);

test("what one node tells is heard on it once, and on the other while somebody listens there", async () => {
  const [one, two] = [await node("one"), await node("two")];
  const [here, there, elsewhere] = [ears(one, "a"), ears(two, "a"), ears(two, "b")];
  await toldUntilHeard(one, "a", "ready", there.heard);
  const before = here.heard.length;
  one.tell("a", "once");
  expect(here.heard.slice(before)).toEqual(["once"]);
  await until(() => there.heard.includes("once"), "the other node");
  expect(elsewhere.heard).toEqual([]);
  there.leave();
  one.tell("a", "gone");
  await toldUntilHeard(one, "b", "later", elsewhere.heard);
  expect(here.heard.filter((text) => text === "once")).toHaveLength(1);
  expect(there.heard).not.toContain("gone");
});

test("a topic that was listened to while Redis was away is heard when it is back", async () => {
  const [one, two] = [await node("three"), await node("four")];
  const early = ears(two, "early");
  await toldUntilHeard(one, "early", "first", early.heard);
  server.kill("SIGKILL");
  await new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const late = ears(two, "late");
  server = await startRedis();
  await toldUntilHeard(one, "late", "second", late.heard);
  await toldUntilHeard(one, "early", "third", early.heard);
});
