import { describe, expect, test } from "vitest";
import type { Comparison, StepPlan } from "./definition.ts";
import { holds, payloadsOf, readsOf, verdictOn } from "./mapping.ts";

const KNOWN = {
  input: { text: "long", list: [{ n: 1 }, { n: 2 }, { n: 3 }], deep: { a: [1, { b: null }] } },
  steps: { read: { score: 7, tags: ["x"], nothing: null }, fans: ["r0", null, "r2"] },
};
const step = (more: Partial<StepPlan>) => ({ input: {}, when: null, forEach: null, after: [], ...more }) as StepPlan;

describe("conditions", () => {
  test.each<[string, Comparison, unknown, boolean]>([
    ["/input/text", "EXISTS", null, true],
    ["/steps/read/nothing", "EXISTS", null, false],
    ["/steps/read/nothing", "MISSING", null, true],
    ["/steps/read/absent", "MISSING", null, true],
    ["/steps/read/absent", "EQUALS", null, true],
    ["/steps/read/score", "EQUALS", 7, true],
    ["/steps/read/score", "EQUALS", "7", false],
    ["/steps/read/tags", "EQUALS", ["x"], true],
    ["/input/deep", "EQUALS", { a: [1, { b: null }] }, true],
    ["/input/deep", "EQUALS", { a: [1, { b: null }], more: 1 }, false],
    ["/input/list", "EQUALS", { 0: { n: 1 } }, false],
    ["/steps/read/score", "DIFFERS", 7, false],
    ["/steps/read/absent", "DIFFERS", 7, true],
    ["/steps/read/score", "ABOVE", 6.5, true],
    ["/steps/read/score", "ABOVE", 7, false],
    ["/steps/read/score", "BELOW", 8, true],
    ["/input/text", "ABOVE", 1, false],
  ])("%s %s %j: %s", (at, is, value, expected) => expect(holds({ at, is, value }, KNOWN)).toBe(expected));
});

test.each([
  ["a step by itself is one task", step({}), { type: "BEGIN", total: 1 }],
  ["a list gives a task for each item", step({ forEach: "/input/list" }), { type: "BEGIN", total: 3 }],
  ["the results of a step that fanned out are a list", step({ forEach: "/steps/fans" }), { type: "BEGIN", total: 3 }],
  ["a text is no list", step({ forEach: "/input/text" }), { type: "FAULT", failure: "NOT_A_LIST" }],
  ["nothing is no list", step({ forEach: "/input/absent" }), { type: "FAULT", failure: "NOT_A_LIST" }],
  [
    "a condition that does not hold comes before the list",
    step({ forEach: "/input/text", when: { at: "/input/text", is: "MISSING", value: null } }),
    { type: "SKIP" },
  ],
])("%s", (_sentence, asked, verdict) => expect(verdictOn(asked, KNOWN)).toEqual(verdict));

test("ten thousand items are taken, one more is not", () => {
  const known = (length: number) => ({ input: Array.from({ length }, () => 0), steps: {} });
  const asked = step({ forEach: "/input" });
  expect(verdictOn(asked, known(10_000))).toEqual({ type: "BEGIN", total: 10_000 });
  expect(verdictOn(asked, known(10_001))).toEqual({ type: "FAULT", failure: "TOO_MANY_ITEMS" });
});

test("payloads are what the pointers point at, for the items asked for; what is not there is null", () => {
  const asked = step({
    forEach: "/input/list",
    input: { n: "/item/n", at: "/index", of: "/steps/read/score", none: "/input/absent", is: { value: [true] } },
  });
  expect(payloadsOf(asked, KNOWN, 1, 5).map((text) => JSON.parse(text ?? "null") as unknown)).toEqual([
    { n: 2, at: 1, of: 7, none: null, is: [true] },
    { n: 3, at: 2, of: 7, none: null, is: [true] },
  ]);
});

test("a payload of more than a task carries is none", () => {
  const half = { input: "x".repeat(40_000), steps: {} };
  expect(payloadsOf(step({ input: { a: "/input" } }), half, 0, 1)[0]).toHaveLength(40_008);
  expect(payloadsOf(step({ input: { a: "/input", b: "/input" } }), half, 0, 1)).toEqual([null]);
});

test("a step reads the outputs that its pointers name, and not those that it only comes after", () => {
  const when = { at: "/steps/c", is: "EXISTS", value: null } as const;
  expect(readsOf(step({ after: ["a"], input: { x: "/steps/b/x", y: "/input" }, when }))).toEqual(["b", "c"]);
});
