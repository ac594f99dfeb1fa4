import { BURNS, type Hazard } from "../assets/hazards.ts";
import { PLAYER_BOX, STOPS_PLAYER, type Box, type Collision } from "../assets/collision.ts";
import { add, type Vector } from "../assets/vector.ts";

/** How a player moves at a moment. */
export type Motion = { origin: Vector; velocity: Vector; isGrounded: boolean };

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
/** Ground that is steeper than this part of upright does not carry. */
const CARRIES = 0.7;

const FRAME_S = 0.05;
/** A wish goes on until a later one arrives at the server: that is three views at worst. */
const HELD_S = 0.15;
/** Who falls for longer falls out of the map. */
const FALL_S_MAX = 4;
/** As slow as this one stands. */
const STANDS = 20;
/** What is farther away than this cannot be reached by one step or jump. */
const NEAR = 640;
const STAND: Wish = { yaw: null, length: 0, jump: false };
const FEET: Vector = [0, 0, PLAYER_BOX.minimum[2] + 1];
/** Other ways to turn, in degrees, the nearest first; to stand is better than to turn farther. */
const TURNS = [45, -45, 90, -90] as const;
const RADIANS = Math.PI / 180;

/** Knows where on a map a step leads to death: it moves a player on paper as the game would. */
export class Footing {
  private readonly collision: Collision;
  private readonly hazards: readonly Hazard[];

  constructor(collision: Collision, hazards: readonly Hazard[]) {
    this.collision = collision;
    this.hazards = hazards;
  }

  /** The wish, or what is nearest to it and does not end in a deadly fall; where everything does, back. */
  guard(motion: Motion, wish: Wish): Wish {
    if (!this.isNear(motion.origin) || !this.isDeadly(motion, wish)) return wish;
    return insteadOf(wish).find((other) => !this.isDeadly(motion, other)) ?? backFrom(motion);
  }

  /** Whether who does as wished for a moment, and then brakes, dies of where that led. */
  isDeadly(motion: Motion, wish: Wish): boolean {
    let now = motion;
    if (wish.jump && now.isGrounded) now = { ...now, velocity: upwards(now.velocity), isGrounded: false };
    // Who begins in the air steers until the landing; who begins on the ground has changed its mind after a moment.
    let steers = !now.isGrounded;
    for (let time = 0; time < FALL_S_MAX; time += FRAME_S) {
      const isHeld = steers || time < HELD_S;
      now = this.moved(now, isHeld ? wish : null);
      if (this.kills(now.origin)) return true;
      if (now.isGrounded) steers = false;
      if (now.isGrounded && time >= HELD_S && Math.hypot(now.velocity[0], now.velocity[1]) < STANDS) return false;
    }
    return !now.isGrounded;
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

  private kills(origin: Vector): boolean {
    const burns = () => (this.collision.contentsAt(add(origin, FEET)) & BURNS) !== 0;
    return this.hazards.some((hazard) => touches(origin, hazard.box) && (!hazard.burns || burns()));
  }

  private moved({ origin, velocity, isGrounded }: Motion, wish: Wish | null): Motion {
    if (!isGrounded) return this.flown(origin, wish ? accelerated(velocity, wish, AIR_ACCELERATION) : velocity);
    const slower = slowed(velocity);
    return this.walked(origin, wish ? accelerated(slower, wish, GROUND_ACCELERATION) : braked(slower));
  }

  /** A step over the ground: over what is low, along what is not, and off where the ground ends. */
  private walked(origin: Vector, velocity: Vector): Motion {
    const way: Vector = [velocity[0] * FRAME_S, velocity[1] * FRAME_S, 0];
    const flat = this.trace(origin, add(origin, way));
    const raised = flat.share < 1 ? this.trace(add(origin, [0, 0, STEP]), add(add(origin, [0, 0, STEP]), way)) : flat;
    const best = !raised.startsInside && raised.share > flat.share ? raised : flat;
    const along = best.share < 1 && best.normal ? clipped(velocity, best.normal) : velocity;
    const down = this.trace(best.end, add(best.end, [0, 0, -(best === flat ? STEP : STEP * 2)]));
    const carries = down.startsInside || (down.normal !== null && down.normal[2] >= CARRIES);
    return { origin: carries ? down.end : best.end, velocity: [along[0], along[1], 0], isGrounded: carries };
  }

  private flown(origin: Vector, before: Vector): Motion {
    const velocity: Vector = [before[0], before[1], before[2] - GRAVITY * FRAME_S];
    const way: Vector = [velocity[0] * FRAME_S, velocity[1] * FRAME_S, velocity[2] * FRAME_S];
    const { end, normal, share, startsInside } = this.trace(origin, add(origin, way));
    if (startsInside) return { origin, velocity: [0, 0, 0], isGrounded: true };
    if (!normal) return { origin: end, velocity, isGrounded: false };
    if (normal[2] >= CARRIES) return { origin: end, velocity: [velocity[0], velocity[1], 0], isGrounded: true };
    return this.slid(end, clipped(velocity, normal), FRAME_S * (1 - share));
  }

  /** The rest of a moment along what is too steep to stand on, or too high to pass. */
  private slid(origin: Vector, velocity: Vector, rest_s: number): Motion {
    const way: Vector = [velocity[0] * rest_s, velocity[1] * rest_s, velocity[2] * rest_s];
    const { end, normal } = this.trace(origin, add(origin, way));
    if (normal && normal[2] >= CARRIES)
      return { origin: end, velocity: [velocity[0], velocity[1], 0], isGrounded: true };
    return { origin: end, velocity: normal ? clipped(velocity, normal) : velocity, isGrounded: false };
  }

  private trace(from: Vector, to: Vector) {
    return this.collision.trace({ from, to, box: PLAYER_BOX, mask: STOPS_PLAYER });
  }
}

function insteadOf({ yaw, length, jump }: Wish): Wish[] {
  const turned = yaw === null ? [] : TURNS.map((turn) => ({ yaw: yaw + turn, length: 1, jump: false }));
  return [...(jump ? [{ yaw, length, jump: false }] : []), ...turned, STAND];
}

/** Against the way that one goes. */
function backFrom({ velocity }: Motion): Wish {
  const speed = Math.hypot(velocity[0], velocity[1]);
  const yaw = Math.atan2(-velocity[1], -velocity[0]) / RADIANS;
  return speed < STANDS ? STAND : { yaw, length: 1, jump: false };
}

const upwards = ([x, y]: Vector): Vector => [x, y, JUMP_SPEED];

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
function braked([x, y]: Vector): Vector {
  const speed = Math.hypot(x, y);
  const left = speed < 1 ? 0 : Math.max(0, speed - GROUND_ACCELERATION * SPEED * FRAME_S) / speed;
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

/** What is left of a speed along a surface. */
function clipped(velocity: Vector, normal: Vector): Vector {
  const into = velocity[0] * normal[0] + velocity[1] * normal[1] + velocity[2] * normal[2];
  const off = (axis: 0 | 1 | 2) => velocity[axis] - normal[axis] * into * 1.001;
  return into >= 0 ? velocity : [off(0), off(1), off(2)];
}
