// The types of "agon:quake", the one module that a Quake strategy may import. Made by npm run generate: do not edit.
// Put this file beside your strategy, and your editor knows them.

declare module "agon:quake" {
  /** What a strategy is told and what it may do. All of it is JSON: the same for code in our sandbox and for remote control. */
  /** A point or a direction in the units of the map: x east, y north, z up; a player is 56 units high and runs 320 a second. */
  export type Point = readonly [x: number, y: number, z: number];
  /** A place on the map at which an item comes back again and again. */
  export type ItemFact = {
    /** The number by which the view and `goTo` name it. */
    id: number;
    /** The game's own name, such as `weapon_rocketlauncher`. */
    name: string;
    use: "HEALTH" | "ARMOR" | "WEAPON" | "AMMO" | "POWERUP" | "HOLDABLE";
    /** Points or rounds that it gives; seconds of a power-up. */
    amount: number;
    /** The weapon that it is or feeds; null of others. */
    weapon: number | null;
    /** Game milliseconds until it is back after somebody took it. */
    returnsMs: number;
    origin: Point;
    /** Game milliseconds on foot from here to each item, by its id; null where no way is known that one survives. */
    travelMs: readonly (number | null)[];
  };
  /** What stays the same for a whole round; given with the first view alone. */
  export type MapFacts = {
    map: string;
    /** Game milliseconds that a round takes. */
    roundMs: number;
    items: readonly ItemFact[];
    /** Where players come into the game. */
    spawns: readonly Point[];
  };
  export type SelfView = {
    /** Your number, the same for the whole round; others see you by it. */
    id: number;
    alive: boolean;
    /** 0 to 200; what is above 100 runs off, a point a second. */
    health: number;
    armor: number;
    /** The middle of you, 24 above the ground on which you stand. */
    origin: Point;
    /** Your eye, from which sight is reckoned. */
    eye: Point;
    /** Units a second. */
    velocity: Point;
    /** Degrees, counted from east to north. */
    yaw: number;
    /** Degrees; positive looks down. */
    pitch: number;
    grounded: boolean;
    weapon: number;
    /** Whether a shot would leave now: the weapon is neither being changed nor loading. */
    ready: boolean;
    /** Numbers of the weapons that you have. */
    weapons: readonly number[];
    /** Rounds by weapon; -1 never runs out. */
    ammo: readonly number[];
    /** Whether the QUAD multiplies your shots. */
    quad: boolean;
    /** Shots of yours that hit so far. */
    hits: number;
    /** How your way to the goal goes. */
    walk: "WALKING" | "ARRIVED" | "NO_WAY" | "STUCK" | "FALLING" | "IDLE";
  };
  /** A living player in sight. */
  export type PlayerView = {
    id: number;
    origin: Point;
    velocity: Point;
    yaw: number;
    weapon: number;
    firing: boolean;
    quad: boolean;
    distance: number;
  };
  export type ItemView = {
    id: number;
    /** Whether it is there; HIDDEN is out of sight. */
    seen: "PRESENT" | "ABSENT" | "HIDDEN";
    /** Game milliseconds on foot from where you are; null where no way is known that one survives. */
    travelMs: number | null;
  };
  /** Something that lies where somebody died; it is gone after 30 s. */
  export type DropView = {
    name: string;
    weapon: number | null;
    origin: Point;
  };
  export type MissileView = {
    weapon: number;
    origin: Point;
    velocity: Point;
  };
  export type SoundView = {
    sound: "STEP" | "LAND" | "JUMP" | "PICKUP" | "SHOT" | "RESPAWN" | "TELEPORT" | "EXPLOSION" | "PAIN" | "DEATH";
    origin: Point;
  };
  /** A death that just happened anywhere; the killer is null when it was the world, and the victim when it was itself. */
  export type DeathView = {
    killer: number | null;
    victim: number;
    means: number;
  };
  export type ScoreView = {
    id: number;
    score: number;
    deaths: number;
  };
  /** What a human at your place could know now. */
  export type StrategyView = {
    /** Game milliseconds since the round began; at most 20 views a game second. */
    nowMs: number;
    /** Game milliseconds that are left. */
    leftMs: number;
    self: SelfView;
    players: readonly PlayerView[];
    items: readonly ItemView[];
    drops: readonly DropView[];
    missiles: readonly MissileView[];
    sounds: readonly SoundView[];
    deaths: readonly DeathView[];
    scores: readonly ScoreView[];
    /** With the first view of a round, and null after it. */
    facts: MapFacts | null;
  };
  export type Goal = {
    item: number;
  } | {
    player: number;
  } | {
    point: Point;
  };
  /** A look at a player is where a shot of the weapon in hand, left now, will meet it if it goes on as it was last seen to. */
  export type Look = {
    at: Point;
  } | {
    player: number;
  } | {
    yaw: number;
    pitch: number;
  };
  /** What you do until you say something else. What is left out is not done. */
  export type StrategyAction = {
    /** Where to walk; ways, jumps and lifts are found for you. Without an item, player or place to go to, use `move`. */
    goTo?: Goal;
    /** A direction over the ground, of length 0 to 1; counts before `goTo`. */
    move?: {
      x: number;
      y: number;
    };
    /** Without it you look where you walk. */
    look?: Look;
    fire?: boolean;
    jump?: boolean;
    crouch?: boolean;
    /** The weapon to hold, 1 to 9. */
    weapon?: number;
  };

