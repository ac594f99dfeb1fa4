import { TRAVEL, type Reach } from "../assets/graph.ts";
import { distance, flatDistance, type Vector } from "../assets/vector.ts";
import type { Routes } from "./routes.ts";

/** How a player stands at a moment. */
export type Stance = { origin: Vector; velocity: Vector; isGrounded: boolean; timeMs: number };

/** Where to walk, in degrees as the map counts them, and whether to leave the ground. */
export type Step = { yaw: number | null; jump: boolean; crouch: boolean; state: WalkState };

export const WALK_STATES = ["WALKING", "ARRIVED", "NO_WAY", "STUCK", "FALLING"] as const;
export type WalkState = (typeof WALK_STATES)[number];

const ARRIVED = 24;
/** A way is taken this near to where it begins. */
const START_DISTANCE = 28;
/** A jump is made only this near to its edge, and as late as the next moves allow. */
const JUMP_DISTANCE = 48;
const JUMP_DELAY_S = 0.08;
const JUMP_EDGE = 6;
/** A player that has come no farther than this in the time is stuck. */
const STUCK_DISTANCE = 40;
const STUCK_MS = 1_000;
/** Then it goes another way for so long. */
const FREEING_MS = 600;
const FALL_SPEED = -350;
/** A lift that has not come by then is not waited for. */
const LIFT_MS_MAX = 8_000;
/** Who lands this far below the end of a way has missed it, and tries another one for a while. */
const FELL = 40;
const CLOSED_MS = 20_000;
const DEGREES = 180 / Math.PI;

const yawTo = (from: Vector, to: Vector): number => Math.atan2(to[1] - from[1], to[0] - from[0]) * DEGREES;
const still = (state: WalkState): Step => ({ yaw: null, jump: false, crouch: false, state });

/** Leads one player over the ways of a map: it remembers on which it is, and notices when it comes no farther. */
export class Walker {
  private readonly routes: Routes;
  private way: { reach: Reach; number: number; sinceMs: number; left: boolean } | null = null;
  /** Ways that led down instead of on, and until when they are not taken again. */
  private readonly closed = new Map<number, number>();
  private last: { origin: Vector; timeMs: number } | null = null;
  private freeing: { yaw: number; untilMs: number } | null = null;
  private tries = 0;

  constructor(routes: Routes) {
    this.routes = routes;
  }

  /** The next step from here to a goal. */
  step(stance: Stance, goal: Vector): Step {
    const { origin, isGrounded, timeMs } = stance;
    if (this.last && (timeMs < this.last.timeMs || distance(origin, this.last.origin) > 400)) this.forget();
    if (flatDistance(origin, goal) < ARRIVED && Math.abs(origin[2] - goal[2]) < 56) return this.arrived();
    this.notice(stance, goal);
    if (this.freeing && timeMs < this.freeing.untilMs)
      return { yaw: this.freeing.yaw, jump: isGrounded, crouch: false, state: "STUCK" };
    if (!isGrounded) return this.fly(stance, goal);
    return this.walk(stance, goal);
  }

  /** Begins anew, as after a death or a leap through a gate. */
  forget(): void {
    this.way = null;
    this.last = null;
    this.freeing = null;
    this.tries = 0;
    this.closed.clear();
  }

  private arrived(): Step {
    this.forget();
    return still("ARRIVED");
  }

  /** In the air the way is the one on which the player left the ground. */
  private fly({ origin, velocity }: Stance, goal: Vector): Step {
    if (this.way) this.way.left = true;
    const target = this.way?.reach.end ?? goal;
    return {
      yaw: yawTo(origin, target),
      jump: false,
      crouch: false,
      state: velocity[2] < FALL_SPEED ? "FALLING" : "WALKING",
    };
  }

