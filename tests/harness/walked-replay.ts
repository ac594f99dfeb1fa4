import { DEBIAN } from "../../src/quake/adapter/installation.ts";
import { Archives } from "../../src/quake/assets/archives.ts";
import { TRAVEL } from "../../src/quake/assets/graph.ts";
import { loadMap, type QuakeMap } from "../../src/quake/assets/quake-map.ts";
import { distance, type Vector } from "../../src/quake/assets/vector.ts";
import {
  encodeReplay,
  type Frame,
  type FrameDrop,
  type FrameMissile,
  type FramePlayer,
  type MatchReplay,
  type ReplayDocument,
  type ReplayKill,
} from "../../src/quake/rules/replay.ts";
import { chances } from "./chances.ts";

const STEP_MS = 100;
const STEP = 32;
const ROCKET = 90;
const FLIES = 8;
const DEAD_FOR = 15;
const ON_FOOT: readonly number[] = [TRAVEL.walk, TRAVEL.jump, TRAVEL.walkOffLedge];
const ROCKET_SPLASH = 7;
const FALLING = 19;
const FALL = 4;

type Walker = { player: FramePlayer; way: Vector[]; deadFor: number };
type Wanted = { match: string; map: string; players: MatchReplay["players"]; seconds: number; chanceSeed: number };

/**
 * A replay in which two bots walk the ways of a real map, shoot, die and come back: every third second one kills the other,
 * but for the fifth time, when that one falls, which gives the first a point all the same. Every second an item is taken, and
 * a weapon lies about from each death until the one after the next.
 * The same for each seed.
 */
export async function walkedReplay({ match, map, players, seconds, chanceSeed }: Wanted): Promise<ReplayDocument> {
  const quakeMap = await loadMap(await Archives.open(`${DEBIAN.data}/baseoa`), map);
  const chance = chances(chanceSeed);
  const walkers = players.map(({ side }): Walker => ({ player: born(quakeMap, side, side), way: [], deadFor: 0 }));
  const frames: Frame[] = [];
  const kills: ReplayKill[] = [];
  const backAtMs = new Map<number, number>();
  let drops: FrameDrop[] = [];
  let missiles: (FrameMissile & { heading: number; left: number })[] = [];
  for (let atMs = 0; atMs <= seconds * 1_000; atMs += STEP_MS) {
    if (atMs > 0 && atMs % 3_000 === 0) {
      kills.push(kill(walkers, kills.length, atMs));
      const dead = walkers.filter(({ deadFor }) => deadFor === DEAD_FOR);
      drops = [...dead.map(({ player }) => droppedBy(player, quakeMap)), ...drops].slice(0, 2);
    }
    for (const walker of walkers) step(walker, quakeMap, chance);
    missiles = [...missiles.flatMap(fly), ...walkers.flatMap(({ player }, index) => shoot(player, atMs, index))];
    take(quakeMap, backAtMs, atMs);
    const shown = missiles.map(({ heading: _heading, left: _left, ...missile }) => missile);
    frames.push({
      atMs,
      players: walkers.map(({ player }) => player),
      missiles: shown.toSorted((a, b) => a.id - b.id),
      taken: [...backAtMs.keys()].toSorted((a, b) => a - b),
      drops: drops.toSorted((a, b) => a.id - b.id),
    });
  }
  const scores = kills.map(({ atMs, victim }, index) => {
    const side = 1 - victim;
    return { atMs, side, score: kills.slice(0, index + 1).filter((each) => each.victim === victim).length };
  });
  const items = quakeMap.items.map(({ id, className: name, origin }) => {
    const [x, y, z] = rounded(origin);
    return { id, name, x, y, z };
  });
  return encodeReplay({ match, map, lengthMs: seconds * 1_000, players, kills, scores, items, frames });
}

function born({ spawns }: QuakeMap, side: number, spawn: number): FramePlayer {
  const [x, y, z] = rounded(spawns[spawn % spawns.length] ?? [0, 0, 0]);
  const body = { side, x, y, z, eye: 26, yaw: side * 90, pitch: 0, health: 100, armor: 25 };
  return { ...body, weapon: 2 + side * 2, alive: true, firing: false, quad: false };
}

