import { IDLE, type Intent } from "../../src/quake/protocol/link.ts";
import type { Snapshot } from "../../src/quake/protocol/snapshot.ts";
import { BUTTON } from "../../src/quake/protocol/usercmd.ts";

const DEAD = 1;
const PLAYER = 1;
const RUNNING_UNITS_PER_SECOND = 120;
const DEGREES = 180 / Math.PI;

/** Turns to the nearest living player that it is told of, runs at it and shoots; wanders when there is none. */
export function hunt({ player, entities, serverTime }: Snapshot): Intent {
  const wander = Math.floor(serverTime / 700);
  const up = serverTime % 1_500 < 100 ? 127 : 0;
  const isDead = player.stats[0]! <= 0;
  // A player who is dead comes back by a new press of the trigger.
  if (isDead)
    return { ...IDLE, buttons: Math.floor(serverTime / 200) % 2 === 0 ? BUTTON.attack : 0, weapon: player.weapon };
  const others = entities
    .filter(({ type, flags, number }) => type === PLAYER && (flags & DEAD) === 0 && number !== player.client)
    .map((other) => {
      const [dx, dy, dz] = [
        other.posBaseX - player.originX,
        other.posBaseY - player.originY,
        other.posBaseZ - player.originZ,
      ];
      return { dx, dy, dz, distance: Math.hypot(dx, dy, dz) };
    })
    .toSorted((a, b) => a.distance - b.distance);
  const [target] = others;
  const weapon = player.ammo[2] === 0 ? 1 : 2;
  if (!target) {
    // Whoever runs goes on in its direction, so that it comes around; whoever is stopped turns elsewhere.
    const isRunning = Math.hypot(player.velocityX, player.velocityY) > RUNNING_UNITS_PER_SECOND;
    const onward = Math.atan2(player.velocityY, player.velocityX) * DEGREES;
    return { ...IDLE, yaw: isRunning ? onward : (wander * 137 + player.client * 90) % 360, forward: 127, up, weapon };
  }
  return {
    yaw: Math.atan2(target.dy, target.dx) * DEGREES,
    pitch: -Math.atan2(target.dz, Math.hypot(target.dx, target.dy)) * DEGREES,
    forward: 127,
    right: wander % 2 === 0 ? 90 : -90,
    up,
    buttons: BUTTON.attack,
    weapon,
  };
}
