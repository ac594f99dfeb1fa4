import type { Drop, Frame, Missile, Pose } from "./frames.ts";
import type { Vec3 } from "./map-file.ts";

/** Nobody moves faster, in units a second: what is farther was carried there by a teleporter or a rebirth. */
const SPEED_MAX = 1_600;
const SLACK = 48;
/** Between frames that are farther apart nothing is known: it stands still, then jumps. */
const GAP_MAX_MS = 400;

export const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const mix = (from: number, to: number, part: number): number => from + (to - from) * part;

export const mixAt = (from: Vec3, to: Vec3, part: number): Vec3 => [
  mix(from[0], to[0], part),
  mix(from[1], to[1], part),
  mix(from[2], to[2], part),
];

/** The shorter way round from one direction to another, in degrees. */
export function turn(from: number, to: number, part: number): number {
  const way = ((((to - from) % 360) + 540) % 360) - 180;
  return from + way * part;
}

/** Whether a bot went from one place to the other on its way, and was not put there. */
const walked = (from: Pose, to: Pose, stepMs: number): boolean =>
  from.alive === to.alive && distance(from.at, to.at) <= (SPEED_MAX * stepMs) / 1_000 + SLACK;

function poseBetween(from: Pose, to: Pose | undefined, part: number, stepMs: number): Pose {
  if (!to || !walked(from, to, stepMs)) return from;
  return {
    ...from,
    at: mixAt(from.at, to.at, part),
    eye: mix(from.eye, to.eye, part),
    yaw: turn(from.yaw, to.yaw, part),
    pitch: mix(from.pitch, to.pitch, part),
  };
}

/** What has the same number and kind in the next frame flew there, however fast. */
function flown<T extends Missile | Drop>(from: T, next: readonly T[], part: number): T {
  const to = next.find(({ id }) => id === from.id);
  return to && kindOf(to) === kindOf(from) ? { ...from, at: mixAt(from.at, to.at, part) } : from;
}

const kindOf = (thing: Missile | Drop) => ("weapon" in thing ? thing.weapon : thing.name);

/** The place of the last frame at or before a time; -1 before the first. */
export function frameAt(frames: readonly Frame[], atMs: number): number {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((frames[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How everything stands at a time, between the frames before and after it; null without frames. */
export function momentAt(frames: readonly Frame[], atMs: number): Frame | null {
  const index = frameAt(frames, atMs);
  const from = frames[Math.max(0, index)];
  const to = frames[index + 1];
  if (!from || !to || index < 0) return from ?? null;
  const stepMs = to.atMs - from.atMs;
  if (stepMs > GAP_MAX_MS) return { ...from, atMs };
  const part = (atMs - from.atMs) / stepMs;
  return {
    atMs,
    poses: from.poses.map((pose) =>
      poseBetween(
        pose,
        to.poses.find(({ side }) => side === pose.side),
        part,
        stepMs,
      ),
    ),
    missiles: from.missiles.map((missile) => flown(missile, to.missiles, part)),
    taken: from.taken,
    drops: from.drops.map((drop) => flown(drop, to.drops, part)),
  };
}

/** Where a bot was in the time before a moment, newest first, as far back as it walked there. */
export function trailOf(frames: readonly Frame[], side: number, atMs: number, spanMs: number): Vec3[] {
  const trail: Vec3[] = [];
  let last: Pose | undefined;
  for (let index = frameAt(frames, atMs); index >= 0; index--) {
    const frame = frames[index];
    const pose = frame?.poses.find((each) => each.side === side);
    if (!frame || !pose?.alive || frame.atMs < atMs - spanMs) break;
    if (last && !walked(pose, last, 100)) break;
    trail.push(pose.at);
    last = pose;
  }
  return trail;
}
