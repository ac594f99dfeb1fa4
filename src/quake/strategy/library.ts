// The module "agon:quake", which strategies may import. It runs in their sandbox: no import but of types is possible here.
import type { ItemFact, MapFacts, MissileView, PlayerView, Point, StrategyView } from "./contract.ts";

export type * from "./contract.ts";

export const WEAPON = {
  GAUNTLET: 1,
  MACHINEGUN: 2,
  SHOTGUN: 3,
  GRENADE_LAUNCHER: 4,
  ROCKET_LAUNCHER: 5,
  LIGHTNING_GUN: 6,
  RAILGUN: 7,
  PLASMA_GUN: 8,
  BFG: 9,
} as const;

/** Units a second of what a weapon throws; the others hit at once. */
const MISSILE_SPEED: Readonly<Record<number, number>> = { 4: 700, 5: 900, 8: 2_000, 9: 2_000 };
/** A shot leaves about this much later than the view was made: it goes with the moves after the next view. */
const DELAY_S = 0.1;

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** What a strategy that keeps an eye on items knows of them; keep it in your memory. */
export type ItemClock = { facts: MapFacts | null; seenMs: Record<number, number>; backMs: Record<number, number> };

export const newItemClock = (): ItemClock => ({ facts: null, seenMs: {}, backMs: {} });

/** Notes in a clock which items are there, and when those that are gone will be back. Call it with every view. */
export function watchItems(clock: ItemClock, view: StrategyView): void {
  if (view.facts) {
    clock.facts = view.facts;
    clock.seenMs = {};
    clock.backMs = {};
  }
  for (const { id, seen } of view.items) {
    if (seen === "PRESENT") {
      clock.seenMs[id] = view.nowMs;
      delete clock.backMs[id];
    } else if (seen === "ABSENT" && clock.backMs[id] === undefined) {
      // Somebody took it between the last look and now; from the middle the guess is off by half of it at most.
      const returnsMs = clock.facts?.items[id]?.returnsMs ?? 30_000;
      const takenMs = Math.max(view.nowMs - returnsMs, ((clock.seenMs[id] ?? 0) + view.nowMs) / 2);
      clock.backMs[id] = takenMs + returnsMs;
    } else if (seen === "ABSENT" && (clock.backMs[id] ?? 0) < view.nowMs) {
      clock.backMs[id] = view.nowMs + 1_000;
    }
  }
}

/** The game time in milliseconds at which an item can be had by walking there now; Infinity when no way is known. */
export function readyAt(clock: ItemClock, view: StrategyView, id: number): number {
  const travelMs = view.items[id]?.travelMs;
  if (travelMs === null || travelMs === undefined) return Infinity;
  return Math.max(view.nowMs + travelMs, clock.backMs[id] ?? 0);
}

/** The item worth most for the time that it takes to get it; `worth` gives points, 0 for what is not wanted. */
export function bestItem(clock: ItemClock, view: StrategyView, worth: (item: ItemFact) => number): number | null {
  let best: { id: number; rate: number } | null = null;
  for (const item of clock.facts?.items ?? []) {
    const value = worth(item);
    if (value <= 0) continue;
    const rate = value / (1_000 + readyAt(clock, view, item.id) - view.nowMs);
    if (rate > (best?.rate ?? 0)) best = { id: item.id, rate };
  }
  return best?.id ?? null;
}

/** How good each weapon is up to a distance, in points of health a second that a decent shot takes. */
const POWER: Readonly<Record<number, readonly (readonly [upTo: number, points: number])[]>> = {
  [WEAPON.GAUNTLET]: [[60, 60]],
  [WEAPON.MACHINEGUN]: [[Infinity, 40]],
  [WEAPON.SHOTGUN]: [
    [250, 90],
    [500, 45],
    [Infinity, 15],
  ],
  [WEAPON.GRENADE_LAUNCHER]: [
    [150, 5],
    [400, 30],
    [Infinity, 5],
  ],
  [WEAPON.ROCKET_LAUNCHER]: [
    [120, 20],
    [600, 95],
    [Infinity, 35],
  ],
  [WEAPON.LIGHTNING_GUN]: [[740, 120]],
  [WEAPON.RAILGUN]: [
    [400, 60],
    [Infinity, 80],
  ],
  [WEAPON.PLASMA_GUN]: [
    [500, 85],
    [Infinity, 30],
  ],
  [WEAPON.BFG]: [
    [120, 20],
    [Infinity, 150],
  ],
};

const power = (weapon: number, range: number): number => POWER[weapon]?.find(([upTo]) => range <= upTo)?.[1] ?? 0;

