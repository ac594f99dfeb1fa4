import { expect, test } from "vitest";
import { EXAMPLE, needsOf, readSteps, sketch } from "./written.ts";

test.each([
  ["no JSON", "[", /^This is not JSON/],
  ["one step without its list", "{}", /list of steps/],
  ["a step without a key", '[{ "key": "a" }, {}]', /^Step 2 needs a key/],
])("%s cannot be drawn", (_sentence, text, says) => {
  expect(readSteps(text)).toEqual({ ok: false, says: expect.stringMatching(says) });
});

test("a step needs what it comes after and what its pointers name, once each", () => {
  const input = { a: "/steps/read/text", b: "/input/x", c: { value: "/steps/not-a-pointer" } };
  const when = { at: "/steps/check", is: "EXISTS" as const };
  expect(needsOf({ key: "k", title: "k", after: ["read"], input, when, forEach: "/steps/list/items" })).toEqual([
    "read",
    "list",
    "check",
  ]);
});

test("the example is a line of three, whose second is a person's", () => {
  const read = readSteps(EXAMPLE);
  expect(read.ok && sketch(read.steps).map(({ key, needs, look }) => [key, needs, look])).toEqual([
    ["0", [], "waiting"],
    ["1", ["0"], "asks"],
    ["2", ["1", "0"], "waiting"],
  ]);
  expect(read.ok && sketch(read.steps, 1, (at) => at === 0).map(({ look, says }) => [look, says])).toEqual([
    ["failed", "something is wrong"],
    ["asks chosen", "a person decides"],
    ["waiting", "a bot does it"],
  ]);
});
