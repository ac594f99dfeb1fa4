import { expect, test } from "vitest";
import { refuseName, statusOf } from "./rules.ts";

const clean = () => false;

test.each([
  ["Mirrorball", null],
  ["x", null],
  ["A_15_characters", null],
  ["sixteen_letters_", "INVALID_NAME"],
  ["", "INVALID_NAME"],
  ["GlassАbbot", "INVALID_NAME"],
  ["two words", "INVALID_NAME"],
  ["Admin", "NAME_NOT_ALLOWED"],
  ["4dm1n", "NAME_NOT_ALLOWED"],
  ["House_Two", "NAME_NOT_ALLOWED"],
  ["Adminton", null],
])("%s: %s", (name, refusal) => {
  expect(refuseName(name, clean)).toBe(refusal);
});

const NOW = new Date("2026-11-24T12:00:00Z");
test.each([
  ["never seen", null, false, "OFFLINE"],
  ["45 s ago", new Date(NOW.getTime() - 45_000), false, "ONLINE"],
  ["45.001 s ago", new Date(NOW.getTime() - 45_001), true, "OFFLINE"],
  ["now, in a contest", NOW, true, "BUSY"],
] as const)("%s", (_sentence, seen, inContest, status) => {
  expect(statusOf(seen, inContest, NOW, 45_000)).toBe(status);
});
