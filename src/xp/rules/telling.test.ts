import { expect, test } from "vitest";
import { ACHIEVEMENTS } from "./achievements.ts";
import { tellingOnly } from "./telling.ts";

test.each([
  // what is shown, whose targets are left of the legend, of the trainer, of the first task, of the first blood
  ["everything", ["profile", "stats", "achievements"] as const, [[10, 15], [5], [1], [1]]],
  ["no levels", ["stats", "achievements"] as const, [[15], [], [1], [1]]],
  ["no work", ["profile", "achievements"] as const, [[10, 15], [5], [], [1]]],
])("who shows %s has no progress that tells more", (_what, shown, targets) => {
  const keys = ["ARENA_LEGEND", "ELITE_TRAINER", "FIRST_STEPS", "PIT_FIRST_BLOOD"];
  const told = keys
    .flatMap((key) => ACHIEVEMENTS.filter((each) => each.key === key))
    .map((each) => tellingOnly(new Set(shown), each).conditions.map(({ target }) => target));
  expect(told).toEqual(targets);
});
