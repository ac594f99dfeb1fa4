/** A point or a direction in the units of the map: x east, y north, z up; a player is 56 units high. */
export type Vector = readonly [x: number, y: number, z: number];

export const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

export const distance = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** The distance as seen from above. */
export const flatDistance = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
