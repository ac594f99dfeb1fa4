import { IDLE, type Intent } from "../protocol/link.ts";
import type { EntityState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { BUTTON } from "../protocol/usercmd.ts";

const DEAD = 1;
const PLAYER = 1;
const DEGREES = 180 / Math.PI;
const [GAUNTLET, MACHINEGUN] = [1, 2];
const STROLL_MS = 700;
const STRAFE_SPEED = 90;
const FULL_SPEED = 127;

/** Plays for a bot without a strategy of its own: it wanders about, runs at whom it sees and shoots. */
export function wander({ player, entities, serverTime }: Snapshot): Intent {
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
