import { add, type Vector } from "../assets/vector.ts";
import { Walker, type Stance, type Step } from "../navigation/walker.ts";
import { IDLE, type Intent } from "../protocol/link.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { BUTTON } from "../protocol/usercmd.ts";
import type { Goal, Look, MapFacts, SelfView, StrategyAction, StrategyView } from "./contract.ts";
import { count, type Tally } from "./tally.ts";
import { factsOf, viewOf, type Ground } from "./view.ts";

const FULL = 127;
const UNTIL_GROUNDED = 1_023;
/** A press of the trigger brings back who is dead; it must be let go in between. */
const RESPAWN_PRESS_MS = 200;
const PITCH_MAX = 89;
const DEGREES = 180 / Math.PI;
const HEAD: Vector = [0, 0, 8];

/** Between a strategy and its player: makes views of snapshots, and moves of actions. Does no input or output. */
export class Pilot {
  private readonly ground: Ground;
  private readonly roundMs: number;
  private readonly walker: Walker;
  private tally: Tally | null = null;
  private walk: SelfView["walk"] = "IDLE";
  private told: MapFacts | null;
  private places = new Map<number, Vector>();

  /** Rounds are of so many game milliseconds. */
  constructor(ground: Ground, roundMs: number) {
    this.ground = ground;
    this.roundMs = roundMs;
    this.walker = new Walker(ground.routes);
    this.told = factsOf(ground, roundMs);
  }

  /** What the strategy is told of a snapshot; the facts of the map come with the first view. */
  see(snapshot: Snapshot): StrategyView {
    const { ground, roundMs, walk, told } = this;
    this.tally = count(this.tally, snapshot);
    const view = { ...viewOf({ ground, snapshot, tally: this.tally, roundMs, walk }), facts: told };
    this.told = null;
    for (const { id, origin } of view.players) this.places.set(id, origin);
    return view;
  }

  /** The moves that carry out an action from where a snapshot shows the player. */
  act(action: StrategyAction, snapshot: Snapshot): Intent {
    const { player, serverTime } = snapshot;
    if ((player.stats[0] ?? 0) <= 0) return this.comeBack(player.weapon, serverTime);
    const stance = stanceOf(snapshot);
    const step = this.stepOf(action, stance);
    const view = this.directionOf(action.look, stance, player.viewHeight) ?? {
      yaw: step.yaw ?? player.viewYaw,
      pitch: 0,
    };
    const jump = action.jump === true || step.jump;
    const crouch = action.crouch === true || step.crouch;
    return {
      ...view,
      ...movesFor(step, view.yaw, lengthOf(action.move)),
      up: jump ? FULL : crouch ? -FULL : 0,
      buttons: action.fire === true ? BUTTON.attack : 0,
      weapon: action.weapon ?? player.weapon,
    };
  }

  private comeBack(weapon: number, serverTime: number): Intent {
    this.walker.forget();
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
    return "item" in goal ? this.ground.map.items[goal.item]?.origin : this.places.get(goal.player);
  }

  private directionOf(
    look: Look | undefined,
    stance: Stance,
    viewHeight: number,
  ): { yaw: number; pitch: number } | null {
    if (!look) return null;
    if ("yaw" in look) return { yaw: look.yaw, pitch: bounded(look.pitch) };
    const seen = "at" in look ? undefined : this.places.get(look.player);
    const target = "at" in look ? look.at : seen && add(seen, HEAD);
    if (!target) return null;
    const [dx, dy, dz] = [
      target[0] - stance.origin[0],
      target[1] - stance.origin[1],
      target[2] - stance.origin[2] - viewHeight,
    ];
    return { yaw: Math.atan2(dy, dx) * DEGREES, pitch: bounded(-Math.atan2(dz, Math.hypot(dx, dy)) * DEGREES) };
  }
}

const bounded = (pitch: number): number => Math.max(-PITCH_MAX, Math.min(PITCH_MAX, pitch));

const lengthOf = (move: StrategyAction["move"]): number => (move ? Math.min(1, Math.hypot(move.x, move.y)) : 1);

function stanceOf({ player, serverTime }: Snapshot): Stance {
  return {
    origin: [player.originX, player.originY, player.originZ],
    velocity: [player.velocityX, player.velocityY, player.velocityZ],
    isGrounded: player.groundEntity !== UNTIL_GROUNDED,
    timeMs: serverTime,
  };
}

/** The keys that move a player who looks one way in the direction of another. */
function movesFor({ yaw }: Step, viewYaw: number, length: number): { forward: number; right: number } {
  if (yaw === null) return { forward: 0, right: 0 };
  const turn = (yaw - viewYaw) / DEGREES;
  return { forward: Math.round(Math.cos(turn) * FULL * length), right: Math.round(-Math.sin(turn) * FULL * length) };
}
