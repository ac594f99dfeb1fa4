import { Archives } from "../../src/quake/assets/archives.ts";
import { loadMap } from "../../src/quake/assets/quake-map.ts";
import { DEBIAN } from "../../src/quake/adapter/installation.ts";
import { decodeReplay, type Frame, type MatchReplay } from "../../src/quake/rules/replay.ts";

export type { Frame };

/** Downloads a replay and reads it. */
export async function downloadReplay(url: string): Promise<{ replay: MatchReplay; headers: Headers }> {
  const answer = await fetch(url);
  return { replay: decodeReplay(await answer.json()), headers: answer.headers };
}

/** A box around all places of a map where items lie or players come in, with room for those who fall or jump. */
export async function boxOf(name: string): Promise<(point: { x: number; y: number; z: number }) => boolean> {
  const ROOM = 1_024;
  const map = await loadMap(await Archives.open(`${DEBIAN.data}/baseoa`), name);
  const places = [...map.spawns, ...map.items.map(({ origin }) => origin)];
  const between = (axis: 0 | 1 | 2, value: number) =>
    value > Math.min(...places.map((place) => place[axis])) - ROOM &&
    value < Math.max(...places.map((place) => place[axis])) + ROOM;
  return ({ x, y, z }) => between(0, x) && between(1, y) && between(2, z);
}
