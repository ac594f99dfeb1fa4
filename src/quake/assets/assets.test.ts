import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { chances } from "../../../tests/harness/chances.ts";
import { playedPositions } from "../../../tests/harness/quake-recording.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { MAPS } from "../rules/commands.ts";
import { Archives } from "./archives.ts";
import { AssetError } from "./asset-error.ts";
import { CONTENTS, readBsp, type Bsp } from "./bsp.ts";
import { Collision, PLAYER_BOX, STOPS_PLAYER, STOPS_SIGHT, type Box } from "./collision.ts";
import { readEntities, vectorOf } from "./entities.ts";
import { readGraph } from "./graph.ts";
import { loadMap, type QuakeMap } from "./quake-map.ts";
import type { Vector } from "./vector.ts";

// The maps of the package that npm run setup:quake installs.

let archives: Archives;
let aggressor: QuakeMap;
let bytes: Uint8Array;

beforeAll(async () => {
  archives = await Archives.open(`${DEBIAN.data}/baseoa`);
  aggressor = await loadMap(archives, "aggressor");
  bytes = await archives.read("maps/aggressor.bsp");
});

test("of two archives that have a file the later one counts, and capital letters do not matter", async () => {
  // pak1-maps has an older aggressor of 858,824 bytes, pak6-patch088 one of 777,072.
  expect(bytes.length).toBe(777_072);
  expect((await archives.read("Maps/Aggressor.AAS")).length).toBe(189_652);
});

test("a file that no archive has, and a file that is no archive, are named", async () => {
  await expect(archives.read("maps/nowhere.bsp")).rejects.toMatchObject({ fault: "NOT_FOUND" });
  const folder = await mkdtemp(join(tmpdir(), "agon-assets-"));
  await writeFile(join(folder, "bad.pk3"), "not a zip file at all, but some words that are long enough");
  await expect(Archives.open(folder)).rejects.toMatchObject({ fault: "BAD_FORMAT" });
  await rm(folder, { recursive: true });
});

test.each([
  // As the map's file lists them; two of fan's forty stick in a wall, and the game takes them out.
  ["aggressor", 29, 9],
  ["q3dm6ish", 35, 10],
  ["dm4ish", 36, 5],
  ["fan", 38, 8],
])("%s has %i items, %i places to begin and no curved surface; all are in the open", async (name, items, spawns) => {
  const map = await loadMap(archives, name);
  expect([map.items.length, map.spawns.length, map.patches]).toEqual([items, spawns, 0]);
  for (const spawn of map.spawns) {
    expect(map.collision.trace({ from: spawn, to: spawn, box: PLAYER_BOX, mask: STOPS_PLAYER }).startsInside).toBe(
      false,
    );
    expect(map.graph.from(map.graph.areaAt(spawn)).length).toBeGreaterThan(0);
  }
  for (const { origin } of map.items) expect(map.collision.contentsAt(origin) & CONTENTS.solid).toBe(0);
});

test("every map that servers may load has its ways", async () => {
  for (const name of MAPS) expect((await loadMap(archives, name)).graph.reaches.length).toBeGreaterThan(100);
});

test.each(["modern71", "xor71"] as const)(
  "where a real server had its player in %s nothing is solid, and it stood where a fall ends here too",
  (flavour) => {
    const positions = playedPositions(flavour);
    expect(positions.length).toBeGreaterThan(150);
    let standing = 0;
    for (const from of positions) {
      const to: Vector = [from[0], from[1], from[2] - 64];
      const fall = aggressor.collision.trace({ from, to, box: PLAYER_BOX, mask: STOPS_PLAYER });
      expect(fall.startsInside).toBe(false);
      expect(aggressor.graph.areaAt(from)).toBeGreaterThan(0);
      // The server keeps its players within a quarter of a unit of the ground.
      if (from[2] - fall.end[2] < 0.25) standing++;
    }
    expect(standing).toBeGreaterThan(positions.length * 0.75);
  },
);

test.each<[string, Vector, Vector, boolean]>([
  ["two places to begin on one platform", [64, 64, 328], [160, 80, 328], true],
  ["two places to begin in one hall", [-640, 320, -20], [-552, 320, -20], true],
  ["two ends of the map", [-576, 192, 152], [608, 352, 152], false],
  ["two storeys", [64, 64, 328], [64, 64, 200], false],
  ["a place and what is outside of the map", [-576, 192, 152], [-2_000, 192, 152], false],
])("sight between %s", (_sentence, from, to, seen) => {
  expect(aggressor.collision.sees(from, to)).toBe(seen);
  expect(aggressor.collision.sees(to, from)).toBe(seen);
});

test("a point falls to the floor, whose height the file gives as 128, and a player stands 24 above it", () => {
  const trace = (box?: Box) =>
    aggressor.collision.trace({ from: [-576, 192, 200], to: [-576, 192, 0], mask: STOPS_PLAYER, ...(box && { box }) });
  expect(trace().end[2]).toBeCloseTo(128.125, 3);
  expect(trace(PLAYER_BOX).end[2]).toBeCloseTo(152.125, 3);
  expect(trace(PLAYER_BOX).normal).toEqual([0, 0, 1]);
});

