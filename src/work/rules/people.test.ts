import { expect, test } from "vitest";
import { mayDecide } from "./people.ts";

test.each([
  ["who made a task decides", { creatorId: "me", role: null }, true],
  ["also as a member of its team", { creatorId: "me", role: "MEMBER" }, true],
  ["an owner of its team decides", { creatorId: "mate", role: "OWNER" }, true],
  ["so does an admin", { creatorId: "mate", role: "ADMIN" }, true],
  ["a member does not", { creatorId: "mate", role: "MEMBER" }, false],
  ["nor does a stranger", { creatorId: "mate", role: null }, false],
] as const)("%s", (_sentence, task, may) => expect(mayDecide(task, "me")).toBe(may));
