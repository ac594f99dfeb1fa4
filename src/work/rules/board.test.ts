import { expect, test } from "vitest";
import { changesOf, type Standing } from "./board.ts";

const a: Standing = { id: "a", state: "PENDING", version: 1 };
const b: Standing = { id: "b", state: "ASSIGNED", version: 1 };

test.each([
  ["nothing at two empty boards", [], [], []],
  ["nothing where nothing moved", [a, b], [a, b], []],
  ["nothing where only their order did", [a, b], [b, a], []],
  ["a task that was made", [a], [b, a], ["APPEARED b ASSIGNED"]],
  ["a task in another state", [a], [{ ...a, state: "IN_PROGRESS", version: 2 }], ["CHANGED a IN_PROGRESS"]],
  ["a state that was written in the same millisecond", [a], [{ ...a, state: "ASSIGNED" }], ["CHANGED a ASSIGNED"]],
  ["a task that got further in its state", [b], [{ ...b, version: 2 }], ["CHANGED b ASSIGNED"]],
  ["a task that left, as it stood last", [a, b], [b], ["LEFT a PENDING"]],
  ["what left first, then the others", [a], [b], ["LEFT a PENDING", "APPEARED b ASSIGNED"]],
] as const)("a board tells of %s", (_sentence, before, after, told) =>
  expect(changesOf(before, after).map(({ kind, taskId, state }) => `${kind} ${taskId} ${state}`)).toEqual(told),
);
