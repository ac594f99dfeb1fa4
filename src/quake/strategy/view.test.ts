import { beforeAll, expect, test } from "vitest";
import { bytesOf, recordedSession } from "../../../tests/harness/quake-recording.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { Archives } from "../assets/archives.ts";
import { loadMap } from "../assets/quake-map.ts";
import type { Vector } from "../assets/vector.ts";
import { EMPTY_ENTITY, EMPTY_PLAYER, type EntityState, type PlayerState } from "../protocol/fields.ts";
import { IDLE } from "../protocol/link.ts";
import { Session } from "../protocol/session.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { readAction } from "./action.ts";
import type { StrategyAction } from "./contract.ts";
import { Pilot } from "./pilot.ts";
import { count } from "./tally.ts";
import { prepareGround, type Ground } from "./view.ts";

let ground: Ground;
const ROUND_MS = 120_000;
/** On the platform of aggressor, where two players can begin. */
const HERE: Vector = [64, 64, 328];

beforeAll(async () => {
  const map = await loadMap(await Archives.open(`${DEBIAN.data}/baseoa`), "aggressor");
  ground = prepareGround(map);
});

const list = (values: Record<number, number>) => Array.from({ length: 16 }, (_none, index) => values[index] ?? 0);

const player = (given: Partial<PlayerState> = {}): PlayerState => ({
  ...EMPTY_PLAYER,
  client: 2,
  originX: HERE[0],
  originY: HERE[1],
  originZ: HERE[2],
  viewHeight: 26,
  weapon: 2,
  stats: list({ 0: 125, 3: 0b1010_0110, 4: 30 }),
  ammo: list({ 1: -1, 2: 80, 5: 7, 7: 3 }),
  persistent: list({ 0: 4, 1: 9, 8: 1 }),
  ...given,
});

const at = (number: number, [x, y, z]: Vector, given: Partial<EntityState>): EntityState => ({
  ...EMPTY_ENTITY,
  number,
  posBaseX: x,
  posBaseY: y,
  posBaseZ: z,
  ...given,
});

const shot = (entities: readonly EntityState[], given: Partial<Snapshot> = {}): Snapshot => ({
  sequence: 1,
  serverTime: 1_000,
  flags: 0,
  player: player(),
  entities,
  ...given,
});

const see = (entities: readonly EntityState[], given: Partial<Snapshot> = {}) =>
  new Pilot(ground, ROUND_MS).see(shot(entities, given));

test("a player is told of its own health, arms and rounds", () => {
  expect(see([]).self).toMatchObject({
    id: 2,
    alive: true,
    health: 125,
    armor: 30,
    origin: HERE,
    eye: [64, 64, 354],
    weapons: [1, 2, 5, 7],
    ammo: [0, -1, 80, 0, 0, 7, 0, 3, 0, 0],
    hits: 9,
    grounded: true,
    ready: true,
  });
});

test.each<[string, Vector, Partial<EntityState>, number[]]>([
  ["a player on the same platform", [160, 80, 328], { type: 1 }, [5]],
  ["a player on another storey", [64, 64, 152], { type: 1 }, []],
  ["a player at the other end of the map", [-576, 192, 152], { type: 1 }, []],
  ["a dead player", [160, 80, 328], { type: 1, flags: 1 }, []],
  ["a player who is not drawn", [160, 80, 328], { type: 1, flags: 0x80 }, []],
  ["a rocket is no player", [160, 80, 328], { type: 3 }, []],
])("%s", (_sentence, origin, given, seen) => {
  expect(see([at(5, origin, given)]).players.map(({ id }) => id)).toEqual(seen);
});

test("of a player in sight its speed, arms and whether it shoots are told", () => {
  const [other] = see([
    at(5, [160, 64, 328], { type: 1, posDeltaX: -320, aposBaseYaw: 180, weapon: 7, flags: 0x100, powerups: 2 }),
  ]).players;
  expect(other).toEqual({
    id: 5,
    origin: [160, 64, 328],
    velocity: [-320, 0, 0],
    yaw: 180,
    weapon: 7,
    firing: true,
    quad: true,
    distance: 96,
  });
});

