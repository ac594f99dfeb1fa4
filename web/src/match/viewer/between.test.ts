import { expect, test } from "vitest";
import { momentAt, trailOf, turn } from "./between.ts";
import type { Frame, Pose } from "./frames.ts";
import type { Vec3 } from "./map-file.ts";

const pose = (at: Vec3, more: Partial<Pose> = {}): Pose => ({
  side: 0,
  at,
  yaw: 0,
  pitch: 0,
  health: 100,
  armor: 0,
  weapon: 2,
  alive: true,
  firing: false,
  eye: 26,
  quad: false,
  ...more,
});
const frame = (atMs: number, poses: Pose[], more: Partial<Frame> = {}): Frame => ({
  atMs,
  poses,
  missiles: [],
  taken: [],
  drops: [],
  ...more,
});
const placeAt = (frames: Frame[], atMs: number) => momentAt(frames, atMs)?.poses[0]?.at;

test.each([
  ["before the first frame it stands where it is first seen", -50, [0, 0, 0]],
  ["at a frame it stands where that says", 0, [0, 0, 0]],
  ["a quarter on it is a quarter of the way", 25, [8, 0, 4]],
  ["at the next frame it has arrived", 100, [32, 0, 16]],
  ["behind the last frame it stays", 900, [32, 0, 16]],
])("%s", (_sentence, atMs, place) => {
  expect(placeAt([frame(0, [pose([0, 0, 0])]), frame(100, [pose([32, 0, 16])])], atMs)).toEqual(place);
});

test.each([
  ["a teleport", pose([0, 0, 0]), pose([900, 0, 0])],
  ["a rebirth nearby", pose([0, 0, 0], { alive: false }), pose([40, 0, 0])],
  ["a death", pose([0, 0, 0]), pose([20, 0, 0], { alive: false })],
])("%s is a jump: nothing is shown on the way", (_name, from, to) => {
  const frames = [frame(0, [from]), frame(100, [to])];
  expect([1, 50, 99].map((atMs) => placeAt(frames, atMs))).toEqual([from.at, from.at, from.at]);
  expect(placeAt(frames, 100)).toEqual(to.at);
});

test("where frames are missing nothing glides through walls", () => {
  expect(placeAt([frame(0, [pose([0, 0, 0])]), frame(900, [pose([90, 0, 0])])], 450)).toEqual([0, 0, 0]);
});

test.each([
  [350, 10, 0.5, 360],
  [10, 350, 0.5, 0],
  [-170, 170, 0.5, -180],
  [0, 90, 0.25, 22.5],
])("from %i° to %i° a look turns the shorter way", (from, to, part, half) => {
  expect(turn(from, to, part)).toBeCloseTo(half);
});

test("a missile flies on under its number, and another one begins where it is", () => {
  const before = frame(0, [], { missiles: [{ id: 7, weapon: 5, at: [0, 0, 0] }] });
  const flown = frame(100, [], { missiles: [{ id: 7, weapon: 5, at: [90, 0, 0] }] });
  const another = frame(100, [], { missiles: [{ id: 7, weapon: 8, at: [90, 0, 0] }] });
  expect(momentAt([before, flown], 50)?.missiles[0]?.at).toEqual([45, 0, 0]);
  expect(momentAt([before, another], 50)?.missiles[0]?.at).toEqual([0, 0, 0]);
});

test("what is dropped flies where it is thrown, and something else under its number lies where it is", () => {
  const drop = (name: string, x: number) => ({ drops: [{ id: 7, name, at: [x, 0, 0] as const }] });
  const before = frame(0, [], drop("weapon_railgun", 0));
  expect(momentAt([before, frame(100, [], drop("weapon_railgun", 20))], 50)?.drops[0]?.at).toEqual([10, 0, 0]);
  expect(momentAt([before, frame(100, [], drop("item_quad", 20))], 50)?.drops[0]?.at).toEqual([0, 0, 0]);
});

test("an item is taken from the frame on that says so", () => {
  const frames = [frame(0, []), frame(100, [], { taken: [4] }), frame(200, [])];
  expect([0, 99, 100, 199, 200].map((atMs) => momentAt(frames, atMs)?.taken)).toEqual([[], [], [4], [4], []]);
});

test("a bot that joins or leaves between two frames is shown where a frame has it", () => {
  const frames = [frame(0, [pose([0, 0, 0])]), frame(100, [pose([9, 9, 9], { side: 1 })])];
  expect(momentAt(frames, 50)?.poses.map(({ side }) => side)).toEqual([0]);
  expect(momentAt(frames, 100)?.poses.map(({ side }) => side)).toEqual([1]);
  expect(momentAt([], 50)).toBeNull();
});

test("a trail ends where its bot was put, and never reaches into an earlier life", () => {
  const frames = [
    frame(0, [pose([0, 0, 0])]),
    frame(100, [pose([900, 0, 0])]),
    frame(200, [pose([920, 0, 0])]),
    frame(300, [pose([940, 0, 0])]),
  ];
  expect(trailOf(frames, 0, 350, 2_000)).toEqual([
    [940, 0, 0],
    [920, 0, 0],
    [900, 0, 0],
  ]);
  expect(trailOf(frames, 0, 350, 200).length).toBe(2);
});
