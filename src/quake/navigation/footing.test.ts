import { beforeAll, expect, test } from "vitest";
import { DEBIAN } from "../adapter/installation.ts";
import type { Vector } from "../assets/vector.ts";
import type { MapName } from "../rules/commands.ts";
import type { Motion, Wish } from "./footing.ts";
import { Grounds } from "../strategy/grounds.ts";
import type { Ground } from "../strategy/view.ts";

// Two maps have what kills: fan a pit in its middle, under a ring 344 high, and dm4ish two pools of lava.

const STILL: Vector = [0, 0, 0];
const RING: Vector = [-200, 0, 344.125];
/** On the storey of fan's pit. */
const at = (x: number, y: number, velocity: Vector): Motion => ({ origin: [x, y, 56.125], velocity, isGrounded: true });
const wish = (yaw: number): Wish => ({ yaw, length: 1, jump: false });
let fan: Ground;
let pools: Ground;
const grounds = new Grounds(DEBIAN);

beforeAll(async () => {
  fan = await grounds.of("fan");
  pools = await grounds.of("dm4ish");
});

test.each<[MapName, number, number]>([
  ["aggressor", 0, 0],
  ["q3dm6ish", 0, 0],
  ["dm4ish", 2, 0],
  // A pit of lava, and over it a box that hurts: nobody lives to see the lava.
  ["fan", 1, 1],
])("%s has %i pools that burn and %i pits that hurt", async (name, burning, hurting) => {
  const { map } = await grounds.of(name);
  const burns = map.hazards.filter((hazard) => hazard.burns).length;
  expect([burns, map.hazards.length - burns]).toEqual([burning, hurting]);
  for (const { minimum, maximum } of map.hazards.map(({ box }) => box))
    for (const axis of [0, 1, 2] as const) expect(minimum[axis]).toBeLessThan(maximum[axis]);
});

test.each<[string, Vector, number | null, boolean, boolean]>([
  ["stands", STILL, null, false, false],
  ["runs along the ring", [0, 320, 0], 90, false, false],
  ["runs off to the storey below", [-320, 0, 0], 180, false, false],
  ["runs at the pit", [320, 0, 0], 0, false, true],
  ["jumps at the pit", STILL, 0, true, true],
  ["is thrown at the pit and does nothing", [500, 0, 0], null, false, true],
])("who %s on fan's ring, at a speed of %j, to %j, with a jump: %s, dies of it: %s", (...given) => {
  const [, velocity, yaw, jump, dies] = given;
  const motion = { origin: RING, velocity, isGrounded: true };
  expect(fan.footing.isDeadly(motion, { yaw, length: yaw === null ? 0 : 1, jump })).toBe(dies);
});

test("a wish that is safe stays the same, and one that is not is turned as little as it takes", () => {
  const motion = { origin: RING, velocity: STILL, isGrounded: true };
  const away = { yaw: 180, length: 0.5, jump: true };
  expect(fan.footing.guard(motion, away)).toBe(away);
  const turned = fan.footing.guard({ ...motion, velocity: [320, 0, 0] }, { yaw: 0, length: 1, jump: true });
  expect(turned.jump).toBe(false);
  expect(fan.footing.isDeadly({ ...motion, velocity: [320, 0, 0] }, turned)).toBe(false);
});

test.each<[string, Motion, Wish, boolean]>([
  ["runs over the corner of the edge, and would just land again", at(312, 154, [139, -289, 0]), wish(-68), true],
  ["runs the same way farther in", at(380, 154, [139, -289, 0]), wish(-68), false],
  ["stands still at the brink", at(-172, 295, STILL), { yaw: null, length: 0, jump: false }, true],
  ["goes away from the brink", at(-172, 295, STILL), wish(125), false],
])("who %s, %j, to %j, dies of it: %s", (_sentence, motion, wished, dies) => {
  expect(fan.footing.isDeadly(motion, wished)).toBe(dies);
});

test("who slides from a hit is farther from being saved than who runs", () => {
  const ends = (slides_s: number) => {
    let steps = 0;
    for (; steps < 40; steps++) {
      const motion = { ...at(-260 - steps * 5, 360, [300, -250, 0]), slides_s };
      if (!fan.footing.isDeadly(motion, { yaw: null, length: 0, jump: false })) break;
    }
    return steps;
  };
  expect(ends(0.2)).toBeGreaterThan(ends(0));
});

test("nobody jumps right as it lands near a pit: jump is let go of in the air", () => {
  const motion = { origin: [-300, 0, 500], velocity: [-100, 0, 0], isGrounded: false } as const;
  expect(fan.footing.guard(motion, { yaw: 180, length: 1, jump: true }).jump).toBe(false);
});

test("who can no more be saved still goes back", () => {
  const over = { origin: [0, 0, 100], velocity: [200, 0, -300], isGrounded: false } as const;
  expect(fan.footing.guard(over, { yaw: 0, length: 1, jump: false })).toEqual({ yaw: -180, length: 1, jump: false });
});

test("around a pool of lava no place to which a guarded step leads burns", () => {
  let turned = 0;
  for (const { origin } of pools.map.items)
    for (let yaw = 0; yaw < 360; yaw += 45) {
      const speed: Vector = [320 * Math.cos((yaw * Math.PI) / 180), 320 * Math.sin((yaw * Math.PI) / 180), 0];
      const motion = { origin: [origin[0], origin[1], origin[2] + 9] as Vector, velocity: speed, isGrounded: true };
      const wanted = { yaw, length: 1, jump: true };
      const safe = pools.footing.guard(motion, wanted);
      if (safe !== wanted) turned++;
      expect(pools.footing.isDeadly(motion, safe)).toBe(false);
    }
  expect(turned).toBeGreaterThan(0);
});