/** The best weapon that you have and that is loaded, against somebody so far away. */
export function bestWeapon(view: StrategyView, range: number): number {
  let best: number = WEAPON.GAUNTLET;
  for (const weapon of view.self.weapons) {
    if (weapon !== WEAPON.GAUNTLET && (view.self.ammo[weapon] ?? 0) === 0) continue;
    // Changing takes a moment in which nobody shoots: a little better is not enough.
    const favour = weapon === view.self.weapon ? 1.15 : 1;
    if (power(weapon, range) * favour > power(best, range) * (best === view.self.weapon ? 1.15 : 1)) best = weapon;
  }
  return best;
}

/** Where to aim so that a shot of a weapon meets a player who goes on as now. */
export function lead(view: StrategyView, target: PlayerView, weapon: number): Point {
  const speed = MISSILE_SPEED[weapon];
  let time = DELAY_S;
  // The flight is as long as to where the target will be: three rounds are near enough.
  for (let round = 0; speed !== undefined && round < 3; round++)
    time = DELAY_S + distance(view.self.eye, along(target, time)) / speed;
  const [x, y, z] = along(target, time);
  // Rockets go for the feet: what misses still bursts beside them.
  const height = weapon === WEAPON.ROCKET_LAUNCHER && target.origin[2] <= view.self.eye[2] ? -16 : 8;
  return [x, y, z + height];
}

function along({ origin, velocity }: PlayerView, time: number): Point {
  // Who runs falls and climbs with the ground: only the flat part of the speed is to be trusted.
  return [origin[0] + velocity[0] * time, origin[1] + velocity[1] * time, origin[2]];
}

/** The nearest player in sight; null when there is none. */
export function nearest(view: StrategyView): PlayerView | null {
  let best: PlayerView | null = null;
  for (const player of view.players) if (best === null || player.distance < best.distance) best = player;
  return best;
}

/** Degrees between where you look and a point: 0 is straight ahead. */
export function offAim(view: StrategyView, point: Point): number {
  const { eye, yaw, pitch } = view.self;
  const [dx, dy, dz] = [point[0] - eye[0], point[1] - eye[1], point[2] - eye[2]];
  const length = Math.hypot(dx, dy, dz) || 1;
  const [y, p] = [yaw * (Math.PI / 180), pitch * (Math.PI / 180)];
  const cosine = (dx * Math.cos(y) * Math.cos(p) + dy * Math.sin(y) * Math.cos(p) - dz * Math.sin(p)) / length;
  return Math.acos(Math.max(-1, Math.min(1, cosine))) * (180 / Math.PI);
}

/** A direction over the ground towards or, with a negative share, away from a point, with some of it sideways. */
export function towards(view: StrategyView, point: Point, ahead: number, aside: number): { x: number; y: number } {
  const { origin } = view.self;
  const angle = Math.atan2(point[1] - origin[1], point[0] - origin[0]);
  const x = Math.cos(angle) * ahead - Math.sin(angle) * aside;
  const y = Math.sin(angle) * ahead + Math.cos(angle) * aside;
  const length = Math.max(1, Math.hypot(x, y));
  return { x: x / length, y: y / length };
}

/** Whether you have come no farther than a step for a second; keep the memory of it. */
export type StuckWatch = { origin: Point | null; sinceMs: number };

export function isStuck(watch: StuckWatch, view: StrategyView): boolean {
  const { origin } = view.self;
  if (!view.self.alive || watch.origin === null || distance(origin, watch.origin) > 40 || view.nowMs < watch.sinceMs) {
    watch.origin = origin;
    watch.sinceMs = view.nowMs;
  }
  return view.nowMs - watch.sinceMs > 1_000;
}

/** Whether you fall so fast that the ground will hurt. */
export const isFalling = (view: StrategyView): boolean => !view.self.grounded && view.self.velocity[2] < -500;

/** A missile that comes near within a second; null when none does. */
export function danger(view: StrategyView): MissileView | null {
  const { origin } = view.self;
  for (const missile of view.missiles) {
    const way: Point = [origin[0] - missile.origin[0], origin[1] - missile.origin[1], origin[2] - missile.origin[2]];
    const speed = Math.hypot(...missile.velocity);
    if (speed < 1) continue;
    const ahead = (way[0] * missile.velocity[0] + way[1] * missile.velocity[1] + way[2] * missile.velocity[2]) / speed;
    const beside = Math.sqrt(Math.max(0, Math.hypot(...way) ** 2 - ahead ** 2));
    if (ahead > 0 && ahead < speed && beside < 100) return missile;
  }
  return null;
}
