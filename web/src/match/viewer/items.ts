import { BoxGeometry, Group, Mesh, MeshBasicMaterial, OctahedronGeometry, RingGeometry } from "three";
import { buildArm } from "./arms.ts";
import type { Drop } from "./frames.ts";
import { goodOf, useOf, type Inks } from "./inks.ts";
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
/** An item lies so much above the ground. */
const GROUND = -14;

/**
 * Something that lies on a map to be taken: weapons as they are carried, health as a cross, armour as a plate. While it is
 * taken a ring on the ground says where it comes back.
 */
export class Lying {
  readonly id: number;
  readonly root = new Group();
  private readonly thing: Group;
  private readonly ring: Mesh;

  constructor({ id, className, use, origin }: Item, inks: Inks) {
    this.id = id;
    const color = inks.items[goodOf(use)];
    const light = new MeshBasicMaterial({ color });
    const dark = new MeshBasicMaterial({ color: inks.overprint });
    const weapon = WEAPON_ITEMS[className];
    this.thing = weapon === undefined ? thing(use, light, dark) : buildArm(weapon, dark, light);
    if (weapon !== undefined) for (const piece of this.thing.children) piece.position.x -= MIDDLE;
    this.ring = new Mesh(
      new RingGeometry(8, 11, 20),
      new MeshBasicMaterial({ color, transparent: true, opacity: 0.8 }),
    );
    this.ring.position.z = GROUND;
    this.root.position.set(...origin);
    this.root.add(this.thing, this.ring);
  }

  show(taken: boolean, turn: number): void {
    this.thing.visible = !taken;
    this.thing.rotation.z = turn;
  }

  /** As large as one camera needs it; whoever looks through a bot's eyes sees no ring. */
  size(scale: number, withRing: boolean): void {
    this.thing.scale.setScalar(scale);
    this.ring.scale.set(scale, scale, 1);
    this.ring.visible = withRing && !this.thing.visible;
  }
}

/** What lies dropped. Things of one name are built for as many as ever lay there at once, and shown again later. */
export class Dropped {
  readonly root = new Group();
  private readonly inks: Inks;
  private readonly things = new Map<string, Lying[]>();

  constructor(inks: Inks) {
    this.inks = inks;
  }

  get all(): readonly Lying[] {
    return [...this.things.values()].flat();
  }

  show(drops: readonly Drop[], turn: number): void {
    for (const { root } of this.all) root.visible = false;
    const lying = Map.groupBy(drops, ({ name }) => name);
    for (const [name, alike] of lying) for (const [place, drop] of alike.entries()) this.lay(drop, name, place, turn);
  }

  private lay({ id, at }: Drop, className: string, place: number, turn: number): void {
    const built = this.things.get(className) ?? [];
    const lying = built[place] ?? new Lying({ id, className, use: useOf(className), origin: at }, this.inks);
    if (place === built.length) this.root.add(lying.root);
    built[place] = lying;
    this.things.set(className, built);
    lying.root.visible = true;
    lying.root.position.set(...at);
    lying.show(false, turn);
  }
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