const rounded = (at: Vector): Vector => [Math.round(at[0]) + 0, Math.round(at[1]) + 0, Math.round(at[2]) + 0];

function kill(walkers: readonly Walker[], number: number, atMs: number): ReplayKill {
  const killer = number % walkers.length;
  const victim = (killer + 1) % walkers.length;
  const dead = walkers[victim];
  if (dead) {
    dead.deadFor = DEAD_FOR;
    dead.player = { ...dead.player, alive: false, health: 0, firing: false, eye: -16 };
  }
  return number === FALL
    ? { number: number + 1, atMs, killer: null, victim, means: FALLING, suicide: true }
    : { number: number + 1, atMs, killer, victim, means: ROCKET_SPLASH, suicide: false };
}

/** Where nobody stands on it. */
function droppedBy({ side }: FramePlayer, { spawns }: QuakeMap): FrameDrop {
  const [x, y, z] = rounded(spawns.at(-1 - side) ?? [0, 0, 0]);
  return { id: 200 + side, name: "weapon_rocketlauncher", x, y, z: z - 9 };
}

function step(walker: Walker, map: QuakeMap, chance: () => number): void {
  if (walker.deadFor > 0) {
    walker.deadFor--;
    if (walker.deadFor === 0) walker.player = born(map, walker.player.side, Math.floor(chance() * map.spawns.length));
    walker.way = [];
    return;
  }
  const { player } = walker;
  const from: Vector = [player.x, player.y, player.z];
  if (walker.way.length === 0) walker.way = wayFrom(map, from, chance);
  const [goal] = walker.way;
  if (!goal) return;
  const far = distance(from, goal);
  const part = Math.min(1, STEP / Math.max(1, far));
  if (far <= STEP) walker.way.shift();
  const along = (axis: 0 | 1 | 2) => from[axis] + (goal[axis] - from[axis]) * part;
  const [x, y, z] = rounded([along(0), along(1), along(2)]);
  const yaw = (Math.round((Math.atan2(goal[1] - from[1], goal[0] - from[0]) * 1_800) / Math.PI) + 3_600) % 3_600;
  walker.player = { ...player, x, y, z, yaw: yaw / 10, firing: chance() < 0.1 };
}

function wayFrom({ graph, spawns }: QuakeMap, from: Vector, chance: () => number): Vector[] {
  const ways = graph.from(graph.areaAt(from)).flatMap((number) => graph.reaches[number] ?? []);
  const onFoot = ways.filter(({ travel }) => ON_FOOT.includes(travel));
  const way = onFoot[Math.floor(chance() * onFoot.length)];
  return way ? [way.start, way.end] : [spawns[0] ?? from];
}

/** Every second the next item is taken, wherever that is, until it comes back. */
function take({ items }: QuakeMap, backAtMs: Map<number, number>, atMs: number): void {
  for (const [id, backAt] of backAtMs) if (atMs >= backAt) backAtMs.delete(id);
  const next = items[(atMs / 1_000 - 1) % items.length];
  if (next && !backAtMs.has(next.id)) backAtMs.set(next.id, atMs + next.kind.returns_s * 1_000);
}

/** Every two seconds each shoots a rocket the way it looks. */
function shoot({ side, x, y, z, yaw, alive }: FramePlayer, atMs: number, index: number) {
  if (!alive || atMs % 2_000 !== index * 500) return [];
  return [{ id: 100 + side, weapon: 5, x, y, z: z + 12, heading: (yaw * Math.PI) / 180, left: FLIES }];
}

function fly<M extends FrameMissile & { heading: number; left: number }>(missile: M): M[] {
  const { x, y, heading, left } = missile;
  if (left === 0) return [];
  const [toX, toY] = [x + Math.cos(heading) * ROCKET, y + Math.sin(heading) * ROCKET];
  return [{ ...missile, x: Math.round(toX) + 0, y: Math.round(toY) + 0, left: left - 1 }];
}
