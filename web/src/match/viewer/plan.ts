import { floorsOf, groundsOf, heightOf, rimsOf, type Floor, type Rim } from "./floors.ts";
import type { Pose } from "./frames.ts";
import { goodOf, laneOf, useOf, type Inks } from "./inks.ts";
import type { Item, MapFile, Vec3 } from "./map-file.ts";
import type { Label, Picture, Scene } from "./picture.ts";

const MARGIN = 0.07;
const RADIUS = 11;
const LABEL_ABOVE = 16;
const ITEM_RADIUS = 4;
const RADIANS = Math.PI / 180;
/** The lowest floor is as dark as overprint, the highest so much nearer to paper. */
const HIGHEST = 0.36;

/** Draws a map from above with who plays on it, where there is no WebGL: overprint with incised lines, higher floors lighter. */
export function openPlan(canvas: HTMLCanvasElement, map: MapFile, inks: Inks): Picture {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("a canvas without any way to draw on it");
  return new Plan(canvas, context, map, inks);
}

class Plan implements Picture {
  readonly modes = ["OVERVIEW"] as const;
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly inks: Inks;
  private readonly items: readonly Item[];
  private readonly floors: readonly Floor[];
  private readonly rims: readonly Rim[];
  private readonly grounds: { minimum: Vec3; maximum: Vec3 };
  private ground: { leader: number; image: OffscreenCanvas } | null = null;
  private size = { width: 1, height: 1 };
  private touched = true;

  constructor(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, map: MapFile, inks: Inks) {
    [this.canvas, this.context, this.inks] = [canvas, context, inks];
    this.items = map.items;
    this.floors = floorsOf(map);
    this.rims = rimsOf(this.floors);
    this.grounds = groundsOf(this.floors);
  }

  resize(width: number, height: number): void {
    this.size = { width: Math.max(1, width), height: Math.max(1, height) };
    this.canvas.width = this.size.width * devicePixelRatio;
    this.canvas.height = this.size.height * devicePixelRatio;
    this.ground = null;
    this.touched = true;
  }

  isTouched(): boolean {
    return this.touched;
  }

  fly(): void {}
  dispose(): void {}

  show({ moment, trails, leader, followed }: Scene): readonly Label[] {
    this.touched = false;
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.groundFor(leader), 0, 0);
    context.scale(devicePixelRatio, devicePixelRatio);
    for (const item of this.items) this.drawItem(item, moment.taken.includes(item.id));
    for (const { name, at } of moment.drops) this.drawItem({ use: useOf(name), origin: at }, false);
    for (const { side, trail } of trails) this.drawTrail(side, trail);
    context.fillStyle = this.inks.paper;
    for (const { at } of moment.missiles) this.dot(at, 3);
    for (const pose of moment.poses) this.drawBot(pose, pose.side === followed);
    return moment.poses.map(({ side, at }) => {
      const [x, y] = this.placeOf(at);
      return { side, x, y: y - LABEL_ABOVE };
    });
  }

  /** North is up; the map is as large as the canvas allows. */
  private placeOf([x, y]: Vec3): [number, number] {
    const { minimum, maximum } = this.grounds;
    const { width, height } = this.size;
    const [across, along] = [maximum[0] - minimum[0], maximum[1] - minimum[1]];
    const scale = Math.min((width * (1 - 2 * MARGIN)) / across, (height * (1 - 2 * MARGIN)) / along);
    return [
      width / 2 + (x - (minimum[0] + maximum[0]) / 2) * scale,
      height / 2 - (y - (minimum[1] + maximum[1]) / 2) * scale,
    ];
  }

  private groundFor(leader: number): OffscreenCanvas {
    if (this.ground?.leader === leader) return this.ground.image;
    const image = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    const context = image.getContext("2d");
    if (context) this.drawGround(context, laneOf(this.inks, leader));
    this.ground = { leader, image };
    return image;
  }

  private drawGround(context: OffscreenCanvasRenderingContext2D, ink: string): void {
    context.scale(devicePixelRatio, devicePixelRatio);
    context.fillStyle = ink;
    context.fillRect(0, 0, this.size.width, this.size.height);
    const [low, high] = [this.grounds.minimum[2], this.grounds.maximum[2]];
    for (const floor of this.floors) {
      const share = ((heightOf(floor) - low) / Math.max(1, high - low)) * HIGHEST * 100;
      context.fillStyle = `color-mix(in srgb, ${this.inks.paper} ${share.toFixed(1)}%, ${this.inks.overprint})`;
      context.strokeStyle = context.fillStyle;
      context.beginPath();
      for (const at of floor) context.lineTo(...this.placeOf(at));
      context.closePath();
      context.fill();
      // Neighbours share an edge: without this the ground would shine through it.
      context.stroke();
    }
    context.strokeStyle = ink;
    context.lineWidth = 1;
    context.globalAlpha = 0.7;
    context.beginPath();
    for (const [from, to] of this.rims) {
      context.moveTo(...this.placeOf(from));
      context.lineTo(...this.placeOf(to));
    }
    context.stroke();
  }

  private dot(at: Vec3, radius: number): void {
    this.context.beginPath();
    this.context.arc(...this.placeOf(at), radius, 0, 2 * Math.PI);
    this.context.fill();
  }

  /** A dot in the ink of its kind; what is taken is hollow. */
  private drawItem({ use, origin }: Pick<Item, "use" | "origin">, taken: boolean): void {
    const { context, inks } = this;
    const ink = inks.items[goodOf(use)];
    context.beginPath();
    context.arc(...this.placeOf(origin), ITEM_RADIUS, 0, 2 * Math.PI);
    context.lineWidth = 1.5;
    context.strokeStyle = taken ? ink : inks.overprint;
    context.fillStyle = ink;
    if (!taken) context.fill();
    context.stroke();
  }

  private drawTrail(side: number, trail: readonly Vec3[]): void {
    this.context.fillStyle = laneOf(this.inks, side);
    for (const at of trail) this.dot(at, 1.6);
  }

  /** A disc with its number, and a wedge where it looks; the dead are hollow. */
  private drawBot({ side, at, yaw, alive }: Pose, followed: boolean): void {
    const { context, inks } = this;
    const [x, y] = this.placeOf(at);
    const lane = laneOf(inks, side);
    context.fillStyle = lane;
    context.strokeStyle = followed ? inks.paper : inks.overprint;
    context.lineWidth = 3;
    if (alive) {
      context.beginPath();
      for (const way of [-0.5, 0, 0.5]) {
        const reach = way === 0 ? RADIUS * 2.1 : RADIUS * 1.05;
        context.lineTo(x + Math.cos(-yaw * RADIANS + way) * reach, y + Math.sin(-yaw * RADIANS + way) * reach);
      }
      context.closePath();
      context.stroke();
      context.fill();
    }
    context.beginPath();
    context.arc(x, y, RADIUS, 0, 2 * Math.PI);
    if (alive) {
      context.stroke();
      context.fill();
    } else {
      context.strokeStyle = lane;
      context.stroke();
    }
    context.fillStyle = alive ? inks.overprint : lane;
    context.font = `700 12px ${getComputedStyle(this.canvas).getPropertyValue("--font-num")}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(side + 1), x, y + 0.5);
  }
}
