import { expect, test } from "vitest";
import { firstIdAt, systemRandom } from "./random.ts";

test("ids of one millisecond sort as they were made, behind its least and before the next one's", () => {
  const at = new Date("2026-11-28T12:00:00.000Z");
  const made = Array.from({ length: 1_000 }, () => systemRandom.id(at));
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
  expect(firstIdAt(at) < made[0]!).toBe(true);
  expect(made.at(-1)! < firstIdAt(new Date(at.getTime() + 1))).toBe(true);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ids of two instants do not repeat when they take turns", () => {
  const instants = [0, 1].map((ms) => new Date(ms));
  const made = Array.from({ length: 1_000 }, (_none, turn) => systemRandom.id(instants[turn % 2]!));
  expect(new Set(made).size).toBe(made.length);
});
