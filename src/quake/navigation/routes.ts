import TinyQueue from "tinyqueue";
import { HELD, TRAVEL, type Graph, type Reach } from "../assets/graph.ts";
import { distance, type Vector } from "../assets/vector.ts";

/** How a bot may travel; rocket jumps, ladders, water and hooks are left out. */
const TRAVELLED: readonly number[] = [
  TRAVEL.walk,
  TRAVEL.crouch,
  TRAVEL.barrierJump,
  TRAVEL.jump,
  TRAVEL.walkOffLedge,
  TRAVEL.teleport,
  TRAVEL.elevator,
  TRAVEL.jumpPad,
];

/** A player runs 320 units a second. */
const MS_PER_UNIT = 1_000 / 320;
const GOALS_KEPT = 128;
const DEADLY = HELD.lava | HELD.slime | HELD.doNotEnter;
/** Longer than any way on a map: one that kills is taken only where no other leads. */
const LAST_RESORT_MS = 600_000;
/** How far around a point without an area one is looked for. */
const NEARBY: readonly Vector[] = [0, 12, 24, 48, -24, -48]
  .flatMap((z) =>
    [0, 16, -16, 40, -40, 80, -80].flatMap((x) => [0, 16, -16, 40, -40, 80, -80].map((y): Vector => [x, y, z])),
  )
  .toSorted((a, b) => Math.hypot(...a) - Math.hypot(...b));

/** How far everything is from one goal, in game milliseconds by the number of each way from its start on; ways that kill count longer. */
type Costs = Float64Array;

export type Place = { point: Vector; area: number };

/** A way that is the best, and whether it or one behind it kills. */
export type NextWay = { reach: Reach; number: number; takesMs: number; kills: boolean };

/**
 * The shortest ways to goals on a map, through nothing that kills unless nothing else leads there. What was found for a goal
 * is kept, for a bounded number of goals.
 */
export class Routes {
  readonly graph: Graph;
  private readonly costs = new Map<number, Costs>();
  private readonly allowed: readonly boolean[];
  /** The ways that lead into what kills. */
  private readonly deadly: readonly boolean[];
  /** The areas that one can leave. */
  private readonly open: readonly boolean[];

  /** The ways' own file knows most of what kills; `kills` knows what it does not, by where a player's middle is. */
  constructor(graph: Graph, kills = (_origin: Vector) => false) {
    this.graph = graph;
    this.allowed = graph.reaches.map(({ from, travel }) => from !== 0 && TRAVELLED.includes(travel));
    this.deadly = graph.reaches.map(({ to, end }) => (graph.held(to) & DEADLY) !== 0 || kills(end));
    this.open = Array.from({ length: graph.areas }, (_none, area) =>
      graph.from(area).some((number) => this.allowed[number] === true),
    );
  }

  /** The area at a point, or the nearest around it that leads somewhere; 0 when there is none. */
  areaNear(point: Vector): number {
    for (const off of NEARBY) {
      const area = this.graph.areaAt([point[0] + off[0], point[1] + off[1], point[2] + off[2]]);
      if (this.leadsSomewhere(area)) return area;
    }
    return 0;
  }

  /** The best way out of an area towards a goal; null when one is there, or nothing leads there. */
  next(area: number, from: Vector, goal: number, isClosed = (_way: number) => false): NextWay | null {
    if (area === goal || area === 0 || goal === 0) return null;
    const costs = this.costsTo(goal);
    let best: { reach: Reach; number: number; cost: number } | null = null;
    for (const number of this.graph.from(area)) {
      const reach = this.graph.reaches[number];
      if (!reach || this.allowed[number] !== true || isClosed(number)) continue;
      const cost = distance(from, reach.start) * MS_PER_UNIT + (costs[number] ?? Infinity);
      if (cost < (best?.cost ?? Infinity)) best = { reach, number, cost };
    }
    if (!best) return null;
    const { reach, number, cost } = best;
    return { reach, number, takesMs: cost % LAST_RESORT_MS, kills: cost >= LAST_RESORT_MS };
  }

  /** A point with the area that it counts for, so that it is looked for once. */
  place(point: Vector): Place {
    return { point, area: this.areaNear(point) };
  }

  /** Game milliseconds from a place to another on foot; null when no way is known that one survives. */
  takesMs(from: Place, to: Place): number | null {
    if (from.area === 0 || to.area === 0) return null;
    if (from.area === to.area) return distance(from.point, to.point) * MS_PER_UNIT;
    const next = this.next(from.area, from.point, to.area);
    return next && !next.kills ? next.takesMs : null;
  }

  private leadsSomewhere(area: number): boolean {
    return area !== 0 && this.open[area] === true;
  }

  private costsTo(goal: number): Costs {
    const known = this.costs.get(goal);
    if (known) return known;
    if (this.costs.size >= GOALS_KEPT) this.costs.delete(this.costs.keys().next().value ?? 0);
    const costs = this.reckon(goal);
    this.costs.set(goal, costs);
    return costs;
  }

  /** Dijkstra's algorithm against the direction of travel; its nodes are the ways, because a way has a length and an area has not. */
  private reckon(goal: number): Costs {
    const { reaches } = this.graph;
    const costs = new Float64Array(reaches.length).fill(Infinity);
    const open = new TinyQueue<{ number: number; cost: number }>([], (a, b) => a.cost - b.cost);
    const offer = (number: number, takesMs: number) => {
      const cost = takesMs + (this.deadly[number] === true ? LAST_RESORT_MS : 0);
      if (this.allowed[number] !== true || cost >= (costs[number] ?? 0)) return;
      costs[number] = cost;
      open.push({ number, cost });
    };
    const middle = this.graph.centre(goal);
    for (const number of this.graph.into(goal)) {
      const way = reaches[number];
      if (way) offer(number, way.takesMs + distance(way.end, middle) * MS_PER_UNIT);
    }
    for (let nearest = open.pop(); nearest; nearest = open.pop()) {
      const { number, cost } = nearest;
      const reach = reaches[number];
      if (!reach || cost > (costs[number] ?? 0)) continue;
      for (const before of this.graph.into(reach.from)) {
        const way = reaches[before];
        if (way) offer(before, cost + way.takesMs + distance(way.end, reach.start) * MS_PER_UNIT);
      }
    }
    return costs;
  }
}
