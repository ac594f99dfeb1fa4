import {
  BufferAttribute,
  BufferGeometry,
  ConeGeometry,
  CylinderGeometry,
  Group,
  IcosahedronGeometry,
  Mesh,
  MeshBasicMaterial,
  Points,
  PointsMaterial,
  Raycaster,
  Vector3,
  type Object3D,
} from "three";
import { eyesOf, lookOf } from "./cameras.ts";
import { FEET, type Missile, type Pose } from "./frames.ts";
import { laneOf, type Inks } from "./inks.ts";
import type { Vec3 } from "./map-file.ts";

const TRAIL_MAX = 64;
const LIGHTNING = 6;
const RAILGUN = 7;
/** Weapons whose shot is there at once, and how far it reaches. */
const REACH: Readonly<Record<number, number>> = { 2: 8_192, 3: 1_024, [LIGHTNING]: 768, [RAILGUN]: 8_192 };
const BEAM_WIDTH: Readonly<Record<number, number>> = { [LIGHTNING]: 1.6, [RAILGUN]: 2.2 };
/** The size of what flies, by weapon. */
const SIZE: Readonly<Record<number, number>> = { 4: 5, 5: 6, 8: 5, 9: 14 };
const ROCKET = 5;

/** A dotted line on the ground where a bot has walked. */
export class Trail {
  readonly points: Points<BufferGeometry, PointsMaterial>;
  private readonly positions = new BufferAttribute(new Float32Array(TRAIL_MAX * 3), 3);

  constructor(side: number, inks: Inks) {
    const geometry = new BufferGeometry().setAttribute("position", this.positions);
    const color = laneOf(inks, side);
    this.points = new Points(
      geometry,
      new PointsMaterial({ color, size: 5, sizeAttenuation: false, transparent: true }),
    );
    this.points.frustumCulled = false;
  }

  show(trail: readonly Vec3[]): void {
    const count = Math.min(trail.length, TRAIL_MAX);
    for (const [index, at] of trail.slice(0, count).entries())
      this.positions.setXYZ(index, at[0], at[1], at[2] + FEET + 4);
    this.positions.needsUpdate = true;
    this.points.geometry.setDrawRange(0, count);
  }
}

/** What is in the air: missiles with the way they came, and shots that are there at once. */
export class Shots {
  readonly root = new Group();
  private readonly missiles: Mesh[] = [];
  private readonly beams: Mesh<BufferGeometry, MeshBasicMaterial>[] = [];
  private readonly ray = new Raycaster();
  private readonly material: MeshBasicMaterial;
  private readonly rocket = new ConeGeometry(3.5, 18, 6).rotateX(Math.PI / 2);
  private readonly ball = new IcosahedronGeometry(1, 1);

  /** One unit long, from where it stands forwards. */
  private readonly shaft = new CylinderGeometry(1, 1, 1, 6).translate(0, 0.5, 0).rotateX(Math.PI / 2);
  private readonly inks: Inks;

  constructor(inks: Inks) {
    this.inks = inks;
    this.material = new MeshBasicMaterial({ color: inks.paper });
  }

  /** Missiles where they are; `before` is where each was a moment ago. */
  fly(missiles: readonly Missile[], before: readonly Missile[]): void {
    for (const [index, missile] of missiles.entries()) {
      const mesh = (this.missiles[index] ??= this.newMissile());
      const old = before.find(({ id, weapon }) => id === missile.id && weapon === missile.weapon);
      mesh.geometry = missile.weapon === ROCKET ? this.rocket : this.ball;
      mesh.scale.setScalar(missile.weapon === ROCKET ? 1 : (SIZE[missile.weapon] ?? 4));
      mesh.position.set(...missile.at);
      if (old && missile.weapon === ROCKET) {
        const [x, y, z] = missile.at;
        mesh.lookAt(2 * x - old.at[0], 2 * y - old.at[1], 2 * z - old.at[2]);
      }
    }
    for (const [index, mesh] of this.missiles.entries()) mesh.visible = index < missiles.length;
  }

  private newMissile(): Mesh {
    const mesh = new Mesh<BufferGeometry>(this.ball, this.material);
    this.root.add(mesh);
    return mesh;
  }

  /** Beams from the muzzles of all that fire, to the wall that they hit. */
  beam(poses: readonly Pose[], walls: Object3D): void {
    const firing = poses.filter(({ alive, firing: fires, weapon }) => alive && fires && REACH[weapon]);
    for (const [index, pose] of firing.entries()) {
      const mesh = (this.beams[index] ??= this.newBeam());
      const reach = REACH[pose.weapon] ?? 0;
      const [eyes, look] = [eyesOf(pose), lookOf(pose)];
      this.ray.set(eyes, look);
      this.ray.far = reach;
      const [wall] = this.ray.intersectObject(walls, false);
      const end = eyes.clone().addScaledVector(look, wall?.distance ?? reach);
      const aside = new Vector3(look.y, -look.x, 0).normalize();
      const from = eyes
        .addScaledVector(look, 34)
        .addScaledVector(aside, 8)
        .add(new Vector3(0, 0, -12));
      const width = BEAM_WIDTH[pose.weapon] ?? 0.5;
      mesh.position.copy(from);
      mesh.lookAt(end);
      mesh.scale.set(width, width, from.distanceTo(end));
      mesh.material.color.set(laneOf(this.inks, pose.side));
    }
    for (const [index, mesh] of this.beams.entries()) mesh.visible = index < firing.length;
  }

  private newBeam(): Mesh<BufferGeometry, MeshBasicMaterial> {
    const mesh = new Mesh<BufferGeometry, MeshBasicMaterial>(this.shaft, new MeshBasicMaterial());
    this.root.add(mesh);
    return mesh;
  }
}
