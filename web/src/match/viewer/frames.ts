import type { Frame as StoredFrame } from "../../../../src/quake/rules/replay.ts";
import type { Vec3 } from "./map-file.ts";

/** How a bot stands at one moment. Angles in degrees: yaw against the clock from east, pitch downwards. */
export type Pose = {
  side: number;
  at: Vec3;
  /** The eye's height over that place. */
  eye: number;
  yaw: number;
  pitch: number;
  health: number;
  armor: number;
  /** By the game's own number; 0 is none. */
  weapon: number;
  alive: boolean;
  firing: boolean;
  /** Has the quad damage. */
  quad: boolean;
};

export type Missile = { id: number; weapon: number; at: Vec3 };

/** What somebody dropped; its name is the game's own. */
export type Drop = { id: number; name: string; at: Vec3 };

/** Everything that moves at one moment of a round. */
export type Frame = {
  /** Game time since the round began. */
  atMs: number;
  poses: readonly Pose[];
  missiles: readonly Missile[];
  /** Ids of the map's items that are taken; all others lie there. */
  taken: readonly number[];
  drops: readonly Drop[];
};

/** A frame as it is stored and told, in the form in which it is drawn. */
export const frameOf = ({ atMs, players, missiles, taken, drops }: StoredFrame): Frame => ({
  atMs,
  poses: players.map(({ x, y, z, ...pose }) => ({ ...pose, at: [x, y, z] })),
  missiles: missiles.map(({ id, weapon, x, y, z }) => ({ id, weapon, at: [x, y, z] })),
  taken,
  drops: drops.map(({ id, name, x, y, z }) => ({ id, name, at: [x, y, z] })),
});

/** A death on the timeline. */
export type Death = { atMs: number; killer: number | null; victim: number; text: string };

/** The feet of a player are so far below its origin. */
export const FEET = -24;

export const WEAPONS: readonly string[] = [
  "No weapon",
  "Gauntlet",
  "Machine gun",
  "Shotgun",
  "Grenade launcher",
  "Rocket launcher",
  "Lightning gun",
  "Railgun",
  "Plasma gun",
  "BFG",
];
