import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PASSWORD, startGame } from "../../../tests/harness/quake-game.ts";
import { until } from "../../../tests/harness/until.ts";
import type { GameServer } from "../adapter/game-server.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { joinServer } from "../adapter/player.ts";
import { Archives } from "../assets/archives.ts";
import { TRAVEL } from "../assets/graph.ts";
import { loadMap } from "../assets/quake-map.ts";
import type { Vector } from "../assets/vector.ts";
import { MAPS } from "../rules/commands.ts";
import type { StrategyView } from "../strategy/contract.ts";
import { Pilot } from "../strategy/pilot.ts";
import { prepareGround, type Ground } from "../strategy/view.ts";
import { Routes, type NextWay } from "./routes.ts";
import { Walker } from "./walker.ts";

const TIMESCALE = 5;
const ROUND_MS = 120_000;
let ground: Ground;
let server: GameServer;
let archives: Archives;

beforeAll(async () => {
  archives = await Archives.open(`${DEBIAN.data}/baseoa`);
  const map = await loadMap(archives, "aggressor");
  ground = prepareGround(map);
  server = await startGame({ timescale: TIMESCALE });
});

afterAll(() => server.stop());

test.each(MAPS)("on %s nearly every item can be walked to from every place where a player begins", async (name) => {
  const { graph, items, spawns } = await loadMap(archives, name);
  const routes = new Routes(graph);
  const ways = spawns.flatMap((spawn) =>
    items.map(({ origin }) => ({ spawn, origin, ms: routes.takesMs(routes.place(spawn), routes.place(origin)) })),
  );
  const known = ways.filter(({ ms }) => ms !== null);
  // A few hang where only a rocket jump or a pad leads.
  expect(known.length).toBeGreaterThan(ways.length * 0.9);
  // On foot nobody is faster than 320 units a second as the crow flies; only aggressor has gates that lead farther.
  const tooFast = known.filter(({ spawn, origin, ms }) => {
    const crowMs = (Math.hypot(spawn[0] - origin[0], spawn[1] - origin[1]) / 320) * 1_000;
    return name !== "aggressor" && (ms ?? 0) < crowMs * 0.8;
  });
  expect(tooFast.length).toBeLessThan(known.length * 0.1);
  expect(known.filter(({ ms }) => (ms ?? 0) > 30_000)).toEqual([]);
});

test("a way that does not exist is none", () => {
  expect(ground.routes.takesMs(ground.routes.place([64, 64, 328]), ground.routes.place([90_000, 0, 0]))).toBeNull();
  expect(ground.routes.areaNear([90_000, 0, 0])).toBe(0);
});

test("who lands far below the end of a jump does not take it again for a while", async () => {
  const { graph } = await loadMap(archives, "q3dm6ish");
  const routes = new Routes(graph);
  const number = graph.reaches.findIndex(({ from, start, to, travel }, index) => {
    const isBest = routes.next(from, start, to)?.number === index;
    return travel === TRAVEL.jump && isBest && routes.areaNear(start) === from;
  });
  const { start, end, to } = graph.reaches[number]!;
  const closed: boolean[] = [];
  class Watched extends Routes {
    override next(...given: Parameters<Routes["next"]>): NextWay | null {
      closed.push(given[3]?.(number) ?? false);
      return super.next(...given);
    }
  }
  const walker = new Walker(new Watched(graph));
  const at = ([x, y, z]: Vector, isGrounded: boolean, timeMs: number) =>
    walker.step({ origin: [x, y, z], velocity: [0, 0, 0], isGrounded, timeMs }, graph.centre(to));
  expect(at(start, true, 0)).toMatchObject({ jump: true });
  expect(closed.splice(0)).toEqual([false]);
  at([start[0], start[1], start[2] - 30], false, 50);
  at([start[0], start[1], end[2] - 60], true, 100);
  at(start, true, 150);
  expect(closed[0]).toBe(true);
  closed.splice(0);
  at([start[0] + 50, start[1], start[2]], true, 20_200);
  expect(closed[0]).toBe(false);
});

test("a player that comes no farther for a second is stuck, turns, and tries the other side next", () => {
  const walker = new Walker(ground.routes);
  const origin = ground.map.spawns[0]!;
  const goal = ground.map.items[0]!.origin;
  const at = (timeMs: number) => walker.step({ origin, velocity: [0, 0, 0], isGrounded: true, timeMs }, goal);
  expect(at(0).state).toBe("WALKING");
  expect(at(900).state).toBe("WALKING");
  const first = at(1_000);
  expect(first).toMatchObject({ state: "STUCK", jump: true });
  expect(at(1_599).state).toBe("STUCK");
  expect(at(1_600).state).toBe("WALKING");
  const second = [2_600, 2_700].map(at).find(({ state }) => state === "STUCK");
  expect(Math.abs((second?.yaw ?? 0) - (first.yaw ?? 0))).toBeCloseTo(120, 3);
});

test.each<[string, Vector, string]>([
  ["falls", [0, 0, -600], "FALLING"],
  ["hops", [0, 0, 100], "WALKING"],
])("a player in the air who %s is %s", (_sentence, velocity, state) => {
  const step = new Walker(ground.routes).step(
    { origin: ground.map.spawns[0]!, velocity, isGrounded: false, timeMs: 0 },
    ground.map.items[0]!.origin,
  );
  expect(step.state).toBe(state);
});

test("on a real server a bot walks to one named item after the other and takes them", async () => {
  const guid = randomUUID().replaceAll("-", "").toUpperCase();
  const where = {
    host: "127.0.0.1",
    port: server.port,
    from: "127.0.7.7",
    flavour: "MODERN",
    timescale: TIMESCALE,
  } as const;
  const joining = await joinServer({ ...where, name: "walker", guid, password: PASSWORD });
  if (!joining.ok) throw new Error(joining.refusal);
  const { player } = joining;
  const pilot = new Pilot(ground, ROUND_MS);
  const tour = ["weapon_rocketlauncher", "weapon_railgun", "item_armor_combat", "weapon_lightning", "weapon_plasmagun"];
  const goals = tour.map((name) => ground.map.items.find(({ className }) => className === name)?.id ?? -1);
  const taken: number[] = [];
  let view: StrategyView | null = null;
  player.onEvent((event) => {
    if (event.type !== "SNAPSHOT") return;
    view = pilot.see(event.snapshot);
    const [item] = goals;
    if (item === undefined) return;
    if (view.self.walk === "ARRIVED") taken.push(goals.shift() ?? -1);
    player.act(pilot.act({ goTo: { item: goals[0] ?? item } }, event.snapshot));
  });
  await until(() => goals.length === 0, "a bot at the end of its tour");
  const { self } = view as unknown as StrategyView;
  expect(taken.length).toBe(tour.length);
  // Rocket launcher 5, lightning gun 6, railgun 7, plasma gun 8, by the server's own word.
  expect(self.weapons).toEqual(expect.arrayContaining([5, 6, 7, 8]));
  expect(self.armor).toBeGreaterThan(0);
  await player.leave();
}, 60_000);