  export const WEAPON: {
    readonly GAUNTLET: 1;
    readonly MACHINEGUN: 2;
    readonly SHOTGUN: 3;
    readonly GRENADE_LAUNCHER: 4;
    readonly ROCKET_LAUNCHER: 5;
    readonly LIGHTNING_GUN: 6;
    readonly RAILGUN: 7;
    readonly PLASMA_GUN: 8;
    readonly BFG: 9;
  };
  export const distance: (a: Point, b: Point) => number;
  /** What a strategy that keeps an eye on items knows of them; keep it in your memory. */
  export type ItemClock = {
    facts: MapFacts | null;
    seenMs: Record<number, number>;
    backMs: Record<number, number>;
  };
  export const newItemClock: () => ItemClock;
  /** Notes in a clock which items are there, and when those that are gone will be back. Call it with every view. */
  export function watchItems(clock: ItemClock, view: StrategyView): void;
  /** The game time in milliseconds at which an item can be had by walking there now; Infinity when no way is known. */
  export function readyAt(clock: ItemClock, view: StrategyView, id: number): number;
  /** The item worth most for the time that it takes to get it; `worth` gives points, 0 for what is not wanted. */
  export function bestItem(clock: ItemClock, view: StrategyView, worth: (item: ItemFact) => number): number | null;
  /** The best weapon that you have and that is loaded, against somebody so far away. */
  export function bestWeapon(view: StrategyView, range: number): number;
  /** Where to aim so that a shot of a weapon meets a player who goes on as now. */
  export function lead(view: StrategyView, target: PlayerView, weapon: number): Point;
  /** The nearest player in sight; null when there is none. */
  export function nearest(view: StrategyView): PlayerView | null;
  /** Degrees between where you look and a point: 0 is straight ahead. */
  export function offAim(view: StrategyView, point: Point): number;
  /** A direction over the ground towards or, with a negative share, away from a point, with some of it sideways. */
  export function towards(view: StrategyView, point: Point, ahead: number, aside: number): {
    x: number;
    y: number;
  };
  /** Whether you have come no farther than a step for a second; keep the memory of it. */
  export type StuckWatch = {
    origin: Point | null;
    sinceMs: number;
  };
  export function isStuck(watch: StuckWatch, view: StrategyView): boolean;
  /** Whether you fall so fast that the ground will hurt. */
  export const isFalling: (view: StrategyView) => boolean;
  /** A missile that comes near within a second; null when none does. */
  export function danger(view: StrategyView): MissileView | null;
}
