import { IDLE, type Intent } from "../protocol/link.ts";
import type { EntityState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { BUTTON } from "../protocol/usercmd.ts";
import type { MapName } from "../rules/commands.ts";

/** Who is to be played for, and where. */
export type BrainSeat = { matchId: string; botId: string; map: MapName };

/** What plays for one bot in one match. */
export type Brain = {
  /** What the bot does from now on, after each snapshot: 20 times in a second of the game. It must not wait. */
  tick(snapshot: Snapshot): Intent;
  /** The match is over for it. */
  close(): void;
};

/** Finds what plays for a bot; app.ts says which. */
export type OpenBrain = (seat: BrainSeat) => Promise<Brain>;

const DEAD = 1;
const PLAYER = 1;
const DEGREES = 180 / Math.PI;
const [GAUNTLET, MACHINEGUN] = [1, 2];
const STROLL_MS = 700;
const STRAFE_SPEED = 90;
const FULL_SPEED = 127;

/** Plays for a bot without a strategy of its own: it wanders about, runs at whom it sees and shoots. */
export const openWanderer: OpenBrain = () => Promise.resolve({ tick: wander, close: () => undefined });

function wander({ player, entities, serverTime }: Snapshot): Intent {
  const stroll = Math.floor(serverTime / STROLL_MS);
  // Who is dead comes back by a new press of the trigger.
  if ((player.stats[0] ?? 0) <= 0) return { ...IDLE, buttons: stroll % 2 === 0 ? BUTTON.attack : 0 };
  const up = serverTime % 1_500 < 100 ? FULL_SPEED : 0;
  const weapon = (player.ammo[MACHINEGUN] ?? 0) === 0 ? GAUNTLET : MACHINEGUN;
  const target = nearestOf(player, entities);
  if (!target) return { ...IDLE, yaw: (stroll * 137 + player.client * 90) % 360, forward: FULL_SPEED, up, weapon };
  const { dx, dy, dz } = target;
  return {
    yaw: Math.atan2(dy, dx) * DEGREES,
    pitch: -Math.atan2(dz, Math.hypot(dx, dy)) * DEGREES,
    forward: FULL_SPEED,
    right: stroll % 2 === 0 ? STRAFE_SPEED : -STRAFE_SPEED,
    up,
    buttons: BUTTON.attack,
    weapon,
  };
}

type Away = { dx: number; dy: number; dz: number; distance: number };

function nearestOf(player: Snapshot["player"], entities: readonly EntityState[]): Away | undefined {
  return entities
    .filter(({ type, flags, number }) => type === PLAYER && (flags & DEAD) === 0 && number !== player.client)
    .map(({ posBaseX, posBaseY, posBaseZ }): Away => {
      const [dx, dy, dz] = [posBaseX - player.originX, posBaseY - player.originY, posBaseZ - player.originZ];
      return { dx, dy, dz, distance: Math.hypot(dx, dy, dz) };
    })
    .toSorted((a, b) => a.distance - b.distance)[0];
}
