import { PerspectiveCamera, Raycaster, Vector3, type Object3D } from "three";
import type { Pose } from "./frames.ts";
import type { Vec3 } from "./map-file.ts";

export const MODES = ["OVERVIEW", "FOLLOW", "EYES", "FREE"] as const;
export type Mode = (typeof MODES)[number];

const RADIANS = Math.PI / 180;
const NEAR = 4;
const FAR = 12_000;
/** Narrow, so that the map looks as if drawn from far away. */
const OVERVIEW_FOV = 24;
const PLAY_FOV = 74;
const OVERVIEW_FROM: Vec3 = [-0.62, -1, 1.12];
const MARGIN = 1.06;
const BEHIND = 150;
const ABOVE = 64;
const WALL_GAP = 8;
/** How much of the way the follower goes in 100 ms. */
const FOLLOWS = 0.45;

export function newCamera(): PerspectiveCamera {
  const camera = new PerspectiveCamera(PLAY_FOV, 1, NEAR, FAR);
  camera.up.set(0, 0, 1);
  return camera;
}

/** Where a look goes: a vector of length 1. */
export function lookOf({ yaw, pitch }: Pick<Pose, "yaw" | "pitch">): Vector3 {
  const flat = Math.cos(pitch * RADIANS);
  return new Vector3(Math.cos(yaw * RADIANS) * flat, Math.sin(yaw * RADIANS) * flat, -Math.sin(pitch * RADIANS));
}

export const eyesOf = ({ at, eye }: Pose): Vector3 => new Vector3(at[0], at[1], at[2] + eye);

function widen(camera: PerspectiveCamera, fov: number): void {
  if (camera.fov === fov) return;
  camera.fov = fov;
  camera.updateProjectionMatrix();
}

/** What the bot itself looks at. */
export function throughEyes(camera: PerspectiveCamera, pose: Pose): void {
  widen(camera, PLAY_FOV);
  camera.position.copy(eyesOf(pose));
  camera.lookAt(camera.position.clone().add(lookOf(pose)));
}

/** All of the grounds from a corner above, as large as the picture allows: to a part of its width. */
export function overview(camera: PerspectiveCamera, places: readonly Vec3[], part = 1): void {
  widen(camera, OVERVIEW_FOV);
  const way = new Vector3(...OVERVIEW_FROM).normalize();
  camera.position.copy(way);
  camera.lookAt(0, 0, 0);
  camera.updateMatrixWorld();
  const [right, up] = [new Vector3(), new Vector3()];
  camera.matrixWorld.extractBasis(right, up, new Vector3());
  const seen = places.map((at) => {
    const place = new Vector3(...at);
    return { x: place.dot(right), y: place.dot(up), near: place.dot(way) };
  });
  const tall = Math.tan((OVERVIEW_FOV / 2) * RADIANS);
  const wide = tall * camera.aspect * part;
  // As if from far away first: that is nearly so, and what perspective adds is in the margin.
  const [left, width] = extent(seen.map(({ x }) => x));
  const [bottom, height] = extent(seen.map(({ y }) => y));
  const [back, depth] = extent(seen.map(({ near }) => near));
  const away = Math.max(width / 2 / wide, height / 2 / tall) * MARGIN + depth / 2;
  // Where a part of the picture is taken by something else, the map stands in the rest of it.
  const aside = ((1 - part) / 2) * 2 * tall * camera.aspect * away;
  const middle = new Vector3()
    .addScaledVector(right, left + width / 2 + aside)
    .addScaledVector(up, bottom + height / 2)
    .addScaledVector(way, back + depth / 2);
  camera.position.copy(middle).addScaledVector(way, away);
  camera.lookAt(middle);
}

function extent(values: readonly number[]): [least: number, length: number] {
  const least = values.reduce((best, value) => Math.min(best, value), Infinity);
  return [least, values.reduce((best, value) => Math.max(best, value), -Infinity) - least];
}

/** Aside of straight behind, in degrees, where there is no room. */
const ASIDE = [0, 35, -35, 70, -70, 110, -110, 150, -150] as const;
const ROOM = 110;

type Follow = { walls: Object3D; elapsedMs: number; still: boolean };

/** Walks behind a bot, and goes aside or comes nearer where a wall would be between. */
export class Follower {
  private readonly ray = new Raycaster();
  private readonly focus = new Vector3();
  private side: number | null = null;

  show(camera: PerspectiveCamera, pose: Pose, { walls, elapsedMs, still }: Follow): void {
    widen(camera, PLAY_FOV);
    const eyes = eyesOf(pose);
    const goal = this.placeFor(eyes, pose, walls);
    const jumps = still || this.side !== pose.side || goal.distanceTo(camera.position) > 400;
    const part = jumps ? 1 : 1 - (1 - FOLLOWS) ** (elapsedMs / 100);
    camera.position.lerp(goal, part);
    this.focus.lerp(eyes.addScaledVector(lookOf({ yaw: pose.yaw, pitch: 0 }), 40), part);
    camera.lookAt(this.focus);
    this.side = pose.side;
  }

  /** The first place with room enough, else the one with the most. */
  private placeFor(eyes: Vector3, { yaw }: Pose, walls: Object3D): Vector3 {
    let best = { reach: 0, way: new Vector3(0, 0, 1) };
    for (const aside of ASIDE) {
      const look = lookOf({ yaw: yaw + 180 + aside, pitch: 0 });
      const way = look.multiplyScalar(BEHIND).add(new Vector3(0, 0, ABOVE));
      const wanted = way.length();
      this.ray.set(eyes, way.normalize());
      this.ray.far = wanted + WALL_GAP;
      const [wall] = this.ray.intersectObject(walls, false);
      const reach = Math.min(wanted, (wall?.distance ?? Infinity) - WALL_GAP);
      if (reach > best.reach) best = { reach, way };
      if (reach >= ROOM) break;
    }
    return eyes.clone().addScaledVector(best.way, best.reach);
  }

  /** The next picture is taken from its place at once. */
  reset(): void {
    this.side = null;
  }
}
