import {
  BackSide,
  type BufferGeometry,
  ConeGeometry,
  DoubleSide,
  Group,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  RingGeometry,
} from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";
import { buildArm, muzzleOf } from "./arms.ts";
import { bodyOf, HIP, walks, type Character, type Joint, type Part } from "./bodies.ts";
import { distance } from "./between.ts";
import { FEET, type Pose } from "./frames.ts";
import { laneOf, type Inks } from "./inks.ts";
import type { Vec3 } from "./map-file.ts";

const OUTLINE = 1.1;
const RADIANS = Math.PI / 180;
/** The right hand holds the weapon here. */
const GRIP: Vec3 = [11, -8, 14];
const STRIDE = 0.085;
const SWING = 0.75;
const FALL_MS = 350;
/** More between two pictures than this was no walk. */
const STEP_MAX = 80;

/** A bot in the scene, in the ink of its lane. */
export class Figure {
  readonly root = new Group();
  private readonly body = new Group();
  private readonly shoulder = new Group();
  private readonly legs: Group[] = [];
  private readonly flash: Mesh;
  private readonly arms = new Map<number, Group>();
  private readonly materials: Record<Part["ink"] | "OUTLINE", MeshLambertMaterial | MeshBasicMaterial>;
  private readonly character: Character;
  private last: Vec3 | null = null;
  private walked = 0;
  private fallen = 0;

  constructor(character: Character, side: number, inks: Inks) {
    this.character = character;
    const lane = laneOf(inks, side);
    const flat = (color: string) => new MeshLambertMaterial({ color, flatShading: true });
    this.materials = {
      LANE: flat(lane),
      DARK: flat(inks.overprint),
      LIGHT: new MeshBasicMaterial({ color: inks.paper }),
      OUTLINE: new MeshBasicMaterial({ color: inks.overprint, side: BackSide }),
    };
    const ring = new Mesh(
      new RingGeometry(19, 23, 32),
      new MeshBasicMaterial({ color: lane, side: DoubleSide, transparent: true, opacity: 0.9, depthWrite: false }),
    );
    ring.position.z = FEET + 2;
    this.flash = new Mesh(
      new ConeGeometry(5, 16, 5).rotateZ(Math.PI / 2),
      new MeshBasicMaterial({ color: inks.paper }),
    );
    this.shoulder.position.set(GRIP[0], GRIP[1], GRIP[2]);
    this.shoulder.add(this.flash);
    this.body.add(this.shoulder);
    this.root.add(this.body, ring);
    this.root.rotation.order = "ZYX";
    this.build(bodyOf(character));
  }

  private build(parts: readonly Part[]): void {
    const joints = Map.groupBy(parts, ({ joint }) => joint);
    for (const [joint, own] of joints) {
      const group = new Group();
      for (const [ink, same] of Map.groupBy(own, (part) => part.ink))
        group.add(new Mesh(merged(same.map(({ geometry }) => geometry)), this.materials[ink]));
      group.add(new Mesh(merged(own.map(({ geometry }) => outlined(geometry))), this.materials.OUTLINE));
      this.join(joint, group);
    }
  }

  private join(joint: Joint, group: Group): void {
    this.body.add(group);
    if (joint === "BODY") return;
    group.position.z = HIP;
    this.legs.push(group);
  }

  /** Puts it where it stands; `shot` says whether it fires in this very picture. */
  show(pose: Pose, elapsedMs: number, still: boolean): void {
    const { at, yaw, pitch, alive, weapon, firing } = pose;
    const step = this.last ? Math.hypot(at[0] - this.last[0], at[1] - this.last[1]) : 0;
    const jumped = this.last !== null && distance(at, this.last) > STEP_MAX;
    this.last = at;
    this.walked = still || jumped ? 0 : this.walked + step;
    this.root.position.set(...at);
    this.root.rotation.z = yaw * RADIANS;
    this.hold(weapon);
    this.shoulder.rotation.y = pitch * RADIANS;
    this.flash.visible = alive && firing;
    this.flash.position.x = muzzleOf(weapon) + 6;
    this.stride(alive && step > 0.01);
    this.fall(alive, still || jumped ? FALL_MS : elapsedMs);
  }

  private stride(moves: boolean): void {
    const swing = moves ? Math.sin(this.walked * STRIDE) * SWING : 0;
    for (const [index, leg] of this.legs.entries()) leg.rotation.y = index === 0 ? swing : -swing;
    this.body.position.z = walks(this.character) ? Math.abs(swing) * -1.5 : Math.sin(this.walked * STRIDE * 0.4) * 2;
  }

  private fall(alive: boolean, elapsedMs: number): void {
    this.fallen = alive ? 0 : Math.min(1, this.fallen + elapsedMs / FALL_MS);
    const eased = 1 - (1 - this.fallen) ** 2;
    this.body.rotation.y = (-eased * Math.PI) / 2;
    if (this.fallen > 0) this.body.position.z = eased * (FEET + 8);
  }

  private hold(weapon: number): void {
    if (!this.arms.has(weapon)) {
      const arm = buildArm(weapon, this.materials.DARK, this.materials.LIGHT);
      this.arms.set(weapon, arm);
      this.shoulder.add(arm);
    }
    for (const [held, arm] of this.arms) arm.visible = held === weapon;
  }
}

/** All with plain triangles, so that shapes of every kind go together. */
const merged = (geometries: readonly BufferGeometry[]): BufferGeometry =>
  mergeGeometries(geometries.map((geometry) => (geometry.index ? geometry.toNonIndexed() : geometry)));

/** The same shape a little larger all round: seen from its inside only, it is a line about it. */
function outlined(geometry: BufferGeometry): BufferGeometry {
  const larger = geometry.clone();
  larger.computeBoundingBox();
  const box = larger.boundingBox;
  if (!box) return larger;
  const middle = box.min.clone().add(box.max).multiplyScalar(0.5);
  const size = box.max.clone().sub(box.min);
  const grown = (side: number) => (side + 2 * OUTLINE) / Math.max(side, 0.1);
  return larger
    .translate(-middle.x, -middle.y, -middle.z)
    .scale(grown(size.x), grown(size.y), grown(size.z))
    .translate(middle.x, middle.y, middle.z);
}
