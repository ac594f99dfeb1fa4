import { expect, test } from "vitest";
import { shownXp, viewOf, type Relation, type View, type Visibility } from "./privacy.ts";

test.each<[Visibility | null, Relation, View]>([
  [null, "SELF", "ALL"],
  ["PRIVATE", "SELF", "ALL"],
  [null, "TEAM", "ALL"],
  ["TEAM", "TEAM", "ALL"],
  ["PUBLIC", "TEAM", "ALL"],
  ["PRIVATE", "TEAM", "NONE"],
  [null, "STRANGER", "CONTESTS"],
  ["PUBLIC", "STRANGER", "PUBLIC"],
  ["TEAM", "STRANGER", "NONE"],
  ["PRIVATE", "STRANGER", "NONE"],
])("with %s, %s sees %s", (setting, relation, view) => expect(viewOf(setting, relation)).toBe(view));

test.each<[View, number]>([
  ["ALL", 100],
  ["PUBLIC", 60],
  ["CONTESTS", 20],
  ["NONE", 0],
])("%s shows %i", (view, xp) => expect(shownXp({ xp: 100, publicXp: 60, contestXp: 20 }, view)).toBe(xp));
