import { BURNS, type Hazard } from "../assets/hazards.ts";
import { PLAYER_BOX, STOPS_PLAYER, type Box, type Collision } from "../assets/collision.ts";
import { add, type Vector } from "../assets/vector.ts";

/** How a player moves at a moment. */
export type Motion = {
  origin: Vector;
  velocity: Vector;
  isGrounded: boolean;
  /** For so long after a hit it slides: the ground neither brakes nor steers it. */
  slides_s?: number;
  /** It has not let go of jump since it last jumped, and does not jump again before it has. */
  holdsJump?: boolean;
};

/** Where a player wants to go: degrees as the map counts them, null to stand; how fast, 0 to 1; and whether to jump. */
export type Wish = { yaw: number | null; length: number; jump: boolean };

/** The game's own numbers of how players move, in units and seconds. */
const SPEED = 320;
const GRAVITY = 800;
const JUMP_SPEED = 270;
const FRICTION = 6;
const STOP_SPEED = 100;
const GROUND_ACCELERATION = 10;
const AIR_ACCELERATION = 1;
const STEP = 18;
/** Ground that is steeper than this part of upright does not carry, nor does what is farther below than this. */
const CARRIES = 0.7;
const CARRIES_FROM = 0.25;

const FRAME_S = 0.05;
/** A wish goes on until a later one arrives at the server: that is three views at worst. */
const HELD_S = 0.15;
/** And what was wished before goes on until then. */
const LATE_S = 0.05;
/** Who falls for longer falls out of the map. */
const FALL_S_MAX = 4;
/** As slow as this one stands. */
const STANDS = 20;
/** What is farther away than this cannot be reached by one step or jump. */
const NEAR = 640;
/** To do nothing. */
export const STAND: Wish = { yaw: null, length: 0, jump: false };
const FEET: Vector = [0, 0, PLAYER_BOX.minimum[2] + 1];
/** Other ways to turn, in degrees, the nearest first; to stand is better than to turn farther, and dance at the edge. */
const TURNS = [45, -45] as const;
const TURNS_BACK = [90, -90, 135, -135, 180] as const;
/** Who stands on less of itself than this stands at a brink: a push, or a moment too long, and it falls. */
const FIRM: Box = { minimum: [-7, -7, PLAYER_BOX.minimum[2]], maximum: [7, 7, PLAYER_BOX.maximum[2]] };
const RADIANS = Math.PI / 180;

/** Knows where on a map a step leads to death: it moves a player on paper as the game would. */
export class Footing {
  private readonly collision: Collision;
  private readonly hazards: readonly Hazard[];

  constructor(collision: Collision, hazards: readonly Hazard[]) {
    this.collision = collision;
    this.hazards = hazards;
  }

  /** The wish, or what is nearest to it and does not end in a deadly fall; where everything does, back. `doing` is the wish before. */
  guard(motion: Motion, wish: Wish, doing = STAND): Wish {
    if (!this.isNear(motion.origin)) return wish;
    // Who presses jump in the air jumps as it lands, from where nobody can tell yet.
    const now = motion.isGrounded || !wish.jump ? wish : { ...wish, jump: false };
    if (!this.isDeadly(motion, now, doing)) return now;
    return insteadOf(now).find((other) => !this.isDeadly(motion, other, doing)) ?? backFrom(motion);
  }

  /** Whether who does as wished for a moment, now or a little late, and then brakes, dies of where that led, or ends at its brink. */
  isDeadly(motion: Motion, wish: Wish, doing = STAND): boolean {
    if (this.ends(motion, wish)) return true;
    const late = this.carriedOn(motion, doing);
    return late === null || this.ends(late, wish);
  }

  /** Where the wish before leads until another one counts; null when that kills. */
  private carriedOn(motion: Motion, doing: Wish): Motion | null {
    let now = leapt(motion, doing);
    for (let time = 0; time < LATE_S; time += FRAME_S) {
      now = this.moved(now, doing);
      if (this.kills(now.origin)) return null;
    }
    return now;
  }

  private ends(motion: Motion, wish: Wish): boolean {
    let now = leapt(motion, wish);
    // Who begins in the air steers until the landing; who begins on the ground has changed its mind after a moment.
    let steers = !now.isGrounded;
    for (let time = 0; time < FALL_S_MAX; time += FRAME_S) {
      const isHeld = steers || time < HELD_S;
      const before = now;
      now = this.moved(before, isHeld ? wish : null);
      if (this.kills(now.origin)) return true;
      // Who runs over a corner, or lands right at an edge, lives only if every move comes in time.
      if (now.isGrounded !== before.isGrounded && !this.isFirm(now.origin)) return true;
      if (now.isGrounded) steers = false;
      if (now.isGrounded && time >= HELD_S && Math.hypot(now.velocity[0], now.velocity[1]) < STANDS)
        return !this.isFirm(now.origin);
    }
    return !now.isGrounded;
  }

