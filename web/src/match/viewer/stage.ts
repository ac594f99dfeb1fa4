import {
  AmbientLight,
  Color,
  ColorManagement,
  DirectionalLight,
  LinearSRGBColorSpace,
  LineSegments,
  Mesh,
  Points,
  Scene as Space,
  Vector3,
  WebGLRenderer,
  Raycaster,
  type Object3D,
  type PerspectiveCamera,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { Follower, MODES, newCamera, overview, throughEyes } from "./cameras.ts";
import { Shots, Trail } from "./effects.ts";
import { Figure } from "./figure.ts";
import { floorsOf } from "./floors.ts";
import type { Pose } from "./frames.ts";
import { laneOf, type Inks } from "./inks.ts";
import { Hands } from "./hands.ts";
import { Dropped, Lying } from "./items.ts";
import type { MapFile, Vec3 } from "./map-file.ts";
import type { Inset, Label, Picture, Player, Rect, Scene } from "./picture.ts";
import { buildWorld, type World } from "./world.ts";

// The game's pictures and light are mixed as they are stored, and so are the site's inks.
ColorManagement.enabled = false;

const PIXELS_MAX = 2;
const LABEL_ABOVE = 54;
const STEP = 60;
/** So much above the floors is in the overview too. */
const WALLS = 130;
/** From far away figures are drawn larger than they are. */
const FAR_SCALE = 1.8;
const FAR_ITEMS = 2.2;
/** An item turns by one radian in so long. */
const TURN_MS = 900;

let hasDrawn = false;

/** Whether this browser can draw in three dimensions; it has few contexts to give, so that one is not asked for twice. */
export function hasWebGl(): boolean {
  hasDrawn ||= givesContext();
  return hasDrawn;
}

function givesContext(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

/** Draws a map and who plays on it, with WebGL. */
export async function openStage(
  canvas: HTMLCanvasElement,
  map: MapFile,
  players: readonly Player[],
  inks: Inks,
): Promise<Picture> {
  const world = await buildWorld(map);
  return new Stage(canvas, { map, world, players, inks });
}

type Parts = { map: MapFile; world: World; players: readonly Player[]; inks: Inks };

class Stage implements Picture {
  readonly modes = MODES;
  private readonly renderer: WebGLRenderer;
  private readonly space = new Space();
  private readonly camera = newCamera();
  private readonly eyes = newCamera();
  private readonly follower = new Follower();
  private readonly ray = new Raycaster();
  private readonly hands: Hands;
  private readonly controls: OrbitControls;
  private readonly figures: ReadonlyMap<number, Figure>;
  private readonly trails: ReadonlyMap<number, Trail>;
  private readonly items: readonly Lying[];
  private readonly dropped: Dropped;
  private readonly shots: Shots;
  private readonly parts: Parts;
  private readonly grounds: readonly Vec3[];
  private size = { width: 1, height: 1 };
  /** Where the picture itself is drawn: all, but for what the bot's own view takes of its height. */
  private area: Rect = { x: 0, y: 0, width: 1, height: 1 };
  private touched = true;
  private lastMode: Scene["mode"] | null = null;

  constructor(canvas: HTMLCanvasElement, parts: Parts) {
    const { map, world, players, inks } = parts;
    this.parts = parts;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: "high-performance" });
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, PIXELS_MAX));
    this.renderer.autoClear = false;
    this.grounds = floorsOf(map).flatMap((floor) =>
      floor.flatMap((at) => [at, [at[0], at[1], at[2] + WALLS] as const]),
    );
    this.figures = new Map(players.map(({ side, character }) => [side, new Figure(character, side, inks)]));
    this.trails = new Map(players.map(({ side }) => [side, new Trail(side, inks)]));
    this.shots = new Shots(inks);
    this.hands = new Hands(inks);
    this.items = map.items.map((item) => new Lying(item, inks));
    this.dropped = new Dropped(inks);
    this.space.add(world.mesh, world.rims, this.shots.root, this.hands.root, this.dropped.root, ...lights());
    this.space.add(...[...this.figures.values()].map(({ root }) => root));
    this.space.add(...[...this.trails.values()].map(({ points }) => points));
    this.space.add(...this.items.map(({ root }) => root));
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enabled = false;
    this.controls.zoomToCursor = true;
    this.controls.addEventListener("change", () => (this.touched = true));
  }

  resize(width: number, height: number): void {
    this.size = { width: Math.max(1, width), height: Math.max(1, height) };
    this.renderer.setSize(this.size.width, this.size.height, false);
    this.touched = true;
  }

  isTouched(): boolean {
    return this.touched;
  }

  show(scene: Scene): readonly Label[] {
    this.touched = false;
    const { moment, inset, mode, followed } = scene;
    const pose = moment.poses.find(({ side }) => side === followed) ?? moment.poses[0];
    this.area = areaBeside(inset, this.size);
    this.place(scene);
    this.aim(scene, pose);
    this.touched = false;
    this.draw(this.camera, this.area, mode === "EYES" ? pose : undefined, scene);
    if (inset && pose) {
      this.eyes.aspect = inset.width / inset.height;
      this.eyes.updateProjectionMatrix();
      throughEyes(this.eyes, pose);
      this.draw(this.eyes, inset, pose, scene);
    }
    return moment.poses.flatMap((each) =>
      mode === "EYES" && each.side === pose?.side ? [] : this.labelOf(each, mode),
    );
  }

  fly(aside: number, forwards: number, up: number): void {
    const look = this.camera.getWorldDirection(new Vector3());
    const right = new Vector3().crossVectors(look, this.camera.up).normalize();
    const step = new Vector3(0, 0, up * STEP)
      .addScaledVector(look, forwards * STEP)
      .addScaledVector(right, aside * STEP);
    this.camera.position.add(step);
    this.controls.target.add(step);
    this.touched = true;
  }

  /** Gives back what the graphics card keeps, and the canvas's context with it: on this canvas nobody draws again. */
  dispose(): void {
    this.controls.dispose();
    this.space.traverse(free);
    this.parts.world.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private place({ moment, before, trails, elapsedMs, still, leader }: Scene): void {
    const { inks, world } = this.parts;
    const ground = new Color(laneOf(inks, leader));
    this.renderer.setClearColor(ground);
    world.rims.material.color = ground;
    world.flow(still ? 0 : moment.atMs / 1_000);
    for (const [side, figure] of this.figures) {
      const pose = moment.poses.find((each) => each.side === side);
      figure.root.visible = pose !== undefined;
      if (pose) figure.show(pose, elapsedMs, still);
    }
    for (const [side, shown] of this.trails) shown.show(trails.find((each) => each.side === side)?.trail ?? []);
    this.shots.fly(moment.missiles, before);
    this.shots.beam(moment.poses, world.mesh);
    const taken = new Set(moment.taken);
    const turn = still ? 0 : moment.atMs / TURN_MS;
    for (const item of this.items) item.show(taken.has(item.id), turn);
    this.dropped.show(moment.drops, turn);
  }

  private aim({ mode, inset, elapsedMs, still }: Scene, pose: Pose | undefined): void {
    const { width, height } = this.area;
    const changed = mode !== this.lastMode;
    this.lastMode = mode;
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.controls.enabled = mode === "FREE";
    if (mode === "FREE") {
      if (changed) this.beginFree(pose);
      this.controls.update();
      return;
    }
    if (changed) this.follower.reset();
    if (mode === "OVERVIEW" || !pose) overview(this.camera, this.grounds, partBeside(inset, this.size));
    else if (mode === "EYES") throughEyes(this.camera, pose);
    else this.follower.show(this.camera, pose, { walls: this.parts.world.mesh, elapsedMs, still });
  }

  /** The free camera begins where the last one stood, and turns about who was followed. */
  private beginFree(pose: Pose | undefined): void {
    const far = lookAhead(this.camera);
    this.controls.target.copy(pose ? new Vector3(...pose.at) : far);
  }

  private draw(camera: PerspectiveCamera, area: Rect, eyes: Pose | undefined, { mode }: Scene): void {
    const { renderer, space, size } = this;
    const isMain = camera === this.camera;
    const isWide = isMain && (mode === "OVERVIEW" || mode === "FREE");
    const scale = isMain && mode === "OVERVIEW" ? FAR_SCALE : 1;
    for (const { root } of this.figures.values()) root.scale.setScalar(scale);
    for (const item of [...this.items, ...this.dropped.all])
      item.size(scale === 1 ? 1 : FAR_ITEMS, isMain && mode !== "EYES");
    this.hands.show(camera, eyes);
    const figure = eyes && this.figures.get(eyes.side);
    if (figure) figure.root.visible = false;
    this.parts.world.rims.visible = isWide;
    for (const { points } of this.trails.values()) points.visible = isMain && mode !== "EYES";
    const below = size.height - area.y - area.height;
    renderer.setViewport(area.x, below, area.width, area.height);
    renderer.setScissor(area.x, below, area.width, area.height);
    renderer.setScissorTest(true);
    renderer.clear();
    renderer.render(space, camera);
    if (figure) figure.root.visible = true;
  }

  private labelOf({ side, at, alive }: Pose, mode: Scene["mode"]): Label[] {
    const scale = mode === "OVERVIEW" ? FAR_SCALE : 1;
    const top = new Vector3(at[0], at[1], at[2] + (alive ? LABEL_ABOVE : 0) * scale);
    const { x, y, z } = top.clone().project(this.camera);
    if (z > 1 || Math.abs(x) > 1.05 || Math.abs(y) > 1.05) return [];
    // From far away all names are shown; from near, names of those behind a wall would tell too much.
    if (mode !== "OVERVIEW" && this.isHidden(new Vector3(...at))) return [];
    const { width, height } = this.area;
    return [{ side, x: ((x + 1) / 2) * width, y: ((1 - y) / 2) * height }];
  }

  private isHidden(at: Vector3): boolean {
    const way = at.clone().sub(this.camera.position);
    this.ray.far = way.length();
    this.ray.set(this.camera.position, way.normalize());
    return this.ray.intersectObject(this.parts.world.mesh, false).length > 0;
  }
}

function free(each: Object3D): void {
  if (!(each instanceof Mesh || each instanceof LineSegments || each instanceof Points)) return;
  const { geometry, material } = each as Mesh;
  geometry.dispose();
  for (const own of [material].flat()) own.dispose();
}

const FAR_AHEAD = 600;
const lookAhead = (camera: PerspectiveCamera) =>
  camera.position.clone().addScaledVector(camera.getWorldDirection(new Vector3()), FAR_AHEAD);

const isBelow = ({ width: own }: Rect, width: number) => own > width / 2;

function areaBeside(inset: Inset | null, { width, height }: { width: number; height: number }): Rect {
  const below = inset !== null && isBelow(inset, width);
  return { x: 0, y: 0, width, height: below ? Math.max(1, inset.top) : height };
}

/** How much of the picture's width is free where the bot's own view takes a corner, but not the whole width. */
function partBeside(inset: Rect | null, { width }: { width: number }): number {
  return inset && !isBelow(inset, width) ? 1 - (inset.width / width) * 0.5 : 1;
}

function lights() {
  const sun = new DirectionalLight(0xffffff, 1.5);
  sun.position.set(-0.5, -0.8, 1.4);
  return [sun, new AmbientLight(0xffffff, 2.2)];
}
