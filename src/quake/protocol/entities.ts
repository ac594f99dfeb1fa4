import type { EntityState } from "./fields.ts";

/** What an entity is; those of 13 and above are events. */
export const ENTITY = { player: 1, item: 2, missile: 3 } as const;
/** Bits of the flags of an entity and of one's own player. */
export const ENTITY_FLAG = { dead: 0x1, noDraw: 0x80, firing: 0x100 } as const;
/** Places in the array of one's own numbers, as OpenArena counts them. */
export const STAT = { health: 0, weapons: 3, armor: 4 } as const;
/** The number of the QUAD among the power-ups. */
export const QUAD = 1;
/** How one's own player moves: it lives, or the round is over. */
export const MOVE = { normal: 0, dead: 3, intermission: 5 } as const;
/** Bits of how one's own player moves: it holds jump since it jumped; it was hit, and slides while its time of moving runs. */
export const MOVE_FLAG = { holdsJump: 0x2, slides: 0x40 } as const;

const GRAVITY = 800;
const TRAJECTORY = { linear: 2, gravity: 5 } as const;

export type Position = readonly [x: number, y: number, z: number];

export const baseOf = (entity: EntityState): Position => [entity.posBaseX, entity.posBaseY, entity.posBaseZ];
export const speedOf = (entity: EntityState): Position => [entity.posDeltaX, entity.posDeltaY, entity.posDeltaZ];

/** Where something that flies is at a time of the server. */
export function placeOf(entity: EntityState, serverTime: number): Position {
  const [x, y, z] = baseOf(entity);
  const isMoving = entity.posType === TRAJECTORY.linear || entity.posType === TRAJECTORY.gravity;
  if (!isMoving) return [x, y, z];
  const s = Math.max(0, serverTime - entity.posTime) / 1_000;
  const [dx, dy, dz] = speedOf(entity);
  const fallen = entity.posType === TRAJECTORY.gravity ? (GRAVITY / 2) * s * s : 0;
  return [x + dx * s, y + dy * s, z + dz * s - fallen];
}
