import type { MapFile, Vec3 } from "./map-file.ts";

/** A triangle that one can stand on. */
export type Floor = readonly [Vec3, Vec3, Vec3];
/** An edge at which a floor ends. */
export type Rim = readonly [Vec3, Vec3];

/** Steeper than this nobody stands: the game's own limit. */
const STANDS = 0.7;

/** The triangles of a map that look up, the lowest first. */
export function floorsOf({ position, corners }: MapFile): Floor[] {
  const vertex = (corner: number): Vec3 => {
    const at = (corners[corner] ?? 0) * 3;
    return [position[at] ?? 0, position[at + 1] ?? 0, position[at + 2] ?? 0];
  };
  const floors: Floor[] = [];
  for (let corner = 0; corner < corners.length; corner += 3) {
    const floor: Floor = [vertex(corner), vertex(corner + 1), vertex(corner + 2)];
    if (upward(floor) >= STANDS) floors.push(floor);
  }
  return floors.toSorted((a, b) => heightOf(a) - heightOf(b));
}

export const heightOf = ([a, b, c]: Floor): number => (a[2] + b[2] + c[2]) / 3;

/** How much of a triangle's normal points up, from -1 to 1. */
function upward([a, b, c]: Floor): number {
  const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]] as const;
  const [x, y, z] = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(x, y, z);
  return length === 0 ? 0 : z / length;
}

const PLACE = 4;
const keyOf = (at: Vec3) => at.map((value) => Math.round(value / PLACE)).join();

/** Edges that only one floor has: where it ends at a wall, a step or a fall. */
export function rimsOf(floors: readonly Floor[]): Rim[] {
  const edges = new Map<string, { rim: Rim; count: number }>();
  for (const [a, b, c] of floors)
    for (const rim of [[a, b] as const, [b, c] as const, [c, a] as const]) {
      const key = rim.map(keyOf).toSorted().join(" ");
      const known = edges.get(key);
      if (known) known.count++;
      else edges.set(key, { rim, count: 1 });
    }
  return [...edges.values()].flatMap(({ rim, count }) => (count === 1 ? [rim] : []));
}

/** The box that holds all floors, and so all play. */
export function groundsOf(floors: readonly Floor[]): { minimum: Vec3; maximum: Vec3 } {
  const all = floors.flat();
  const of = (pick: (...values: number[]) => number): Vec3 => {
    const along = (axis: 0 | 1 | 2) => all.reduce((best, at) => pick(best, at[axis]), all[0]?.[axis] ?? 0);
    return [along(0), along(1), along(2)];
  };
  return { minimum: of(Math.min), maximum: of(Math.max) };
}
