import {
  BoxGeometry,
  ConeGeometry,
  CylinderGeometry,
  type BufferGeometry,
  IcosahedronGeometry,
  OctahedronGeometry,
} from "three";

export const CHARACTERS = ["RONIN", "KNIGHT", "CYBORG", "DEMON", "PHANTOM"] as const;
export type Character = (typeof CHARACTERS)[number];

/** What a part of a figure does when it moves. */
export type Joint = "BODY" | "LEG_LEFT" | "LEG_RIGHT";
export type Part = { joint: Joint; ink: "LANE" | "DARK" | "LIGHT"; geometry: BufferGeometry };

/** Legs turn here, above the origin of a player, whose feet are 24 below it. */
export const HIP = -4;

type Place = { at: readonly [number, number, number]; joint?: Joint; ink?: Part["ink"] };

const part = (geometry: BufferGeometry, { at, joint = "BODY", ink = "LANE" }: Place): Part => ({
  joint,
  ink,
  geometry: geometry.translate(...at),
});

/** A round shape that stands upright: x forwards, z up. */
const upright = (geometry: BufferGeometry) => geometry.rotateX(Math.PI / 2);
const tube = (top: number, bottom: number, height: number, sides = 7) =>
  upright(new CylinderGeometry(top, bottom, height, sides));
const cone = (width: number, height: number, sides = 7) => upright(new ConeGeometry(width, height, sides));
const box = (x: number, y: number, z: number) => new BoxGeometry(x, y, z);

/** Two legs; hips are where they turn, so they are placed from there. */
const legs = (width: number, spread: number): Part[] =>
  ([1, -1] as const).flatMap((way) => {
    const joint = way === 1 ? "LEG_LEFT" : "LEG_RIGHT";
    return [
      part(box(width, width, 17), { at: [0, 0, -8.5], joint }),
      part(box(width + 5, width + 1, 4), { at: [2.5, 0, -18], joint, ink: "DARK" }),
    ].map((each) => ({ ...each, geometry: each.geometry.translate(0, way * spread, 0) }));
  });

const arms = (width: number, reach: number): Part[] =>
  ([1, -1] as const).map((way) =>
    part(box(reach, width, width).rotateZ(-way * 0.32), { at: [reach / 2 + 1, way * 9.5, 14] }),
  );

/** Each by what one knows it by from afar, after its drawing in the Pit. */
const BODIES: Readonly<Record<Character, () => Part[]>> = {
  RONIN: () => [
    ...legs(7, 4.5),
    ...arms(4.5, 15),
    part(tube(8.5, 11, 26), { at: [0, 0, 8] }),
    part(box(12, 18, 3), { at: [0, 0, 1], ink: "DARK" }),
    part(tube(4.5, 4, 8), { at: [1, 0, 24] }),
    part(cone(17, 10, 9), { at: [0, 0, 31] }),
    part(box(2, 2, 40).rotateY(0.75), { at: [-9, -4, 12], ink: "DARK" }),
  ],
  KNIGHT: () => [
    ...legs(8, 5),
    ...arms(6, 14),
    part(box(15, 22, 22), { at: [0, 0, 9] }),
    part(box(16, 30, 6), { at: [0, 0, 18] }),
    part(tube(7, 7.5, 14, 8), { at: [1, 0, 28] }),
    part(box(4, 11, 2), { at: [7, 0, 29], ink: "DARK" }),
    part(box(3, 17, 24), { at: [8, 15, 8] }),
    part(box(3.6, 2.5, 24), { at: [8.2, 15, 8], ink: "DARK" }),
    part(box(3.6, 17, 2.5), { at: [8.2, 15, 10], ink: "DARK" }),
  ],
  CYBORG: () => [
    ...legs(8, 5),
    part(box(14, 5, 5).rotateZ(-0.3), { at: [8, 10, 14] }),
    part(tube(4.5, 4.5, 18).rotateY(Math.PI / 2), { at: [8, -11, 14] }),
    part(box(6, 11, 11), { at: [1, -11, 16], ink: "DARK" }),
    part(box(13, 20, 14), { at: [0, 0, 14] }),
    part(box(10, 12, 10), { at: [0, 0, 2], ink: "DARK" }),
    part(box(12, 12, 11), { at: [1, 0, 27] }),
    part(box(2, 10, 3), { at: [7, 0, 28], ink: "LIGHT" }),
    part(box(1.4, 1.4, 13), { at: [-3, 5, 37], ink: "DARK" }),
    part(new IcosahedronGeometry(2), { at: [-3, 5, 44], ink: "LIGHT" }),
  ],
  DEMON: () => [
    ...legs(8, 6),
    ...arms(6, 16),
    part(tube(13, 7, 26, 6), { at: [0, 0, 9] }),
    part(new OctahedronGeometry(8), { at: [3, 0, 27] }),
    part(cone(2.8, 15, 5).rotateX(-0.5), { at: [1, 8, 35] }),
    part(cone(2.8, 15, 5).rotateX(0.5), { at: [1, -8, 35] }),
    part(box(1.5, 9, 2), { at: [9.5, 0, 28], ink: "LIGHT" }),
    part(box(22, 2, 2).rotateY(-0.5), { at: [-16, 0, 0], ink: "LANE" }),
    part(cone(3.5, 8, 4).rotateY(-1.6), { at: [-28, 0, 7], ink: "DARK" }),
  ],
  PHANTOM: () => [
    part(cone(17, 46, 8), { at: [0, 0, 0] }),
    part(cone(10, 26, 7).rotateY(0.22), { at: [0, 0, 28] }),
    part(new OctahedronGeometry(6), { at: [4.5, 0, 24], ink: "DARK" }),
    part(box(1.5, 2.5, 1.6), { at: [10, 2.6, 25], ink: "LIGHT" }),
    part(box(1.5, 2.5, 1.6), { at: [10, -2.6, 25], ink: "LIGHT" }),
    ...arms(4, 15),
  ],
};

/** The parts of a figure, x forwards and z up around the origin of a player; it is 56 high and a horn or a hat more. */
export const bodyOf = (character: Character): Part[] => BODIES[character]();

/** A Phantom has no legs: it hovers. */
export const walks = (character: Character): boolean => character !== "PHANTOM";
