import { baseOf, ENTITY, ENTITY_FLAG, type Position } from "../protocol/entities.ts";
import type { EntityState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";

/** A place of a map at which an item lies and comes back, as entities name it. */
export type Spot = {
  id: number;
  name: string;
  /** The number of its model. */
  model: number;
  at: Position;
  /** Whether it lies there when a round begins. */
  isThereFirst: boolean;
};

/** The items of a map, and whether somebody whose eye is at a point is told of one. */
export type Stock = { spots: readonly Spot[]; isTold(eye: Position, id: number): boolean };

/** What lies this near to an item's place is the item. */
const SAME_SPOT = 24;

/** What is taken when a round begins: what comes later. */
export const takenFirst = ({ spots }: Stock): readonly number[] =>
  spots.filter(({ isThereFirst }) => !isThereFirst).map(({ id }) => id);

/**
 * Which items are taken, after what everybody was shown: one that somebody was shown lies there, one that somebody was not
 * shown who would have been is taken, and of all others nothing new is known. Only the newest that was shown counts.
 */
export function takenAfter(before: readonly number[], stock: Stock, snapshots: readonly Snapshot[]): readonly number[] {
  const newest = Math.max(...snapshots.map(({ serverTime }) => serverTime));
  const now = snapshots.filter(({ serverTime }) => serverTime === newest);
  const lying = now.flatMap(({ entities }) => entities.filter(isLying));
  const eyes = now.map(({ player }): Position => [player.originX, player.originY, player.originZ + player.viewHeight]);
  const isTaken = (spot: Spot): boolean => {
    if (lying.some((entity) => isAt(entity, spot))) return false;
    return eyes.some((eye) => stock.isTold(eye, spot.id)) || before.includes(spot.id);
  };
  return stock.spots.filter(isTaken).map(({ id }) => id);
}

const isLying = ({ type, flags }: EntityState): boolean => type === ENTITY.item && (flags & ENTITY_FLAG.noDraw) === 0;

function isAt(entity: EntityState, { model, at }: Spot): boolean {
  const [x, y] = baseOf(entity);
  return entity.model === model && Math.hypot(x - at[0], y - at[1]) < SAME_SPOT;
}
