import { expect, test } from "vitest";
import { isProgram, programOf } from "./gladiator.ts";

test.each([
  ["a short command", ["sh", "-c", "true"], true],
  ["no word", [], false],
  ["64 KiB", ["x".repeat(65_536)], true],
  ["letters of three bytes, which are more than a system takes in one word", ["€".repeat(65_000)], false],
  ["a NUL, with which no program can be started", ["a\0b"], false],
])("%s", (_what, command, isTaken) =>
  expect(isProgram(programOf({ kind: "COMMAND", skill: null, command, model: null }))).toBe(isTaken),
);
