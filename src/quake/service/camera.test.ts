import { spawn, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { freePort } from "../../../tests/harness/process.ts";
import { until } from "../../../tests/harness/until.ts";
import { openHub } from "../../platform/hub.ts";
import { openRedis, openRedisBus } from "../../platform/redis-bus.ts";
import type { Platform } from "../../platform/platform.ts";
import { itemOfModel } from "../assets/item-kinds.ts";
import { EMPTY_ENTITY, EMPTY_PLAYER } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { decodeReplay, type Frame } from "../rules/replay.ts";
import { Camera } from "./camera.ts";
import { openFrames, storedReplay } from "./spectating.ts";

// What a match's players are shown, on its way to spectators of this node and, by a real Redis, of another.

let arena: Arena;
let redis: ChildProcess;
let here: Platform;
let there: Platform;
const stops: (() => Promise<void>)[] = [];
let bots: { botId: string; name: string }[];
let matchId: string;

beforeAll(async () => {
  arena = await openArena();
  const port = await freePort();
  redis = spawn("redis-server", ["--port", String(port), "--save", "", "--appendonly", "no"], { stdio: "ignore" });
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const tcp = connect(port, "127.0.0.1", () => (tcp.destroy(), resolve(true)));
      tcp.once("error", () => resolve(false));
    });
  await until(answers, "Redis");
  const node = async (name: string): Promise<Platform> => {
    const { db, log } = arena.platform;
    const line = await openRedis(`redis://127.0.0.1:${port}`, log);
    const hub = openHub(db, log, await openRedisBus(line, name, log));
    stops.push(async () => (await hub.stop(), line.disconnect()));
    return { ...arena.platform, hub, settings: { ...arena.platform.settings, matchFrameDelayMs: 200 } };
  };
  [here, there] = [await node("here"), await node("there")];
});
afterAll(async () => {
  for (const stop of stops) await stop();
  redis.kill("SIGKILL");
  await arena.stop();
});

