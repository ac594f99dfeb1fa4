import { BoxGeometry, Group, Mesh, MeshBasicMaterial, OctahedronGeometry, type Object3D } from "three";
import { buildArm } from "./arms.ts";
import type { Inks } from "./inks.ts";
import type { Item } from "./map-file.ts";

const WEAPON_ITEMS: Readonly<Record<string, number>> = {
  weapon_gauntlet: 1,
  weapon_machinegun: 2,
  weapon_shotgun: 3,
  weapon_grenadelauncher: 4,
  weapon_rocketlauncher: 5,
  weapon_lightning: 6,
  weapon_railgun: 7,
  weapon_plasmagun: 8,
  weapon_bfg: 9,
};
const MIDDLE = 12;

/** Something that lies on a map to be taken: weapons as they are carried, health as a cross, armour as a plate. */
export function buildItem({ className, use, origin }: Item, { paper, overprint }: Inks): Object3D {
  const light = new MeshBasicMaterial({ color: paper });
  const dark = new MeshBasicMaterial({ color: overprint });
  const weapon = WEAPON_ITEMS[className];
  const group = weapon === undefined ? thing(use, light, dark) : buildArm(weapon, dark, light);
  if (weapon !== undefined) for (const piece of group.children) piece.position.x -= MIDDLE;
  group.position.set(...origin);
  return group;
}

function thing(use: string, light: MeshBasicMaterial, dark: MeshBasicMaterial): Group {
  const group = new Group();
  const box = (x: number, y: number, z: number) => group.add(new Mesh(new BoxGeometry(x, y, z), light));
  if (use === "HEALTH") {
    box(4, 4, 12);
    box(4, 12, 4);
  } else if (use === "ARMOR") {
    box(4, 12, 10);
    group.add(new Mesh(new BoxGeometry(5, 5, 5), dark));
  } else if (use === "AMMO") {
    group.add(new Mesh(new BoxGeometry(8, 6, 6), dark));
    box(8.5, 6.5, 2);
  } else group.add(new Mesh(new OctahedronGeometry(10), light));
  return group;
}
