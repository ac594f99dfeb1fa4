import { WEAPONS } from "../rules/weapons.ts";
import { add, distance, subtract, type Vector } from "../assets/vector.ts";
import { STAND, type Motion, type Wish } from "../navigation/footing.ts";
import { Walker, type Stance, type Step } from "../navigation/walker.ts";
import { IDLE, type Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { MOVE_FLAG } from "../protocol/entities.ts";
import { BUTTON } from "../protocol/usercmd.ts";
import type { Goal, Look, MapFacts, SelfView, StrategyAction, StrategyView } from "./contract.ts";
import { count, type Tally } from "./tally.ts";
import { viewOf, type Ground } from "./view.ts";

const FULL = 127;
const NO_GROUND = 1_023;
/** A press of the trigger brings back who is dead; it must be let go in between. */
const RESPAWN_PRESS_MS = 200;
const PITCH_MAX = 89;
const DEGREES = 180 / Math.PI;
/** Game seconds until a move that is made now is carried out. */
const DELAY_S = 0.05;
/** What flies has a speed, in units a second; other shots hit at once. By weapon. */
const MISSILE_SPEED: ReadonlyMap<number, number> = new Map([
  [WEAPONS.GRENADE_LAUNCHER, 700],
  [WEAPONS.ROCKET_LAUNCHER, 900],
  [WEAPONS.PLASMA_GUN, 2_000],
  [WEAPONS.BFG, 2_000],
]);
const CHEST = 8;
/** Who has been out of sight for longer is not where it was going. */
const GUESSED_S = 0.5;

type Place = { origin: Vector; velocity: Vector; atMs: number };

/** Between a strategy and its player: makes views of snapshots, and moves of actions. Does no input or output. */
export class Pilot {
  private readonly ground: Ground;
  private readonly roundMs: number;
  private readonly walker: Walker;
  private tally: Tally | null = null;
  private walk: SelfView["walk"] = "IDLE";
  private doing = STAND;
  private told: MapFacts | null;
  private readonly places = new Map<number, Place>();

  /** Rounds are of so many game milliseconds. */
  constructor(ground: Ground, roundMs: number) {
    this.ground = ground;
    this.roundMs = roundMs;
    this.walker = new Walker(ground.routes);
    this.told = { ...ground.facts, roundMs };
  }

  /** What the strategy is told of a snapshot; the facts of the map come with the first view. */
  see(snapshot: Snapshot): StrategyView {
    const { ground, roundMs, walk, told } = this;
    const tally = this.follow(snapshot);
    const view = { ...viewOf({ ground, snapshot, tally, roundMs, walk }), facts: told };
    this.told = null;
    for (const { id, origin, velocity } of view.players)
      this.places.set(id, { origin, velocity, atMs: snapshot.serverTime });
    return view;
  }

  /** Counts what a snapshot tells of that nobody looks at. */
  follow(snapshot: Snapshot): Tally {
    this.tally = count(this.tally, snapshot);
    return this.tally;
  }

  /** The facts of the map come once more with the next view. */
  tellFacts(): void {
    this.told = { ...this.ground.facts, roundMs: this.roundMs };
  }

  /** The moves that carry out an action from where a snapshot shows the player. */
  act(action: StrategyAction, snapshot: Snapshot): Intent {
    const { player, serverTime } = snapshot;
    if ((player.stats[0] ?? 0) <= 0) return this.comeBack(player.weapon, serverTime);
    const stance = stanceOf(snapshot);
    const step = this.stepOf(action, stance);
    const eye = add(stance.origin, [0, 0, player.viewHeight]);
    const target = this.targetOf(action.look, eye, action.weapon ?? player.weapon, serverTime);
    const view = directionTo(eye, target) ?? anglesOf(action.look) ?? { yaw: step.yaw ?? player.viewYaw, pitch: 0 };
    const wish = { yaw: step.yaw, length: lengthOf(action.move), jump: action.jump === true || step.jump };
    const safe = this.ground.footing.guard(stance, wish, this.doing);
    this.doing = safe;
    const crouch = action.crouch === true || step.crouch;
    return {
      ...view,
      ...movesFor(safe, view.yaw),
      up: safe.jump ? FULL : crouch ? -FULL : 0,
      buttons: action.fire === true ? BUTTON.attack : 0,
      weapon: action.weapon ?? player.weapon,
    };
  }

  private comeBack(weapon: number, serverTime: number): Intent {
    this.walker.forget();
    this.doing = STAND;
    const isPressed = Math.floor(serverTime / RESPAWN_PRESS_MS) % 2 === 0;
    return { ...IDLE, buttons: isPressed ? BUTTON.attack : 0, weapon };
  }

  private stepOf({ move, goTo }: StrategyAction, stance: Stance): Step {
    if (move) {
      const yaw = move.x === 0 && move.y === 0 ? null : Math.atan2(move.y, move.x) * DEGREES;
      this.walk = "IDLE";
      return { yaw, jump: false, crouch: false, state: "WALKING" };
    }
    const goal = goTo && this.placeOf(goTo);
    if (!goal) {
      this.walk = goTo ? "NO_WAY" : "IDLE";
      return { yaw: null, jump: false, crouch: false, state: "NO_WAY" };
    }
    const step = this.walker.step(stance, goal);
    this.walk = step.state;
    return step;
  }

  /** A player that is out of sight is looked for where it was last seen. */
  private placeOf(goal: Goal): Vector | undefined {
    if ("point" in goal) return goal.point;
    return "item" in goal ? this.ground.map.items[goal.item]?.origin : this.places.get(goal.player)?.origin;
  }

  private targetOf(look: Look | undefined, eye: Vector, weapon: number, nowMs: number): Vector | null {
    if (!look || "yaw" in look) return null;
    if ("at" in look) return look.at;
    const place = this.places.get(look.player);
    return place ? met(place, eye, MISSILE_SPEED.get(weapon), nowMs) : null;
  }
}

/** Where a shot of a speed meets who goes on as it was seen to; who falls or climbs is not followed in height. */
function met({ origin, velocity, atMs }: Place, eye: Vector, speed: number | undefined, nowMs: number): Vector {
  const at = (s: number): Vector => [origin[0] + velocity[0] * s, origin[1] + velocity[1] * s, origin[2] + CHEST];
  const delay_s = Math.min(GUESSED_S, (nowMs - atMs) / 1_000) + DELAY_S;
  if (speed === undefined) return at(delay_s);
  // The flight is as long as to where the target will be: three rounds are near enough.
  let flight_s = 0;
  for (let round = 0; round < 3; round++) flight_s = distance(eye, at(delay_s + flight_s)) / speed;
  return at(delay_s + flight_s);
}

function directionTo(eye: Vector, target: Vector | null): { yaw: number; pitch: number } | null {
  if (!target) return null;
  const [dx, dy, dz] = subtract(target, eye);
  return { yaw: Math.atan2(dy, dx) * DEGREES, pitch: bounded(-Math.atan2(dz, Math.hypot(dx, dy)) * DEGREES) };
}

const anglesOf = (look: Look | undefined): { yaw: number; pitch: number } | null =>
  look && "yaw" in look ? { yaw: look.yaw, pitch: bounded(look.pitch) } : null;

const bounded = (pitch: number): number => Math.max(-PITCH_MAX, Math.min(PITCH_MAX, pitch));

const lengthOf = (move: StrategyAction["move"]): number => (move ? Math.min(1, Math.hypot(move.x, move.y)) : 1);

function stanceOf({ player, serverTime }: Snapshot): Stance & Motion {
  return {
    origin: [player.originX, player.originY, player.originZ],
    velocity: [player.velocityX, player.velocityY, player.velocityZ],
    isGrounded: player.groundEntity !== NO_GROUND,
    slides_s: (player.moveFlags & MOVE_FLAG.slides) === 0 ? 0 : player.moveTime / 1_000,
    holdsJump: (player.moveFlags & MOVE_FLAG.holdsJump) !== 0,
    timeMs: serverTime,
  };
}

/** The keys that move a player who looks one way in the direction of another. */
function movesFor({ yaw, length }: Wish, viewYaw: number): { forward: number; right: number } {
  if (yaw === null) return { forward: 0, right: 0 };
  const turn = (yaw - viewYaw) / DEGREES;
  return { forward: Math.round(Math.cos(turn) * FULL * length), right: Math.round(-Math.sin(turn) * FULL * length) };
}