beforeEach(async () => {
  const made = [await arena.newBot(), await arena.newBot()];
  bots = made.map(({ botId }, side) => ({ botId, name: `Bot_${side}` }));
  matchId = arena.platform.random.id(arena.now);
  await arena.rows(
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at)
     VALUES ($1, 'QUAKE', 'LIVE', 'RATED_QUEUE', true, sha256('x'), 'x', $2)`,
    [matchId, arena.now],
  );
  await arena.rows(`INSERT INTO quake_match (id, map, phase, starts_at) VALUES ($1, 'aggressor', 'LIVE', $2)`, [
    matchId,
    arena.now,
  ]);
});

const filmed = () => new Camera(here, { matchId, map: "aggressor", bots, timescale: 2 });
const OLD_ROUND = 0;
const NEW_ROUND = 4;
const HALF = list({ 0: 50 });

function list(values: Record<number, number>) {
  return Array.from({ length: 16 }, (_none, index) => values[index] ?? 0);
}

function shown(serverTime: number, side: number, flags = NEW_ROUND): Snapshot {
  const player = { ...EMPTY_PLAYER, client: side, originX: serverTime / 10, stats: HALF };
  return { sequence: 1, serverTime, flags, player, entities: [] };
}

/** Shows all bots the same instant, in this order. */
function show(camera: Camera, serverTime: number, flags = NEW_ROUND): void {
  for (const [side, { botId }] of bots.entries()) camera.see(botId, shown(serverTime, side, flags));
}

function begun(): Camera {
  const camera = filmed();
  show(camera, 1_000, OLD_ROUND);
  camera.hear({ type: "RESTART_MAP" });
  camera.hear({ type: "STARTED" });
  return camera;
}

/** Follows the frames of the match until they end. */
async function follow(platform: Platform) {
  const opened = await openFrames(platform, matchId);
  if (!opened.ok) throw new Error(opened.code);
  const frames: Frame[] = [];
  const ended = (async () => {
    for await (const frame of opened.frames) frames.push(frame);
  })();
  return { frames, ended };
}

const replayIn = async () => {
  const stored = await storedReplay(here, matchId);
  return stored.ok ? decodeReplay(JSON.parse(gunzipSync(stored.document).toString())) : stored.code;
};

test("frames come ten a second of game time, late, to this node and another, and end after the last one", async () => {
  const near = await follow(here);
  const far = await follow(there);
  // The other node listens once Redis says so.
  await until(
    () => (here.hub.tell(`quake-frames:${matchId}`, JSON.stringify({ atMs: -1 })), far.frames.length > 0),
    "the line",
  );
  for (const { frames } of [near, far]) frames.length = 0;
  const camera = begun();
  for (let serverTime = 1_050; serverTime <= 1_500; serverTime += 50) show(camera, serverTime);
  expect(near.frames.filter(({ atMs }) => atMs >= 0)).toEqual([]);
  camera.hear({ type: "COMPLETED", results: [] });
  await Promise.all([near.ended, far.ended]);
  const seen = near.frames.filter(({ atMs }) => atMs >= 0);
  expect(seen.map(({ atMs }) => atMs)).toEqual([0, 100, 200, 300, 400]);
  expect(seen[0]?.players).toMatchObject([
    { side: 0, x: 105, health: 50 },
    { side: 1, x: 105, health: 50 },
  ]);
  expect(far.frames.filter(({ atMs }) => atMs >= 0)).toEqual(seen);
});

test("what is shown before the round, or to somebody who is not in it, is in no frame", async () => {
  const camera = filmed();
  show(camera, 1_000, OLD_ROUND);
  camera.hear({ type: "RESTART_MAP" });
  show(camera, 1_050, OLD_ROUND);
  // The first snapshots may come before the log says that the round began.
  show(camera, 1_100);
  camera.hear({ type: "STARTED" });
  camera.see("another", shown(1_150, 3));
  show(camera, 1_150);
  show(camera, 1_250);
  camera.hear({ type: "COMPLETED", results: [] });
  const written = await camera.finish();
  await here.db.transact(async (tx) => written?.write(tx, true));
  const replay = await replayIn();
  expect(replay).toMatchObject({ frames: [{ atMs: 50, players: [{ side: 0 }, { side: 1 }] }, { atMs: 150 }] });
});

test("a bot whose snapshots stay away does not hold up the frames of the others", async () => {
  const camera = begun();
  show(camera, 1_050);
  for (let serverTime = 1_100; serverTime <= 1_350; serverTime += 50)
    camera.see(bots[0]?.botId ?? "", shown(serverTime, 0));
  const written = await camera.finish();
  await here.db.transact(async (tx) => written?.write(tx, true));
  const replay = await replayIn();
  expect(replay).toMatchObject({ frames: [{ atMs: 0 }, { atMs: 100 }, { atMs: 200 }] });
});

test("the replay has the match's deaths and scores in game time, and who played, a replacement among them", async () => {
  const camera = filmed();
  const [first, second] = bots;
  const late = await arena.newBot();
  camera.replace(second?.botId ?? "", { botId: late.botId, name: "Late" });
  bots[1] = { botId: late.botId, name: "Late" };
  show(camera, 1_000, OLD_ROUND);
  camera.hear({ type: "STARTED" });
  show(camera, 1_050);
  const kill = { killer: late.botId, victim: first?.botId ?? "", means: 10, suicide: false, atMs: 25 };
  camera.hear({ type: "KILL", kill });
  camera.hear({
    type: "KILL",
    kill: { ...kill, killer: null, victim: late.botId, means: 19, suicide: true, atMs: 40 },
  });
  camera.hear({ type: "SCORE", botId: late.botId, score: 1 });
  const written = await camera.finish();
  expect(await replayIn()).toBe("REPLAY_NOT_STORED");
  await here.db.transact(async (tx) => written?.write(tx, true));
  expect(await replayIn()).toMatchObject({
    match: `quake_match_${matchId.replaceAll("-", "")}`,
    map: "aggressor",
    players: [
      { side: 0, name: "Bot_0" },
      { side: 1, name: "Late", bot: `bot_${late.botId.replaceAll("-", "")}` },
    ],
    kills: [
      { number: 1, atMs: 50, killer: 1, victim: 0, means: 10, suicide: false },
      { number: 2, atMs: 80, killer: null, victim: 1, means: 19, suicide: true },
    ],
    scores: [{ side: 1, score: 1 }],
  });
});

test("items that somebody would be shown and is not are taken, what is dropped lies there, and a round begins with all anew", async () => {
  const lying = { ...EMPTY_ENTITY, number: 90, type: 2, model: 5, posBaseX: 100.4 };
  const health = { id: 3, name: "item_health", model: 5, at: [100.4, -0.3, 24] as const, isThereFirst: true };
  const quad = { id: 7, name: "item_quad", model: 28, at: [900, 0, 24] as const, isThereFirst: false };
  const camera = filmed();
  const railgun = { ...lying, number: 91, model: 14, posBaseX: 300.4 };
  camera.lookAt({ spots: [health, quad], isTold: (_eye, at) => at === health.at, nameOf: itemOfModel });
  const showWith = (serverTime: number, entities: Snapshot["entities"], flags = NEW_ROUND) => {
    for (const [side, { botId }] of bots.entries()) camera.see(botId, { ...shown(serverTime, side, flags), entities });
  };
  showWith(1_000, [], OLD_ROUND);
  camera.hear({ type: "RESTART_MAP" });
  camera.hear({ type: "STARTED" });
  showWith(1_050, [lying]);
  showWith(1_150, [railgun]);
  showWith(1_250, [lying]);
  const written = await camera.finish();
  await here.db.transact(async (tx) => written?.write(tx, true));
  const dropped = { id: 91, name: "weapon_railgun", x: 300, y: 0, z: 0 };
  expect(await replayIn()).toMatchObject({
    items: [
      { id: 3, name: "item_health", x: 100, y: 0, z: 24 },
      { id: 7, name: "item_quad", x: 900, y: 0, z: 24 },
    ],
    frames: [
      { taken: [7], drops: [] },
      { taken: [3, 7], drops: [dropped] },
      { taken: [7], drops: [dropped] },
    ],
  });
});

test("a match that does not count, or was never filmed, has no replay", async () => {
  const camera = begun();
  show(camera, 1_050);
  const written = await camera.finish();
  await here.db.transact(async (tx) => written?.write(tx, false));
  expect(await replayIn()).toBe("REPLAY_NOT_STORED");
  expect(await filmed().finish()).toBeNull();
});

test("a match that is over or does not exist is refused by name", async () => {
  await arena.rows("UPDATE quake_match SET phase = 'COMPLETED' WHERE id = $1", [matchId]);
  expect(await openFrames(here, matchId)).toMatchObject({ ok: false, code: "MATCH_OVER" });
  const none = arena.platform.random.id(arena.now);
  expect(await openFrames(here, none)).toMatchObject({ ok: false, code: "NOT_FOUND" });
  expect(await storedReplay(here, none)).toMatchObject({ ok: false, code: "NOT_FOUND" });
});
