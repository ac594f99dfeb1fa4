import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { playedFrames } from "../../../tests/harness/quake-frames.ts";
import {
  BadReplay,
  decodeReplay,
  encodeReplay,
  type Frame,
  type FramePlayer,
  type MatchReplay,
  type ReplayDocument,
} from "./replay.ts";

const player = (change: Partial<FramePlayer>): FramePlayer => ({
  side: 0,
  x: 0,
  y: 0,
  z: 0,
  eye: 26,
  yaw: 0,
  pitch: 0,
  health: 100,
  armor: 0,
  weapon: 2,
  alive: true,
  firing: false,
  quad: false,
  ...change,
});

const replayOf = (frames: readonly Frame[], change: Partial<MatchReplay> = {}): MatchReplay => ({
  match: "quake_match_1",
  map: "aggressor",
  lengthMs: 120_000,
  players: [{ side: 0, bot: "bot_1", name: "Ann" }],
  kills: [],
  scores: [],
  items: [],
  frames,
  ...change,
});

/** Through the text in which it travels. */
const reread = (replay: MatchReplay) => decodeReplay(JSON.parse(JSON.stringify(encodeReplay(replay))));

test("columns hold the first value, then differences; angles turn the shorter way; runs say when a player or an item was there", () => {
  const frames: Frame[] = [
    { atMs: 50, players: [], missiles: [], taken: [4], drops: [] },
    {
      atMs: 150,
      players: [player({ x: -100, y: 7, yaw: 359.5, pitch: -1.5, firing: true })],
      missiles: [{ id: 70, weapon: 5, x: 10, y: 20, z: 30 }],
      taken: [2, 4],
      drops: [{ id: 71, name: "weapon_railgun", x: 7, y: 8, z: 9 }],
    },
    {
      atMs: 250,
      players: [player({ x: -68, y: 7, yaw: 0.5, pitch: 2, health: 40, quad: true })],
      missiles: [
        { id: 70, weapon: 5, x: 100, y: 20, z: 29 },
        { id: 71, weapon: 4, x: 1, y: 1, z: 1 },
      ],
      taken: [2],
      drops: [{ id: 71, name: "weapon_railgun", x: 7, y: 8, z: 5 }],
    },
    {
      atMs: 350,
      players: [player({ side: 2, alive: false, eye: -16, weapon: 0 })],
      missiles: [{ id: 70, weapon: 8, x: 5, y: 5, z: 5 }],
      taken: [4],
      drops: [{ id: 71, name: "item_quad", x: 1, y: 1, z: 1 }],
    },
  ];
  expect(encodeReplay(replayOf(frames)).frames).toEqual({
    at: [50, 100, 100, 100],
    players: [
      {
        side: 0,
        runs: [1, 2, 1],
        x: [-100, 32],
        y: [7, 0],
        z: [0, 0],
        eye: [26, 0],
        yaw: [-5, 10],
        pitch: [-15, 35],
        health: [100, -60],
        armor: [0, 0],
        weapon: [2, 0],
        flags: [3, 2],
      },
      {
        side: 2,
        runs: [3, 1],
        x: [0],
        y: [0],
        z: [0],
        eye: [-16],
        yaw: [0],
        pitch: [0],
        health: [100],
        armor: [0],
        weapon: [0],
        flags: [0],
      },
    ],
    missiles: [
      { id: 70, weapon: 5, from: 1, x: [10, 90], y: [20, 0], z: [30, -1] },
      { id: 71, weapon: 4, from: 2, x: [1], y: [1], z: [1] },
      { id: 70, weapon: 8, from: 3, x: [5], y: [5], z: [5] },
    ],
    items: [
      { id: 2, runs: [1, 2, 1] },
      { id: 4, runs: [0, 2, 1, 1] },
    ],
    drops: [
      { id: 71, name: "weapon_railgun", from: 1, x: [7, 0], y: [8, 0], z: [9, -4] },
      { id: 71, name: "item_quad", from: 3, x: [1], y: [1], z: [1] },
    ],
  });
  expect(reread(replayOf(frames))).toEqual(replayOf(frames));
});

