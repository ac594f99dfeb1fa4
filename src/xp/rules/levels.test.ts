import fc from "fast-check";
import { expect, test } from "vitest";
import { levelNumber, levelOf, xpForLevel } from "./levels.ts";

test.each([
  [0, 1, "Recruit", 0],
  [99, 1, "Recruit", 0],
  [100, 2, "Specialist", 1],
  [299, 2, "Specialist", 1],
  [300, 3, "Expert", 2],
  [600, 4, "Master", 3],
  [1_000, 5, "Elite", 4],
  [1_500, 6, "Legend", 5],
  [2_099, 6, "Legend", 5],
  [2_100, 7, "Legend 7", 5],
  [4_500, 10, "Legend 10", 5],
])("%i XP hold level %i, %s, with %i stars", (xp, number, name, stars) => {
  expect(levelOf(xp)).toMatchObject({ number, name, stars });
});

test("a level begins at its threshold exactly, however high", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6_000 }), (level) => {
      expect(levelNumber(xpForLevel(level))).toBe(level);
      expect(levelNumber(xpForLevel(level) - 1)).toBe(level - 1);
      expect(levelOf(xpForLevel(level))).toMatchObject({ from: xpForLevel(level), next: xpForLevel(level + 1) });
    }),
  );
});

test("more XP never hold a lower level", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2_000_000_000 }), fc.nat({ max: 1_000_000 }), (xp, more) => {
      expect(levelNumber(xp + more)).toBeGreaterThanOrEqual(levelNumber(xp));
    }),
  );
});
