import type { Frame, FrameDrop, FrameMissile, FramePlayer } from "../../src/quake/rules/replay.ts";
import { chances } from "./chances.ts";

const FRAMES_PER_SECOND = 10;
const RUNS = 320;
const ROCKET = 900;
const LIMIT = 1_200;
/** More than lie on any map of ours. Weapons come back after five seconds, the rest after half a minute and more. */
const ITEMS = 50;
/** A dead player's weapon lies there so many frames before the player comes back. */
const LEFT_WEAPON = 12;

type Walker = { player: FramePlayer; heading: number; deadFor: number };

/** Never -0, which no number of a game is. */
const whole = (value: number) => Math.round(value) + 0;
const degrees = (value: number) => (((Math.round(value * 10) % 3_600) + 3_600) % 3_600) / 10;

/** A walk as bots play: they run, turn, jump, aim and shoot a lot, are hit, die and come in again. */
function step(walker: Walker, chance: () => number): Walker {
  const { player } = walker;
  if (walker.deadFor > 1) return { ...walker, deadFor: walker.deadFor - 1 };
  if (walker.deadFor === 1) {
    const place = () => whole((chance() * 2 - 1) * LIMIT);
    const spawned = {
      ...player,
      x: place(),
      y: place(),
      z: 24,
      eye: 26,
      health: 125,
      armor: 0,
      alive: true,
      weapon: 2,
    };
    return { player: spawned, heading: chance() * 360, deadFor: 0 };
  }
  const hurt = chance() < 0.08 ? Math.round(chance() * 90) : 0;
  const health = Math.max(0, player.health - hurt + (chance() < 0.02 ? 25 : 0));
  if (health === 0) {
    const dead = { ...player, health, alive: false, firing: false, quad: false, eye: -16 };
    return { player: dead, heading: 0, deadFor: 15 + Math.floor(chance() * 10) };
  }
  const isOut = Math.abs(player.x) > LIMIT || Math.abs(player.y) > LIMIT;
  const heading = walker.heading + (isOut ? 130 : (chance() - 0.5) * 40);
  const run = (RUNS / FRAMES_PER_SECOND) * (0.8 + chance() * 0.2);
  const radians = (heading * Math.PI) / 180;
  const moved: FramePlayer = {
    ...player,
    x: whole(player.x + Math.cos(radians) * run),
    y: whole(player.y + Math.sin(radians) * run),
    z: Math.max(24, Math.round(player.z + (chance() - 0.5) * 30)),
    yaw: degrees(player.yaw + (chance() - 0.5) * 60),
    pitch: Math.round((chance() - 0.5) * 300) / 10 || 0,
    health,
    armor: chance() < 0.02 ? 50 : Math.max(0, player.armor - hurt),
    weapon: chance() < 0.03 ? 2 + Math.floor(chance() * 8) : player.weapon,
    firing: chance() < 0.2 ? !player.firing : player.firing,
  };
  return { player: moved, heading, deadFor: 0 };
}

function fly(missile: FrameMissile, heading: number): FrameMissile {
  const pace = ROCKET / FRAMES_PER_SECOND;
  const [x, y] = [missile.x + Math.cos(heading) * pace, missile.y + Math.sin(heading) * pace];
  return { ...missile, x: whole(x), y: whole(y), z: missile.z + 1 };
}

export type Played = { players: number; seconds: number; chanceSeed: number };

/** Frames of a round as it might have been played; the same for each seed. */
export function playedFrames({ players, seconds, chanceSeed }: Played): Frame[] {
  const chance = chances(chanceSeed);
  const dead = { side: 0, x: 0, y: 0, z: 24, eye: 26, yaw: 0, pitch: 0, health: 0, armor: 0, weapon: 2 };
  let walkers: Walker[] = Array.from({ length: players }, (_none, side) => ({
    player: { ...dead, side, alive: false, firing: false, quad: false },
    heading: 0,
    deadFor: 1,
  }));
  const awayFor = new Map<number, number>();
  let drops: (FrameDrop & { left: number })[] = [];
  let shots: { missile: FrameMissile; heading: number; left: number }[] = [];
  return Array.from({ length: seconds * FRAMES_PER_SECOND }, (_none, index) => {
    walkers = walkers.map((walker) => step(walker, chance));
    shots = shots.flatMap((shot) =>
      shot.left > 0 ? [{ ...shot, left: shot.left - 1, missile: fly(shot.missile, shot.heading) }] : [],
    );
    for (const { player } of walkers) {
      if (!player.firing || chance() > 0.15) continue;
      const { x, y, z, yaw } = player;
      const id = 64 + ((index * players + player.side) % 900);
      const heading = (yaw * Math.PI) / 180;
      shots.push({ missile: { id, weapon: 5, x, y, z }, heading, left: 4 + Math.floor(chance() * 12) });
    }
    for (let id = 0; id < ITEMS; id++) {
      const left = (awayFor.get(id) ?? 0) - 1;
      if (left > 0) awayFor.set(id, left);
      else if (chance() < 0.02) awayFor.set(id, id % 2 === 0 ? 50 : 350);
      else awayFor.delete(id);
    }
    drops = drops.flatMap(({ left, ...drop }) => (left > 0 ? [{ ...drop, left: left - 1 }] : []));
    for (const { player, deadFor } of walkers) {
      if (player.alive || deadFor !== LEFT_WEAPON) continue;
      const { x, y, z, side } = player;
      drops.push({ id: 1_000 + index * players + side, name: "weapon_railgun", x, y, z: z - 9, left: 300 });
    }
    return {
      atMs: index * 100 + Math.floor(chance() * 20),
      players: walkers.map(({ player }) => player),
      missiles: shots.map(({ missile }) => missile).toSorted((a, b) => a.id - b.id),
      taken: [...awayFor.keys()].toSorted((a, b) => a - b),
      drops: drops.map(({ left: _left, ...drop }) => drop).toSorted((a, b) => a.id - b.id),
    };
  });
}
