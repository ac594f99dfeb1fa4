import { expect, test } from "vitest";
import { EMPTY_ENTITY, EMPTY_PLAYER, type EntityState, type PlayerState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { keptSince, keptUntil, mergeFrame, type Sighting } from "./frames.ts";

const list = (values: Record<number, number>) => Array.from({ length: 16 }, (_none, index) => values[index] ?? 0);
const entity = (change: Partial<EntityState>): EntityState => ({ ...EMPTY_ENTITY, ...change });
const BEGAN = 50_000;
const NOTHING = { taken: [], drops: [] };
const ITEMS = {
  taken: [3, 8],
  drops: [{ id: 90, name: "weapon_railgun", at: [10.4, -0.2, -20], sinceMs: BEGAN }],
} as const;

type Shown = { at?: number; player?: Partial<PlayerState>; entities?: readonly EntityState[] };

/** What the player of a side, in the slot 10 above it, was shown. */
function sighting(side: number, { at = BEGAN + 200, player = {}, entities = [] }: Shown = {}): Sighting {
  const own: PlayerState = {
    ...EMPTY_PLAYER,
    client: side + 10,
    originX: 100 * side + 0.4,
    originY: -0.4,
    originZ: 24.125,
    viewHeight: 26,
    viewYaw: 90.04,
    viewPitch: -12.26,
    weapon: 5,
    stats: list({ 0: 125, 4: 30 }),
    ...player,
  };
  const snapshot: Snapshot = { sequence: 1, serverTime: at, flags: 0, player: own, entities };
  return { side, snapshot };
}

const AS_SHOWN = {
  side: 0,
  x: 0,
  y: 0,
  z: 24,
  eye: 26,
  yaw: 90,
  pitch: -12.3,
  health: 125,
  armor: 30,
  weapon: 5,
  alive: true,
  firing: false,
  quad: false,
};

test("everybody is there by its own state, in the order of the roster, at the newest instant", () => {
  expect(mergeFrame([sighting(1), sighting(0)], BEGAN, ITEMS)).toEqual({
    atMs: 200,
    players: [AS_SHOWN, { ...AS_SHOWN, side: 1, x: 100 }],
    missiles: [],
    taken: [3, 8],
    drops: [{ id: 90, name: "weapon_railgun", x: 10, y: 0, z: -20 }],
  });
});

test.each<[string, Partial<PlayerState>, object]>([
  ["who fires", { flags: 0x100 }, { firing: true }],
  ["who has the quad damage", { powerups: list({ 1: 61_000 }) }, { quad: true }],
  ["who crouches", { viewHeight: 12 }, { eye: 12 }],
  [
    "who lies dead",
    { stats: list({ 0: -30 }), moveType: 3, viewHeight: -16 },
    { health: 0, armor: 0, alive: false, eye: -16 },
  ],
  ["who is dead by its health alone", { stats: list({}) }, { health: 0, armor: 0, alive: false }],
  ["who looks to the west of south", { viewYaw: -135.06 }, { yaw: 224.9 }],
  ["who has turned once around", { viewYaw: 359.96 }, { yaw: 0 }],
  ["who looks up, as a full turn has it", { viewPitch: 350 }, { pitch: -10 }],
])("%s", (_who, player, looks) => {
  expect(mergeFrame([sighting(0, { player })], BEGAN, NOTHING)?.players).toEqual([{ ...AS_SHOWN, ...looks }]);
});

const SEEN = entity({
  number: 10,
  type: 1,
  posBaseX: 40,
  posBaseY: 50,
  posBaseZ: 60,
  aposBaseYaw: 10,
  aposBasePitch: 5,
  weapon: 7,
});

test("where another saw somebody later, that counts, with the health that it last had itself", () => {
  const late = sighting(0, { at: BEGAN + 100 });
  const witness = sighting(1, { entities: [{ ...SEEN, flags: 0x100, powerups: 2 }] });
  const frame = mergeFrame([late, witness], BEGAN, NOTHING);
  expect(frame?.atMs).toBe(200);
  expect(frame?.players[0]).toEqual({
    ...AS_SHOWN,
    x: 40,
    y: 50,
    z: 60,
    yaw: 10,
    pitch: 5,
    weapon: 7,
    firing: true,
    quad: true,
  });
});

test("the newest of several who saw it counts; the dead are seen to be dead", () => {
  const late = sighting(0, { at: BEGAN });
  const old = sighting(1, { at: BEGAN + 100, entities: [{ ...SEEN, posBaseX: 1 }] });
  const newest = sighting(2, { at: BEGAN + 150, entities: [{ ...SEEN, posBaseX: 2, flags: 1 }] });
  const frame = mergeFrame([old, late, newest], BEGAN, NOTHING);
  expect(frame?.players[0]).toMatchObject({ x: 2, health: 0, alive: false });
});

test("what another saw at the same time, or of something else with that number, does not count", () => {
  const same = mergeFrame([sighting(0), sighting(1, { entities: [SEEN] })], BEGAN, NOTHING);
  expect(same?.players[0]).toEqual(AS_SHOWN);
  const other = mergeFrame(
    [sighting(0, { at: BEGAN }), sighting(1, { entities: [{ ...SEEN, type: 2 }] })],
    BEGAN,
    NOTHING,
  );
  expect(other?.players[0]).toEqual(AS_SHOWN);
});

const rocket = entity({
  number: 80,
  type: 3,
  weapon: 5,
  posType: 2,
  posTime: BEGAN + 100,
  posBaseX: 10,
  posBaseY: 20,
  posBaseZ: 30,
  posDeltaX: 900,
});
const grenade = entity({ ...rocket, number: 70, weapon: 4, posType: 5, posDeltaX: 0, posDeltaZ: 200 });
const lying = entity({ ...grenade, number: 71, posType: 0 });

test("missiles are those that anybody sees, once each, where they are by then", () => {
  const frame = mergeFrame(
    [sighting(0, { entities: [rocket, lying] }), sighting(1, { entities: [grenade, rocket] })],
    BEGAN,
    NOTHING,
  );
  // 100 ms at 900 a second; thrown up at 200 a second, and fallen by half of 800 × 0.1².
  expect(frame?.missiles).toEqual([
    { id: 70, weapon: 4, x: 10, y: 20, z: 46 },
    { id: 71, weapon: 4, x: 10, y: 20, z: 30 },
    { id: 80, weapon: 5, x: 100, y: 20, z: 30 },
  ]);
});

test("a missile of an older snapshot may have burst since", () => {
  const frame = mergeFrame([sighting(0, { at: BEGAN + 150, entities: [rocket] }), sighting(1)], BEGAN, NOTHING);
  expect(frame?.missiles).toEqual([]);
});

test("there is no frame of nobody, nor of a round that is over", () => {
  expect(mergeFrame([], BEGAN, NOTHING)).toBeNull();
  expect(mergeFrame([sighting(0), sighting(1, { player: { moveType: 5 } })], BEGAN, NOTHING)).toBeNull();
});

test("frames are kept for 90 days, leap days and all", () => {
  const [stored, end] = [new Date("2028-01-10T08:00:00Z"), new Date("2028-04-09T08:00:00Z")];
  expect(keptUntil(stored)).toEqual(end);
  expect(keptSince(end)).toEqual(stored);
});
