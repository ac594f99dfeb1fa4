import { Group, MeshBasicMaterial, MeshLambertMaterial, Vector3, type PerspectiveCamera } from "three";
import { buildArm } from "./arms.ts";
import type { Pose } from "./frames.ts";
import { laneOf, type Inks } from "./inks.ts";

const SCALE = 0.55;
const FORWARDS = 15;
const ASIDE = 6.5;
const BELOW = 7.5;
const KICK = 1.6;

/** The weapon as its own bot sees it: at the lower right of what it looks at. */
export class Hands {
  readonly root = new Group();
  private readonly inks: Inks;
  private readonly arms = new Map<string, Group>();

  constructor(inks: Inks) {
    this.inks = inks;
    this.root.scale.setScalar(SCALE);
  }

  /** Puts it before a camera; nothing for a camera that is nobody's eyes, or those of a dead bot. */
  show(camera: PerspectiveCamera, pose: Pose | undefined): void {
    this.root.visible = pose?.alive === true;
    if (!pose?.alive) return;
    this.hold(pose);
    camera.updateMatrixWorld();
    const [right, up, back] = [new Vector3(), new Vector3(), new Vector3()];
    camera.matrixWorld.extractBasis(right, up, back);
    this.root.position
      .copy(camera.position)
      .addScaledVector(back, -FORWARDS + (pose.firing ? KICK : 0))
      .addScaledVector(right, ASIDE)
      .addScaledVector(up, -BELOW);
    this.root.quaternion.copy(camera.quaternion);
  }

  private hold({ side, weapon }: Pose): void {
    const key = `${side} ${weapon}`;
    if (!this.arms.has(key)) {
      const lane = new MeshLambertMaterial({ color: laneOf(this.inks, side), flatShading: true });
      const dark = new MeshLambertMaterial({ color: this.inks.overprint, flatShading: true, emissive: "#2a232c" });
      const arm = buildArm(weapon, dark, weapon === 1 ? new MeshBasicMaterial({ color: this.inks.paper }) : lane);
      // A camera looks along its own -z; a weapon points along x.
      arm.rotation.y = Math.PI / 2;
      const turned = new Group();
      turned.add(arm);
      this.arms.set(key, turned);
      this.root.add(turned);
    }
    for (const [held, arm] of this.arms) arm.visible = held === key;
  }
}
