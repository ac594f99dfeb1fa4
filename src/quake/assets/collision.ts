import { CONTENTS, type Bsp } from "./bsp.ts";
import type { Vector } from "./vector.ts";

/** A box around a moving point. */
export type Box = { minimum: Vector; maximum: Vector };

export const POINT: Box = { minimum: [0, 0, 0], maximum: [0, 0, 0] };
/** What a player fills while it stands, around its origin. */
export const PLAYER_BOX: Box = { minimum: [-15, -15, -24], maximum: [15, 15, 32] };
export const ITEM_BOX: Box = { minimum: [-15, -15, -15], maximum: [15, 15, 15] };

/** What stops a player, and what stops a glance or a shot. */
export const STOPS_PLAYER = CONTENTS.solid | CONTENTS.playerClip;
export const STOPS_SIGHT = CONTENTS.solid;

export type Trace = {
  /** How much of the way was free, 0 to 1. */
  share: number;
  end: Vector;
  /** The direction of the surface that was hit; null when nothing was. */
  normal: Vector | null;
  /** Whether the way began inside of something. */
  startsInside: boolean;
};

export type Way = { from: Vector; to: Vector; box?: Box; mask: number };

/** Traces end this far before a surface, so that the next one does not begin in it. */
const GAP = 0.125;
/** A way is cut at the planes of the tree with so much to spare: a gap before a slanting surface begins that much earlier. */
const MARGIN = 1;

/** What is solid on a map. Doors, lifts and curved surfaces are not part of it. */
export class Collision {
  private readonly bsp: Bsp;
  /** The trace that last looked at a brush: many leafs hold the same one. */
  private readonly seen: Uint32Array;
  private traces = 0;

  constructor(bsp: Bsp) {
    this.bsp = bsp;
    this.seen = new Uint32Array(bsp.brushes.contents.length);
  }

  /** Moves a box along a straight line until it meets what the mask names. */
  trace({ from, to, box = POINT, mask }: Way): Trace {
    this.traces++;
    const sweep = new Sweep(this.bsp, { from, to, box, mask }, (brush) => this.isNew(brush));
    sweep.visit(0, 0, 1);
    return sweep.result();
  }

  private isNew(brush: number): boolean {
    if (this.seen[brush] === this.traces) return false;
    this.seen[brush] = this.traces;
    return true;
  }

  /** Whether nothing solid is between two points. */
  sees(from: Vector, to: Vector): boolean {
    const [here, there] = [this.clusterAt(from), this.clusterAt(to)];
    return this.mayView(here, there) && this.trace({ from, to, mask: STOPS_SIGHT }).share === 1;
  }

  /** Bits of what is at a point. */
  contentsAt(point: Vector): number {
    const { leafs, leafBrushes, brushes } = this.bsp;
    const leaf = this.leafAt(point);
    const first = leafs.firstBrush[leaf] ?? 0;
    let contents = 0;
    for (let at = first; at < first + (leafs.brushes[leaf] ?? 0); at++) {
      const brush = leafBrushes[at] ?? 0;
      if (this.holds(brush, point)) contents |= brushes.contents[brush] ?? 0;
    }
    return contents;
  }

  /** The part of the map that a point is in, as sight is reckoned by; -1 is outside of it. */
  clusterAt(point: Vector): number {
    return this.bsp.leafs.cluster[this.leafAt(point)] ?? -1;
  }

  /** Whether something of one cluster may be in view from another, by the map's own table. */
  mayView(from: number, to: number): boolean {
    const { clusters, rowBytes, bits } = this.bsp.visible;
    if (clusters === 0) return true;
    if (from < 0 || to < 0 || from >= clusters || to >= clusters) return false;
    return ((bits[from * rowBytes + (to >> 3)] ?? 0) & (1 << (to & 7))) !== 0;
  }

  private leafAt(point: Vector): number {
    const { nodes } = this.bsp;
    let node = 0;
    while (node >= 0)
      node = (above(this.bsp, nodes.plane[node] ?? 0, point) >= 0 ? nodes.front[node] : nodes.back[node]) ?? -1;
    return -1 - node;
  }

  private holds(brush: number, point: Vector): boolean {
    const { brushes, sidePlanes } = this.bsp;
    const first = brushes.firstSide[brush] ?? 0;
    for (let side = first; side < first + (brushes.sides[brush] ?? 0); side++)
      if (above(this.bsp, sidePlanes[side] ?? 0, point) > 0) return false;
    return true;
  }
}

/** How far a point is in front of a plane. */
function above({ planes }: Bsp, plane: number, point: Vector): number {
  const { normal, distance } = planes;
  const at = plane * 3;
  return (
    point[0] * (normal[at] ?? 0) +
    point[1] * (normal[at + 1] ?? 0) +
    point[2] * (normal[at + 2] ?? 0) -
    (distance[plane] ?? 0)
  );
}

/** How far a box reaches towards or against a plane's normal: the corner that counts. */
function corner({ planes }: Bsp, plane: number, { minimum, maximum }: Box): number {
  const at = plane * 3;
  const x = planes.normal[at] ?? 0;
  const y = planes.normal[at + 1] ?? 0;
  const z = planes.normal[at + 2] ?? 0;
  return (
    x * (x > 0 ? minimum[0] : maximum[0]) +
    y * (y > 0 ? minimum[1] : maximum[1]) +
    z * (z > 0 ? minimum[2] : maximum[2])
  );
}

