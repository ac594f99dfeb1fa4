import { BoxGeometry, ConeGeometry, CylinderGeometry, Group, Mesh, type Material } from "three";

/** A piece of a weapon along its barrel: from the grip at 0 forwards. */
type Piece = {
  shape: "BOX" | "TUBE" | "CONE";
  from: number;
  length: number;
  width: number;
  /** Aside and above the barrel's line. */
  aside?: number;
  above?: number;
  light?: boolean;
};

const GAUNTLET: readonly Piece[] = [
  { shape: "BOX", from: 0, length: 8, width: 7 },
  { shape: "CONE", from: 8, length: 8, width: 6, light: true },
];

/** By the game's numbers: gauntlet 1 to BFG 9. Silhouettes differ, so that one sees from afar what somebody carries. */
const ARMS: readonly (readonly Piece[])[] = [
  [],
  GAUNTLET,
  [
    { shape: "BOX", from: -4, length: 14, width: 5 },
    { shape: "TUBE", from: 10, length: 14, width: 2.5, light: true },
    { shape: "BOX", from: 2, length: 3, width: 3, above: -5 },
  ],
  [
    { shape: "BOX", from: -6, length: 12, width: 4.5 },
    { shape: "TUBE", from: 6, length: 18, width: 2.6, aside: 1.6, light: true },
    { shape: "TUBE", from: 6, length: 18, width: 2.6, aside: -1.6, light: true },
  ],
  [
    { shape: "BOX", from: -4, length: 12, width: 5 },
    { shape: "TUBE", from: 8, length: 11, width: 6.5, light: true },
  ],
  [
    { shape: "TUBE", from: -14, length: 36, width: 6.5 },
    { shape: "CONE", from: -20, length: 7, width: 10 },
    { shape: "TUBE", from: 20, length: 4, width: 8.5, light: true },
  ],
  [
    { shape: "BOX", from: -4, length: 16, width: 5.5 },
    { shape: "BOX", from: 12, length: 13, width: 1.6, aside: 2.6, light: true },
    { shape: "BOX", from: 12, length: 13, width: 1.6, aside: -2.6, light: true },
  ],
  [
    { shape: "BOX", from: -8, length: 16, width: 4.5 },
    { shape: "TUBE", from: 8, length: 30, width: 2, light: true },
    { shape: "BOX", from: -2, length: 10, width: 2, above: 4 },
  ],
  [
    { shape: "BOX", from: -4, length: 18, width: 7.5 },
    { shape: "CONE", from: 14, length: 8, width: 6, light: true },
  ],
  [
    { shape: "BOX", from: -8, length: 20, width: 10 },
    { shape: "TUBE", from: 12, length: 10, width: 9, light: true },
  ],
];

/** How far before the grip a shot leaves the barrel. */
export const muzzleOf = (weapon: number): number =>
  Math.max(12, ...(ARMS[weapon] ?? GAUNTLET).map(({ from, length }) => from + length));

/** A weapon that points along x. */
export function buildArm(weapon: number, dark: Material, light: Material): Group {
  const group = new Group();
  for (const piece of ARMS[weapon] ?? GAUNTLET) {
    const mesh = new Mesh(geometryOf(piece), piece.light ? light : dark);
    mesh.position.set(piece.from + piece.length / 2, piece.aside ?? 0, piece.above ?? 0);
    group.add(mesh);
  }
  return group;
}

function geometryOf({ shape, length, width }: Piece) {
  if (shape === "BOX") return new BoxGeometry(length, width, width);
  const round =
    shape === "TUBE" ? new CylinderGeometry(width / 2, width / 2, length, 8) : new ConeGeometry(width / 2, length, 6);
  return round.rotateZ(-Math.PI / 2);
}
