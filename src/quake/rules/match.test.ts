import { expect, test } from "vitest";
import { safeName } from "./commands.ts";
import { ATTEMPTS_MAX, guidOf, mapOf, mend, playerName, type Abandoned } from "./match.ts";

test.each<[string, Abandoned, ReturnType<typeof mend>]>([
  [
    "one that waits for a node waits on",
    { phase: "ANNOUNCED", attempts: 0, waitedMs: 599_999, aloneMs: 599_999 },
    "WAIT",
  ],
  [
    "but not longer than ten minutes",
    { phase: "ANNOUNCED", attempts: 0, waitedMs: 600_000, aloneMs: 600_000 },
    { void: "NO_NODE" },
  ],
  [
    "one that waits behind others waits longer",
    { phase: "ANNOUNCED", attempts: 0, waitedMs: 3_599_999, aloneMs: 0 },
    "WAIT",
  ],
  ["but not for ever", { phase: "ANNOUNCED", attempts: 0, waitedMs: 3_600_000, aloneMs: 0 }, { void: "NO_NODE" }],
  ["one whose players were joining begins anew", { phase: "JOINING", attempts: 1, waitedMs: 0, aloneMs: 0 }, "RESUME"],
  ["one that was counting down begins anew", { phase: "COUNTDOWN", attempts: 2, waitedMs: 0, aloneMs: 0 }, "RESUME"],
  [
    "one that brings nodes down is given up",
    { phase: "JOINING", attempts: ATTEMPTS_MAX, waitedMs: 0, aloneMs: 0 },
    { void: "NODE_LOST" },
  ],
  ["one that was live is void", { phase: "LIVE", attempts: 1, waitedMs: 0, aloneMs: 0 }, { void: "NODE_LOST" }],
  ["one that has a result is let alone", { phase: "COMPLETED", attempts: 1, waitedMs: 0, aloneMs: 0 }, "WAIT"],
])("of a match that nobody runs, %s", (_sentence, abandoned, becomes) => expect(mend(abandoned)).toEqual(becomes));

test.each([
  ["Ripper", "Ripper"],
  ["_under", "xunder"],
  ["___", "x"],
  ['a"; quit', "xaquit"],
  ["^1red\\name\\admin", "x1rednameadmin"],
  ["line\nKill: 0 1 10:", "xlineKill0110"],
])("on a server %j is called %s", (name, called) => {
  expect(playerName(name)).toBe(called);
  expect(safeName(called).ok).toBe(true);
});

test("a server knows a bot by 32 hexadecimal digits", () => {
  expect(guidOf("0197f3a0-1b2c-7d3e-8f40-5a6b7c8d9e0f")).toBe("0197F3A01B2C7D3E8F405A6B7C8D9E0F");
});

test("the map follows from the seed", () => {
  expect([0, 1, 2, 3, 4, 255].map((byte) => mapOf(Uint8Array.of(byte)))).toEqual([
    "aggressor",
    "q3dm6ish",
    "dm4ish",
    "fan",
    "aggressor",
    "fan",
  ]);
});