/** The part of a way that is in a brush, as shares of it, and the plane by which it enters. */
type Inside = { enter: number; leave: number; through: number; startsOut: boolean };

class Sweep {
  private readonly bsp: Bsp;
  private readonly from: Vector;
  private readonly to: Vector;
  private readonly box: Box;
  private readonly mask: number;
  private readonly isNew: (brush: number) => boolean;
  private readonly isPoint: boolean;
  private share = 1;
  private plane = -1;
  private startsInside = false;

  constructor(bsp: Bsp, { from, to, box, mask }: Required<Way>, isNew: (brush: number) => boolean) {
    this.bsp = bsp;
    this.from = from;
    this.to = to;
    this.box = box;
    this.mask = mask;
    this.isNew = isNew;
    this.isPoint = box === POINT;
  }

  /**
   * Looks below a node of the tree at every leaf that the box may touch between two shares of the way, on the nearer side
   * first; what is behind something that was met is left out.
   */
  visit(node: number, first: number, last: number): void {
    if (first > last || first > this.share) return;
    if (node < 0) return this.look(-1 - node);
    const { nodes } = this.bsp;
    const plane = nodes.plane[node] ?? 0;
    const [front, back] = [nodes.front[node] ?? 0, nodes.back[node] ?? 0];
    const start = above(this.bsp, plane, this.from);
    const end = above(this.bsp, plane, this.to);
    const reach = this.isPoint ? 0 : this.reach(plane);
    if (Math.min(start, end) >= reach) return this.visit(front, first, last);
    if (Math.max(start, end) < -reach) return this.visit(back, first, last);
    // Where the way is within reach of both sides; neither end is for sure, where it runs along the plane.
    const fall = start - end;
    const near = Math.abs(fall) < 1 ? 0 : (start - Math.sign(fall) * (reach + MARGIN)) / fall;
    const far = Math.abs(fall) < 1 ? 1 : (start + Math.sign(fall) * (reach + MARGIN)) / fall;
    this.visit(fall >= 0 ? front : back, first, Math.min(last, far));
    this.visit(fall >= 0 ? back : front, Math.max(first, near), last);
  }

  private look(leaf: number): void {
    const { leafs, leafBrushes, brushes } = this.bsp;
    const first = leafs.firstBrush[leaf] ?? 0;
    for (let at = first; at < first + (leafs.brushes[leaf] ?? 0); at++) {
      const brush = leafBrushes[at] ?? 0;
      if (((brushes.contents[brush] ?? 0) & this.mask) !== 0 && this.isNew(brush)) this.clip(brush);
    }
  }

  /** Shortens the way to where it enters a brush; each side's plane is moved out by the box's corner. */
  private clip(brush: number): void {
    const { brushes, sidePlanes } = this.bsp;
    const first = brushes.firstSide[brush] ?? 0;
    const count = brushes.sides[brush] ?? 0;
    const inside: Inside = { enter: -1, leave: 1, through: -1, startsOut: false };
    for (let side = first; side < first + count; side++) if (!this.cut(inside, sidePlanes[side] ?? 0)) return;
    if (count === 0) return;
    if (!inside.startsOut) {
      this.startsInside = true;
      this.share = 0;
    } else if (inside.enter < inside.leave && inside.enter > -1 && inside.enter < this.share)
      [this.share, this.plane] = [inside.enter, inside.through];
  }

  /** Cuts the part of the way that is behind a plane; false when none of it is. */
  private cut(inside: Inside, plane: number): boolean {
    const out = this.isPoint ? 0 : corner(this.bsp, plane, this.box);
    const start = above(this.bsp, plane, this.from) + out;
    const end = above(this.bsp, plane, this.to) + out;
    if (start > 0) inside.startsOut = true;
    if (start > 0 && (end >= GAP || end >= start)) return false;
    if (start <= 0 && end <= 0) return true;
    if (start > end) {
      const share = Math.max(0, (start - GAP) / (start - end));
      if (share > inside.enter) [inside.enter, inside.through] = [share, plane];
    } else inside.leave = Math.min(inside.leave, 1, (start + GAP) / (start - end));
    return true;
  }

  result(): Trace {
    const { share, from, to, plane, startsInside } = this;
    const along = (axis: 0 | 1 | 2) => from[axis] + (to[axis] - from[axis]) * share;
    const { normal } = this.bsp.planes;
    const hit = plane < 0 ? null : ([0, 1, 2] as const).map((axis) => normal[plane * 3 + axis] ?? 0);
    return { share, end: [along(0), along(1), along(2)], normal: hit as Vector | null, startsInside };
  }

  private reach(plane: number): number {
    const { normal } = this.bsp.planes;
    const { minimum, maximum } = this.box;
    const at = plane * 3;
    return (
      GAP +
      Math.abs(normal[at] ?? 0) * Math.max(-minimum[0], maximum[0]) +
      Math.abs(normal[at + 1] ?? 0) * Math.max(-minimum[1], maximum[1]) +
      Math.abs(normal[at + 2] ?? 0) * Math.max(-minimum[2], maximum[2])
    );
  }
}