  /** Whether who stands there stands well, or would fall to where it lives. */
  private isFirm(origin: Vector): boolean {
    if (this.carries(origin, FIRM)) return true;
    let place = origin;
    for (let speed = 0, time = 0; time < FALL_S_MAX; time += FRAME_S) {
      speed += GRAVITY * FRAME_S;
      const { end, normal } = this.trace(place, add(place, [0, 0, -speed * FRAME_S]), FIRM);
      if (this.kills(end)) return false;
      if (normal) return normal[2] >= CARRIES;
      place = end;
    }
    return false;
  }

  private isNear([x, y, z]: Vector): boolean {
    return this.hazards.some(
      ({ box: { minimum, maximum } }) =>
        x > minimum[0] - NEAR &&
        x < maximum[0] + NEAR &&
        y > minimum[1] - NEAR &&
        y < maximum[1] + NEAR &&
        z > minimum[2] - NEAR,
    );
  }

  /** Whether who is at a point stands in what burns, or touches what hurts. */
  kills(origin: Vector): boolean {
    const burns = () => (this.collision.contentsAt(add(origin, FEET)) & BURNS) !== 0;
    return this.hazards.some((hazard) => touches(origin, hazard.box) && (!hazard.burns || burns()));
  }

  private moved({ origin, velocity, isGrounded, slides_s = 0 }: Motion, wish: Wish | null): Motion {
    const rest = Math.max(0, slides_s - FRAME_S);
    if (!isGrounded) {
      const steered = wish ? accelerated(velocity, wish, AIR_ACCELERATION) : velocity;
      return { ...this.flown(origin, steered), slides_s: rest };
    }
    const grip = slides_s > 0 ? AIR_ACCELERATION : GROUND_ACCELERATION;
    const slower = slides_s > 0 ? velocity : slowed(velocity);
    const steered = wish ? accelerated(slower, wish, grip) : braked(slower, grip);
    return { ...this.walked(origin, steered), slides_s: rest };
  }

  /** A step over the ground: over what is low, along what is not, and off where the ground ends. */
  private walked(origin: Vector, velocity: Vector): Motion {
    const under = this.trace(origin, add(origin, [0, 0, -CARRIES_FROM])).normal;
    const along = under ? sloped(velocity, under) : velocity;
    const way: Vector = [along[0] * FRAME_S, along[1] * FRAME_S, along[2] * FRAME_S];
    const flat = this.trace(origin, add(origin, way));
    const raised = flat.share < 1 ? this.trace(add(origin, [0, 0, STEP]), add(add(origin, [0, 0, STEP]), way)) : flat;
    const isStep = !raised.startsInside && raised.share > flat.share;
    const best = isStep ? raised : flat;
    const left = best.share < 1 && best.normal ? clipped(along, best.normal) : along;
    const end = isStep ? this.trace(best.end, add(best.end, [0, 0, -STEP])).end : best.end;
    // Nobody is held down: who runs over the edge of a stair flies, and neither brakes nor turns until it lands.
    const carries = this.carries(end);
    return { origin: end, velocity: carries ? [left[0], left[1], 0] : left, isGrounded: carries };
  }

  private carries(origin: Vector, box = PLAYER_BOX): boolean {
    const { normal, startsInside } = this.trace(origin, add(origin, [0, 0, -CARRIES_FROM]), box);
    return startsInside || (normal !== null && normal[2] >= CARRIES);
  }

  private flown(origin: Vector, before: Vector): Motion {
    const velocity: Vector = [before[0], before[1], before[2] - GRAVITY * FRAME_S];
    const way: Vector = [velocity[0] * FRAME_S, velocity[1] * FRAME_S, ((before[2] + velocity[2]) / 2) * FRAME_S];
    const { end, normal, share, startsInside } = this.trace(origin, add(origin, way));
    if (startsInside) return { origin, velocity: [0, 0, 0], isGrounded: true };
    if (!normal) return { origin: end, velocity, isGrounded: false };
    if (normal[2] >= CARRIES) return { origin: end, velocity: [velocity[0], velocity[1], 0], isGrounded: true };
    const above = velocity[2] <= 0 ? this.climbed(origin, way) : null;
    if (above) return { origin: above, velocity: [velocity[0], velocity[1], 0], isGrounded: true };
    return this.slid(end, clipped(velocity, normal), FRAME_S * (1 - share));
  }

  /** Who sinks against a ledge no higher than a step comes to stand on it; null when there is none. */
  private climbed(origin: Vector, [x, y]: Vector): Vector | null {
    const from = add(origin, [0, 0, STEP]);
    const over = this.trace(from, add(from, [x, y, 0]));
    if (over.startsInside || over.share === 0) return null;
    const down = this.trace(over.end, add(over.end, [0, 0, -STEP]));
    return down.normal !== null && down.normal[2] >= CARRIES ? down.end : null;
  }