  private walk(stance: Stance, goal: Vector): Step {
    const { origin, timeMs } = stance;
    const { way } = this;
    if (way?.left === true && origin[2] < way.reach.end[2] - FELL) this.closed.set(way.number, timeMs + CLOSED_MS);
    const [area, target] = [this.routes.areaNear(origin), this.routes.areaNear(goal)];
    if (area === 0 || target === 0) return { ...still("NO_WAY"), yaw: yawTo(origin, goal) };
    if (area === target) return { yaw: yawTo(origin, goal), jump: false, crouch: false, state: "WALKING" };
    const open = this.routes.next(area, origin, target, (number) => (this.closed.get(number) ?? 0) > timeMs);
    // One that was missed before is still better than one that kills.
    const next = open && !open.kills ? open : this.routes.next(area, origin, target);
    if (!next) return still("NO_WAY");
    if (way?.number !== next.number || way.left)
      this.way = { reach: next.reach, number: next.number, sinceMs: timeMs, left: false };
    return takeWay(next.reach, stance);
  }

  /** Coming no farther for a while means being stuck, unless one waits for a lift or is nearly there. */
  private notice({ origin, timeMs }: Stance, goal: Vector): void {
    if (this.last === null) this.last = { origin, timeMs };
    const { last, way } = this;
    const waits = way?.reach.travel === TRAVEL.elevator && timeMs - way.sinceMs < LIFT_MS_MAX;
    if (distance(origin, last.origin) > STUCK_DISTANCE || waits) {
      this.last = { origin, timeMs };
      this.tries = 0;
      return;
    }
    const isFreeing = this.freeing !== null && timeMs < this.freeing.untilMs + STUCK_MS;
    if (timeMs - last.timeMs < STUCK_MS || isFreeing) return;
    // Each try turns farther away from the goal, to one side and to the other.
    const turn = 60 * (1 + Math.floor(this.tries / 2)) * (this.tries % 2 === 0 ? 1 : -1);
    this.freeing = { yaw: yawTo(origin, way?.reach.end ?? goal) + turn, untilMs: timeMs + FREEING_MS };
    this.last = { origin, timeMs };
    this.tries++;
  }
}

/** What a way asks of its player. */
function takeWay(reach: Reach, stance: Stance): Step {
  const { origin } = stance;
  const { start, end, travel } = reach;
  const toStart = flatDistance(origin, start);
  const towards = (target: Vector, jump = false, crouch = false): Step => ({
    yaw: yawTo(origin, target),
    jump,
    crouch,
    state: "WALKING",
  });
  switch (travel) {
    case TRAVEL.jump:
    case TRAVEL.barrierJump:
      if (isAtEdge(reach, stance)) return towards(end, true);
      return towards(toStart > JUMP_EDGE * 2 ? start : end);
    case TRAVEL.crouch:
      return towards(end, false, true);
    case TRAVEL.teleport:
    case TRAVEL.jumpPad:
      return towards(start);
    case TRAVEL.elevator:
      return rideLift(reach, origin);
    default:
      return toStart > START_DISTANCE ? towards(start) : towards(end);
  }
}

/** Whether the next moves pass the edge from which a jump must be made: earlier it falls short, later there is no ground. */
function isAtEdge({ start, end }: Reach, { origin, velocity }: Stance): boolean {
  const length = flatDistance(start, end) || 1;
  const [x, y] = [(end[0] - start[0]) / length, (end[1] - start[1]) / length];
  const ahead = (start[0] - origin[0]) * x + (start[1] - origin[1]) * y;
  const passed = Math.max(0, velocity[0] * x + velocity[1] * y) * JUMP_DELAY_S;
  return flatDistance(origin, start) < JUMP_DISTANCE && ahead <= JUMP_EDGE + passed;
}

/** On a lift one stands still until it is up; its bottom is where the way begins. */
function rideLift({ start, end }: Reach, origin: Vector): Step {
  const isUp = origin[2] > end[2] - 24;
  if (isUp) return { yaw: yawTo(origin, end), jump: false, crouch: false, state: "WALKING" };
  const near = flatDistance(origin, start) < ARRIVED;
  return { yaw: near ? null : yawTo(origin, start), jump: false, crouch: false, state: "WALKING" };
}
