import { expect, test } from "vitest";
import { areAllied } from "./allies.ts";

const side = (ownerId: string, ...teams: string[]) => ({ ownerId, teams });

test.each([
  ["one owner", side("a"), side("a"), true],
  ["owners in one team", side("a", "t"), side("b", "t"), true],
  ["owners who share one of many teams", side("a", "s", "t"), side("b", "t", "u"), true],
  ["owners without a team", side("a"), side("b"), false],
  ["owners of whom one is in a team", side("a", "t"), side("b"), false],
  ["owners in two teams", side("a", "s"), side("b", "t"), false],
])("bots of %s", (_whose, one, other, allied) => {
  expect([areAllied(one, other), areAllied(other, one)]).toEqual([allied, allied]);
});
