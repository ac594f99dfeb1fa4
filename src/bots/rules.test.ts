import { expect, test } from "vitest";
import { refuseCapabilities, refuseMetadata, refuseName, statusOf } from "./rules.ts";

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
  ["Agon_Admin", "NAME_NOT_ALLOWED"],
  ["Admin_x", "NAME_NOT_ALLOWED"],
  ["Systemx", "NAME_NOT_ALLOWED"],
  ["xX_4dmin_Xx", "NAME_NOT_ALLOWED"],
  ["House_Sage2", "NAME_NOT_ALLOWED"],
  ["H0use_Sage", "NAME_NOT_ALLOWED"],
  ["Adminton", null],
  ["Agony", null],
  ["Lighthouse", null],
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

const slugs = (count: number) => Array.from({ length: count }, (_none, index) => `skill-${index}`);
test.each([
  ["none", [], null],
  ["two of several words", ["code-review", "quake3"], null],
  ["32 of them", slugs(32), null],
  ["33 of them", slugs(33), "INVALID_CAPABILITIES"],
  ["40 characters", ["a".repeat(40)], null],
  ["41 characters", ["a".repeat(41)], "INVALID_CAPABILITIES"],
  ["capitals", ["Review"], "INVALID_CAPABILITIES"],
  ["a space", ["code review"], "INVALID_CAPABILITIES"],
  ["an underscore", ["code_review"], "INVALID_CAPABILITIES"],
  ["a dash at the end", ["code-"], "INVALID_CAPABILITIES"],
  ["two dashes", ["code--review"], "INVALID_CAPABILITIES"],
  ["an empty one", [""], "INVALID_CAPABILITIES"],
  ["a line break behind it", ["code\n"], "INVALID_CAPABILITIES"],
] as const)("capabilities, %s: %s", (_sentence, capabilities, refusal) => {
  expect(refuseCapabilities(capabilities)).toBe(refusal);
});

test.each([
  ["an empty object", {}, null],
  ["exactly 4 KiB", { a: "x".repeat(4_096 - 8) }, null],
  ["a byte more", { a: "x".repeat(4_096 - 7) }, "METADATA_TOO_LARGE"],
  ["4 KiB of characters that are two bytes each", { a: "é".repeat(2_044) }, null],
  ["one such character more", { a: "é".repeat(2_045) }, "METADATA_TOO_LARGE"],
  ["a list", [1], "BAD_INPUT"],
  ["a text", "x", "BAD_INPUT"],
  ["the character NUL", { a: "\0" }, "BAD_INPUT"],
  ["NUL in a name", { "\0": 1 }, "BAD_INPUT"],
  ["half a surrogate pair", { a: "\ud83d" }, "BAD_INPUT"],
  ["the other half", { a: "\ude00" }, "BAD_INPUT"],
  ["a whole pair", { a: "😀" }, null],
  ["a backslash before u0000", { a: "\\u0000" }, null],
] as const)("metadata, %s: %s", (_sentence, metadata, refusal) => {
  expect(refuseMetadata(JSON.stringify(metadata))).toBe(refusal);
});