/** The share of a way that is free, by looking at every brush of the world that it is in for so long, and at no tree. */
function freeShare(bsp: Bsp, from: Vector, to: Vector, inside: number): number {
  let free = 1;
  const length = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
  const count = bsp.models.brushes[0] ?? 0;
  for (let brush = bsp.models.firstBrush[0] ?? 0; brush < count; brush++) {
    if (((bsp.brushes.contents[brush] ?? 0) & STOPS_SIGHT) === 0) continue;
    const [enter, leave] = chord(bsp, brush, from, to);
    if ((leave - enter) * length > inside) free = Math.min(free, enter);
  }
  return free;
}

/** Between which shares of a way it is behind all planes of a brush. */
function chord(bsp: Bsp, brush: number, from: Vector, to: Vector): [enter: number, leave: number] {
  let [enter, leave] = [0, 1];
  for (let index = 0; index < bsp.brushes.sides[brush]!; index++) {
    const plane = bsp.sidePlanes[bsp.brushes.firstSide[brush]! + index]!;
    const normal = bsp.planes.normal.subarray(plane * 3, plane * 3 + 3);
    const height = (point: Vector) =>
      point.reduce((sum, value, axis) => sum + value * normal[axis]!, -bsp.planes.distance[plane]!);
    const [start, end] = [height(from), height(to)];
    if (start > 0 && end > 0) leave = -1;
    else if (start > 0) enter = Math.max(enter, start / (start - end));
    else if (end > 0) leave = Math.min(leave, start / (start - end));
  }
  return [enter, leave];
}

test("a thousand glances by the tree end where they end without it", () => {
  const bsp = readBsp(bytes);
  const collision = new Collision(bsp);
  const chance = chances(7);
  const somewhere = (): Vector => {
    const { origin } = aggressor.items[Math.floor(chance() * aggressor.items.length)]!;
    return [origin[0] + chance() * 60 - 30, origin[1] + chance() * 60 - 30, origin[2] + chance() * 120];
  };
  let hits = 0;
  for (let count = 0; count < 1_000; count++) {
    const [from, to] = [somewhere(), somewhere()];
    if ((collision.contentsAt(from) & STOPS_SIGHT) !== 0) continue;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
    const { share } = collision.trace({ from, to, mask: STOPS_SIGHT });
    if (share < 1) hits++;
    // A trace ends an eighth of a unit before a surface, along its normal: a slant makes that longer on the way, and a
    // corner that is only grazed may be passed, as it is on the server.
    expect(share * length).toBeLessThanOrEqual(freeShare(bsp, from, to, 2) * length + 0.01);
    expect(share * length).toBeGreaterThan(freeShare(bsp, from, to, 0) * length - 8);
  }
  expect(hits).toBeGreaterThan(300);
});

test("what is in sight is in the map's own table of sight", () => {
  const places = [...aggressor.spawns, ...aggressor.items.map(({ origin }) => origin)];
  let seen = 0;
  for (const from of places)
    for (const to of places) {
      const { share } = aggressor.collision.trace({ from, to, mask: STOPS_SIGHT });
      if (share < 1) continue;
      seen++;
      const [here, there] = [aggressor.collision.clusterAt(from), aggressor.collision.clusterAt(to)];
      expect(aggressor.collision.mayView(here, there)).toBe(true);
    }
  expect(seen).toBeGreaterThan(places.length);
});

test("entities are read, and where there are none there are none", () => {
  const entities = readEntities('{ "classname" "worldspawn" } { "origin" "1 -2.5 3" }');
  expect(entities.map((entity) => vectorOf(entity, "origin"))).toEqual([
    [0, 0, 0],
    [1, -2.5, 3],
  ]);
  expect(readEntities(" ")).toEqual([]);
});

test.each(['{ "a" "b"', "}", '{ "a" }', "{ { } }", '{ "a'])("entities %s are refused", (text) => {
  expect(() => readEntities(text)).toThrow(AssetError);
});

test("files that are cut or changed anywhere are read or refused by name, and every trace ends", async () => {
  const chance = chances(11);
  const ways = await archives.read("maps/aggressor.aas");
  const faults: unknown[] = [];
  for (let round = 0; round < 60; round++)
    for (const [file, read] of [
      [bytes, (some: Uint8Array) => void new Collision(readBsp(some)).sees([0, 0, 200], [64, 64, 328])],
      [ways, (some: Uint8Array) => void readGraph(some).areaAt([64, 64, 328])],
    ] as const) {
      const broken = file.slice(0, round % 3 === 0 ? Math.floor(chance() * file.length) : file.length);
      for (let change = 0; change < 4 && broken.length > 0; change++)
        broken[Math.floor(chance() * Math.min(broken.length, 160))] = Math.floor(chance() * 256);
      try {
        read(broken);
      } catch (error) {
        faults.push(error);
      }
    }
  expect(faults.length).toBeGreaterThan(60);
  expect(faults.filter((error) => !(error instanceof AssetError))).toEqual([]);
});