const whole = (min: number, max: number) => fc.integer({ min, max });
const tenths = (min: number, max: number) => whole(min * 10, max * 10 - 1).map((tenth) => tenth / 10);
const place = { x: whole(-8_000, 8_000), y: whole(-8_000, 8_000), z: whole(-4_000, 4_000) };
const somePlayer = fc.record({
  side: whole(0, 3),
  ...place,
  eye: whole(-16, 26),
  yaw: tenths(0, 360),
  pitch: tenths(-90, 90),
  health: whole(0, 200),
  armor: whole(0, 200),
  weapon: whole(0, 9),
  alive: fc.boolean(),
  firing: fc.boolean(),
  quad: fc.boolean(),
});
const someMissile = fc.record({ id: whole(64, 70), weapon: whole(4, 9), ...place });
const someDrop = fc.record({ id: whole(64, 70), name: fc.constantFrom("weapon_bfg", "item_quad"), ...place });
const someFrames = fc
  .array(
    fc.record({
      passMs: whole(1, 300),
      players: fc.uniqueArray(somePlayer, { selector: ({ side }) => side, maxLength: 4 }),
      missiles: fc.uniqueArray(someMissile, { selector: ({ id }) => id, maxLength: 5 }),
      taken: fc.uniqueArray(whole(0, 40), { maxLength: 8 }),
      drops: fc.uniqueArray(someDrop, { selector: ({ id }) => id, maxLength: 5 }),
    }),
    { maxLength: 40 },
  )
  .map((drawn) => {
    let atMs = 0;
    return drawn.map(({ passMs, players, missiles, taken, drops }) => ({
      atMs: (atMs += passMs),
      players: players.toSorted((a, b) => a.side - b.side),
      missiles: missiles.toSorted((a, b) => a.id - b.id),
      taken: taken.toSorted((a, b) => a - b),
      drops: drops.toSorted((a, b) => a.id - b.id),
    }));
  });

test("whatever is encoded comes back as it was", () => {
  fc.assert(
    fc.property(someFrames, (frames) => {
      const kills = [{ number: 1, atMs: 5, killer: null, victim: 0, means: 19, suicide: true }];
      const items = [{ id: 2, name: "item_health", x: -1, y: 0, z: 24 }];
      const replay = replayOf(frames, { kills, scores: [{ atMs: 5, side: 0, score: -1 }], items });
      expect(reread(replay)).toEqual(replay);
    }),
    { numRuns: 300 },
  );
});

test("two minutes of four players are far below a megabyte as they are stored", () => {
  const frames = playedFrames({ players: 4, seconds: 120, chanceSeed: 7 });
  expect(frames).toHaveLength(1_200);
  const stored = gzipSync(JSON.stringify(encodeReplay(replayOf(frames))));
  expect(stored.length).toBeLessThan(150_000);
  expect(reread(replayOf(frames)).frames).toEqual(frames);
});

const stored = encodeReplay(replayOf([{ atMs: 1, players: [player({})], missiles: [], taken: [], drops: [] }]));
const withFrames = (change: Partial<ReplayDocument["frames"]>) => ({
  ...stored,
  frames: { ...stored.frames, ...change },
});
test.each<[string, unknown]>([
  ["nothing", null],
  ["a text", "agon-match-replay-1"],
  ["another form", { ...stored, format: "agon-replay-1" }],
  ["no frames", { ...stored, frames: undefined }],
  ["no players", { ...stored, players: "Ann" }],
  ["a player without a name", { ...stored, players: [{ side: 0 }] }],
  ["a time that is no number", withFrames({ at: ["0"] as never })],
  ["a column that is none", withFrames({ players: [{ ...stored.frames.players[0], yaw: 5 }] as never })],
  ["an item without a name", { ...stored, items: [{ id: 1 }] }],
  ["turns of an item that are none", withFrames({ items: [{ id: 1, runs: "2" }] as never })],
  ["a drop without a name", withFrames({ drops: [{ id: 1, from: 0, x: [1], y: [1], z: [1] }] as never })],
  ["a missile without columns", withFrames({ missiles: [{ id: 1, weapon: 5, from: 0 }] as never })],
])("%s is no replay", (_what, document) => {
  expect(() => decodeReplay(document)).toThrow(BadReplay);
});

test("a replay from before items were looked at plays, with none", () => {
  const { items: _items, ...old } = withFrames({ items: undefined });
  const text = JSON.stringify(old);
  expect(text).not.toContain("items");
  const { items, frames } = decodeReplay(JSON.parse(text));
  expect(items).toEqual([]);
  expect(frames).toEqual([{ atMs: 1, players: [player({})], missiles: [], taken: [], drops: [] }]);
});

test("columns that do not fit each other give no player, missile or item beyond the frames", () => {
  const [track] = stored.frames.players;
  const odd = withFrames({
    players: [{ ...track, runs: [0, 900_000_000] }] as never,
    missiles: [{ id: 1, weapon: 5, from: 0, x: [1, 1, 1], y: [], z: [] }],
    items: [{ id: 3, runs: [0, 900_000_000] }],
  });
  const [frame, ...more] = decodeReplay(odd).frames;
  expect(more).toEqual([]);
  expect(frame?.players).toEqual([player({})]);
  expect(frame?.missiles).toEqual([{ id: 1, weapon: 5, x: 1, y: 0, z: 0 }]);
  expect(frame?.taken).toEqual([3]);
});
