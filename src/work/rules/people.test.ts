import { expect, test } from "vitest";
import { mayDecide } from "./people.ts";

test.each([
  // what, who made it, whether it is a team's, the role in that team, and whether one decides
  ["who made a task of no team decides", "me", null, null, true],
  ["who made a team's task decides as a member", "me", "team", "MEMBER", true],
  ["but no more after leaving", "me", "team", null, false],
  ["an owner of its team decides", "mate", "team", "OWNER", true],
  ["so does an admin", "mate", "team", "ADMIN", true],
  ["a member does not", "mate", "team", "MEMBER", false],
  ["nor does a stranger", "mate", "team", null, false],
] as const)("%s", (_sentence, creatorId, teamId, role, may) =>
  expect(mayDecide({ creatorId, teamId, role }, "me")).toBe(may),
);
