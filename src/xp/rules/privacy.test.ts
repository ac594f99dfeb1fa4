import { expect, test } from "vitest";
import { shownLike, shownXp, type Privacy, viewOf, type Relation, type View, type Visibility } from "./privacy.ts";

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

test.each<[string, Partial<Privacy>, Relation, string[]]>([
  ["a stranger, of who shows achievements alone,", { achievements: "PUBLIC" }, "STRANGER", ["achievements"]],
  [
    "a stranger, of who shows statistics as well,",
    { achievements: "PUBLIC", stats: "PUBLIC" },
    "STRANGER",
    ["stats", "achievements"],
  ],
  ["a stranger, of who said nothing,", {}, "STRANGER", ["profile", "stats", "achievements"]],
  ["a mate, of who hides the profile,", { profile: "PRIVATE" }, "TEAM", ["stats", "achievements"]],
  ["the person", { profile: "PRIVATE", stats: "PRIVATE" }, "SELF", ["profile", "stats", "achievements"]],
])("%s learns by achievements of %o", (_who, said, relation, aspects) => {
  const nothing = { profile: null, stats: null, achievements: null };
  expect([...shownLike({ ...nothing, ...said }, relation)]).toEqual(aspects);
});