  /** The rest of a moment along what is too steep to stand on, or too high to pass. */
  private slid(origin: Vector, velocity: Vector, rest_s: number): Motion {
    const way: Vector = [velocity[0] * rest_s, velocity[1] * rest_s, velocity[2] * rest_s];
    const { end, normal } = this.trace(origin, add(origin, way));
    if (normal && normal[2] >= CARRIES)
      return { origin: end, velocity: [velocity[0], velocity[1], 0], isGrounded: true };
    return { origin: end, velocity: normal ? clipped(velocity, normal) : velocity, isGrounded: false };
  }

  private trace(from: Vector, to: Vector, box = PLAYER_BOX) {
    return this.collision.trace({ from, to, box, mask: STOPS_PLAYER });
  }
}

function insteadOf({ yaw, length, jump }: Wish): Wish[] {
  const turned = (turns: readonly number[]) =>
    yaw === null ? [] : turns.map((turn) => ({ yaw: yaw + turn, length: 1, jump: false }));
  return [...(jump ? [{ yaw, length, jump: false }] : []), ...turned(TURNS), STAND, ...turned(TURNS_BACK)];
}

/** Against the way that one goes, and no harder than it takes to stand. */
function backFrom({ velocity, isGrounded }: Motion): Wish {
  const speed = Math.hypot(velocity[0], velocity[1]);
  const yaw = Math.atan2(-velocity[1], -velocity[0]) / RADIANS;
  if (!isGrounded) return { yaw, length: 1, jump: false };
  const gained = GROUND_ACCELERATION * SPEED * FRAME_S;
  return speed < STANDS ? STAND : { yaw, length: Math.min(1, speed / gained), jump: false };
}

/** After the jump, where one is wished for and comes about. */
function leapt(motion: Motion, { jump }: Wish): Motion {
  const { velocity, isGrounded, holdsJump = false } = motion;
  if (!jump || !isGrounded || holdsJump) return motion;
  return { ...motion, velocity: [velocity[0], velocity[1], JUMP_SPEED], isGrounded: false, holdsJump: true };
}

function touches(origin: Vector, { minimum, maximum }: Box): boolean {
  for (const axis of [0, 1, 2] as const) {
    if (origin[axis] + PLAYER_BOX.maximum[axis] < minimum[axis]) return false;
    if (origin[axis] + PLAYER_BOX.minimum[axis] > maximum[axis]) return false;
  }
  return true;
}

function slowed([x, y]: Vector): Vector {
  const speed = Math.hypot(x, y);
  if (speed < 1) return [0, 0, 0];
  const left = Math.max(0, speed - Math.max(speed, STOP_SPEED) * FRICTION * FRAME_S) / speed;
  return [x * left, y * left, 0];
}

/** Who brakes runs against the way that it goes. */
function braked([x, y]: Vector, grip: number): Vector {
  const speed = Math.hypot(x, y);
  const left = speed < 1 ? 0 : Math.max(0, speed - grip * SPEED * FRAME_S) / speed;
  return [x * left, y * left, 0];
}

/** Speed grows towards the wish alone: what is faster that way already stays as it is. */
function accelerated(velocity: Vector, wish: Wish, acceleration: number): Vector {
  if (wish.yaw === null) return velocity;
  const wanted = SPEED * wish.length;
  const [x, y] = [Math.cos(wish.yaw * RADIANS), Math.sin(wish.yaw * RADIANS)];
  const missing = wanted - (velocity[0] * x + velocity[1] * y);
  const gained = Math.max(0, Math.min(missing, acceleration * wanted * FRAME_S));
  return [velocity[0] + x * gained, velocity[1] + y * gained, velocity[2]];
}

/** The same speed along the ground, up or down. */
function sloped([x, y, z]: Vector, ground: Vector): Vector {
  const speed = Math.hypot(x, y);
  const into = x * ground[0] + y * ground[1];
  const along: Vector = [x - ground[0] * into, y - ground[1] * into, -ground[2] * into];
  const length = Math.hypot(...along);
  if (length < 1) return [x, y, z];
  return [(along[0] * speed) / length, (along[1] * speed) / length, (along[2] * speed) / length];
}

/** What is left of a speed along a surface. */
function clipped(velocity: Vector, normal: Vector): Vector {
  const into = velocity[0] * normal[0] + velocity[1] * normal[1] + velocity[2] * normal[2];
  const off = (axis: 0 | 1 | 2) => velocity[axis] - normal[axis] * into * 1.001;
  return into >= 0 ? velocity : [off(0), off(1), off(2)];
}