test("an item in sight is there or not, and one out of sight tells nothing, though the server sent it", () => {
  const launcher = ground.map.items.find(({ className }) => className === "weapon_rocketlauncher")!;
  const beside: Partial<PlayerState> = {
    originX: launcher.origin[0] + 60,
    originY: launcher.origin[1],
    originZ: launcher.origin[2] + 9,
  };
  const entity = at(40, launcher.origin, { type: 2, model: 12 });
  const seen = (entities: readonly EntityState[], given: Partial<PlayerState>) =>
    see(entities, { player: player(given) }).items[launcher.id]?.seen;
  expect(seen([entity], beside)).toBe("PRESENT");
  expect(seen([], beside)).toBe("ABSENT");
  expect(seen([at(40, launcher.origin, { type: 2, model: 12, flags: 0x80 })], beside)).toBe("ABSENT");
  expect(seen([entity], {})).toBe("HIDDEN");
});

test("what somebody dropped is told apart from what belongs there, and a rocket is where it has flown to", () => {
  const view = see([
    at(41, [100, 64, 320], { type: 2, model: 14 }),
    at(42, [70, 64, 340], { type: 3, weapon: 5, posType: 2, posDeltaX: 900, posTime: 900 }),
    at(43, [70, 64, 340], { type: 3, weapon: 4, posType: 5, posDeltaX: 100, posDeltaZ: 100, posTime: 500 }),
  ]);
  expect(view.drops).toEqual([{ name: "weapon_railgun", weapon: 7, origin: [100, 64, 320] }]);
  expect(view.missiles).toEqual(
    [
      { weapon: 5, origin: [160, 64, 340], velocity: [900, 0, 0] },
      // Half a second of fall at 800 units a second squared is 100 units.
      { weapon: 4, origin: [120, 64, 290], velocity: [100, 0, 100] },
    ].filter(({ origin }) => ground.map.collision.sees([64, 64, 354], origin as unknown as Vector)),
  );
  expect(view.missiles.length).toBeGreaterThan(0);
});

const death = (number: number, killer: number, victim: number) =>
  at(number, [0, 0, 0], { type: 13 + 60, otherEntity: victim, otherEntity2: killer, eventParameter: 10 });

test("deaths are told once, wherever they happen, and counted into scores; a restart of the map begins anew", () => {
  const first = count(null, shot([death(60, 1, 3)]));
  expect(first.deaths).toEqual([{ killer: 1, victim: 3, means: 10 }]);
  const again = count(first, shot([death(60, 1, 3), death(61, 1_022, 1)], { serverTime: 1_050 }));
  expect(again.deaths).toEqual([{ killer: null, victim: 1, means: 10 }]);
  expect([...again.scores.values()].toSorted((a, b) => a.id - b.id)).toEqual([
    { id: 1, score: 0, deaths: 1 },
    { id: 2, score: 4, deaths: 1 },
    { id: 3, score: 0, deaths: 1 },
  ]);
  const restarted = count(again, shot([], { serverTime: 2_000, flags: 4 }));
  expect(restarted.beganAtMs).toBe(2_000);
  expect([...restarted.scores.keys()]).toEqual([2]);
});

test.each<[string, number, Vector, string[]]>([
  ["a shot behind a wall is heard", 23, [64, 64, 152], ["SHOT"]],
  ["a shot far away is not", 23, [2_000, 64, 152], []],
  ["a change of weapon makes no sound", 22, [64, 64, 152], []],
])("%s", (_sentence, event, origin, sounds) => {
  const before = count(null, shot([at(5, origin, { type: 1 })]));
  const heard = count(before, shot([at(5, origin, { type: 1, event: event | 0x100 })]));
  expect(heard.sounds.map(({ sound }) => sound)).toEqual(sounds);
  expect(count(heard, shot([at(5, origin, { type: 1, event: event | 0x100 })])).sounds).toEqual([]);
});

