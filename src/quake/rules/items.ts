import { baseOf, ENTITY, ENTITY_FLAG, placeOf, type Position } from "../protocol/entities.ts";
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

/** The items of a map. */
export type Stock = {
  spots: readonly Spot[];
  /** Whether somebody whose eye is at a point is told of what lies at another. */
  isTold(eye: Position, at: Position): boolean;
  /** What has a model; undefined is no item. */
  nameOf(model: number): string | undefined;
};

/** What somebody dropped: its number is another's later. `sinceMs` is when it was first shown, by the server's time. */
export type Drop = { id: number; name: string; at: Position; sinceMs: number };

/** What lies this near to an item's place is the item. */
const SAME_SPOT = 24;
/** The game takes away what was dropped so long ago. */
const DROPS_LIE_MS = 30_000;

/** What is taken when a round begins: what comes later. */
export const takenFirst = ({ spots }: Stock): readonly number[] =>
  spots.filter(({ isThereFirst }) => !isThereFirst).map(({ id }) => id);

/**
 * Which items are taken, after what everybody was shown: one that somebody was shown lies there, one that somebody was not
 * shown who would have been is taken, and of all others nothing new is known. Only the newest that was shown counts.
 */
export function takenAfter(before: readonly number[], stock: Stock, snapshots: readonly Snapshot[]): readonly number[] {
  const { lying, eyes } = newestOf(snapshots);
  const isTaken = (spot: Spot): boolean => {
    if (lying.some((entity) => isAt(entity, spot))) return false;
    return eyes.some((eye) => stock.isTold(eye, spot.at)) || before.includes(spot.id);
  };
  return stock.spots.filter(isTaken).map(({ id }) => id);
}

/**
 * What lies dropped, after what everybody was shown: what somebody was shown, where it is; what nobody was shown stays as it
 * was, until somebody would have been shown it or the game has taken it away.
 */
export function dropsAfter(before: readonly Drop[], stock: Stock, snapshots: readonly Snapshot[]): readonly Drop[] {
  const { lying, eyes, serverTime } = newestOf(snapshots);
  const shown = new Map<number, Drop>();
  for (const entity of lying) {
    const { number: id, model } = entity;
    const name = stock.nameOf(model);
    if (name === undefined || stock.spots.some((spot) => isAt(entity, spot))) continue;
    const known = before.find((drop) => drop.id === id && drop.name === name);
    shown.set(id, { id, name, at: placeOf(entity, serverTime), sinceMs: known?.sinceMs ?? serverTime });
  }
  const isLeft = ({ id, at, sinceMs }: Drop): boolean =>
    !shown.has(id) && serverTime - sinceMs < DROPS_LIE_MS && !eyes.some((eye) => stock.isTold(eye, at));
  return [...before.filter(isLeft), ...shown.values()].toSorted((a, b) => a.id - b.id);
}

/** What everybody who was shown the newest instant was shown lying about, and from where. */
function newestOf(snapshots: readonly Snapshot[]) {
  const serverTime = Math.max(...snapshots.map((snapshot) => snapshot.serverTime));
  const now = snapshots.filter((snapshot) => snapshot.serverTime === serverTime);
  return {
    serverTime,
    lying: now.flatMap(({ entities }) => entities.filter(isLying)),
    eyes: now.map(({ player }): Position => [player.originX, player.originY, player.originZ + player.viewHeight]),
  };
}

const isLying = ({ type, flags }: EntityState): boolean => type === ENTITY.item && (flags & ENTITY_FLAG.noDraw) === 0;

function isAt(entity: EntityState, { model, at }: Spot): boolean {
  const [x, y] = baseOf(entity);
  return entity.model === model && Math.hypot(x - at[0], y - at[1]) < SAME_SPOT;
}