test("the facts of the map come with the first view alone", () => {
  const pilot = new Pilot(ground, ROUND_MS);
  const { facts } = pilot.see(shot([]));
  expect(facts?.items.length).toBe(29);
  expect(facts?.items[0]?.travelMs[0]).toBe(0);
  expect(pilot.see(shot([])).facts).toBeNull();
});

test.each<
  [string, StrategyAction, Partial<Record<"yaw" | "pitch" | "forward" | "right" | "up" | "buttons" | "weapon", number>>]
>([
  ["nothing", {}, { forward: 0, right: 0, up: 0, buttons: 0, weapon: 2 }],
  ["a step east while looking east", { move: { x: 1, y: 0 }, look: { yaw: 0, pitch: 0 } }, { forward: 127, right: 0 }],
  [
    "a step east while looking north is one to the right",
    { move: { x: 1, y: 0 }, look: { yaw: 90, pitch: 0 } },
    { forward: 0, right: 127 },
  ],
  ["half a step", { move: { x: 0.5, y: 0 }, look: { yaw: 0, pitch: 0 } }, { forward: 64 }],
  ["a look at a point above", { look: { at: [164, 64, 454] } }, { yaw: 0, pitch: -45 }],
  ["a look too far down", { look: { yaw: 10, pitch: 200 } }, { yaw: 10, pitch: 89 }],
  ["fire with another weapon", { fire: true, weapon: 7 }, { buttons: 1, weapon: 7 }],
  ["a jump", { jump: true }, { up: 127 }],
  ["a crouch", { crouch: true }, { up: -127 }],
  ["a way to an item that is not on the map", { goTo: { item: 99 } }, { forward: 0 }],
])("%s becomes a move", (_sentence, action, intent) => {
  const pilot = new Pilot(ground, ROUND_MS);
  const snapshot = shot([]);
  pilot.see(snapshot);
  const { yaw, pitch, forward, right, up, buttons, weapon } = pilot.act(action, snapshot);
  const made = { yaw, pitch, forward, right: right + 0, up, buttons, weapon };
  for (const [name, value] of Object.entries(intent)) expect(made[name as keyof typeof made]).toBeCloseTo(value, 5);
});

test("who is dead presses the trigger and lets it go, to come back", () => {
  const pilot = new Pilot(ground, ROUND_MS);
  const dead = player({ stats: list({ 0: -10 }) });
  const presses = [0, 200, 400].map((serverTime) => pilot.act({}, shot([], { serverTime, player: dead })).buttons);
  expect(presses).toEqual([1, 0, 1]);
});

test.each<[unknown, string]>([
  [null, "the action must be object"],
  [{ fire: 1 }, "the action/fire must be boolean"],
  [{ move: { x: 2, y: 0 } }, "the action/move/x must be <= 1"],
  [{ weapon: 10 }, "the action/weapon must be <= 9"],
  [{ aim: 1 }, "the action must NOT have additional properties"],
])("%j is no action: %s", (given, reason) => {
  expect(readAction(given)).toEqual({ ok: false, reason });
});

test("a recorded game gives views that know no more than the server told", () => {
  const { datagrams, qport } = recordedSession("modern71");
  const clientChallenge = Number(datagrams[0]?.note.split(" ")[2]);
  const session = new Session({ userinfo: {}, qport, clientChallenge, flavour: "MODERN", timescale: 1 });
  const pilot = new Pilot(ground, ROUND_MS);
  let views = 0;
  for (const recorded of datagrams) {
    if (recorded.dir === "C>S") {
      if (session.phase !== "CONNECTED") session.send(IDLE, recorded.t);
      continue;
    }
    for (const event of session.receive(bytesOf(recorded), recorded.t)) {
      if (event.type !== "SNAPSHOT") continue;
      const view = pilot.see(event.snapshot);
      views++;
      expect(view.self.health).toBe(Math.max(0, recorded.snap?.hp ?? 0));
      expect(view.players.length).toBeLessThanOrEqual(event.snapshot.entities.filter(({ type }) => type === 1).length);
    }
  }
  expect(views).toBeGreaterThan(150);
});
