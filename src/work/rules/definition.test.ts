import { describe, expect, test } from "vitest";
import {
  before,
  cycleIn,
  refuseGraph,
  STEPS_MAX,
  unknownCapability,
  type Definition,
  type StepPlan,
} from "./definition.ts";

const PLAN = {
  maxAttempts: 3,
  heartbeatMs: 30_000,
  acceptMs: 15_000,
  scheduleToStartMs: null,
  startToCloseMs: null,
  backoffMs: 1_000,
  backoffMaxMs: 300_000,
};
const step = (key: string, more: Partial<StepPlan> = {}): StepPlan => ({
  key,
  title: key,
  after: [],
  capabilities: [],
  input: {},
  when: null,
  forEach: null,
  approval: false,
  optional: false,
  compensation: null,
  priority: 3,
  complexity: "MEDIUM",
  assign: "PULL",
  plan: PLAN,
  resultSchema: null,
  ...more,
});
const workflow = (...steps: StepPlan[]): Definition => ({ name: "w", onFailure: "STOP", inputSchema: null, steps });

test("a sequence, a fork and a join are workflows, in any order", () => {
  const last = step("c", { after: ["a"], input: { text: "/steps/b/text", also: { value: 1 } } });
  expect(refuseGraph(workflow(last, step("a"), step("b", { after: ["a"] })))).toBeNull();
  expect(before(last)).toEqual(["a", "b"]);
});

describe("what is refused", () => {
  test.each([
    ["nothing", [], "BAD_INPUT", "steps"],
    ["more than 200 steps", Array.from({ length: STEPS_MAX + 1 }, (_none, n) => step(`s${n}`)), "BAD_INPUT", "steps"],
    ["a key in capitals", [step("A")], "BAD_INPUT", "steps.0.key"],
    ["a key twice", [step("a"), step("b"), step("a")], "DUPLICATE_STEP", "steps.2.key"],
    ["a pointer without a slash", [step("a", { input: { x: "input" } })], "BAD_POINTER", "steps.0.input"],
    ["a pointer at no root", [step("a", { input: { x: "/payload/x" } })], "BAD_POINTER", "steps.0.input"],
    ["an item without a list", [step("a", { input: { x: "/item" } })], "BAD_POINTER", "steps.0.input"],
    [
      "a condition on an item",
      [step("a", { forEach: "/input", when: { at: "/item", is: "EXISTS", value: null } })],
      "BAD_POINTER",
      "steps.0.when",
    ],
    ["a list of steps", [step("a", { forEach: "/steps" })], "BAD_POINTER", "steps.0.forEach"],
    ["a step after none", [step("a", { after: ["b"] })], "UNKNOWN_INPUT", "steps.0.after"],
    ["the output of no step", [step("a", { input: { x: "/steps/b/x" } })], "UNKNOWN_INPUT", "steps.0.input"],
    ["a step after itself", [step("a", { after: ["a"] })], "WORKFLOW_CYCLE", "steps"],
    [
      "more JSON than 128 KiB",
      [step("a", { input: { x: { value: "x".repeat(128 * 1_024) } } })],
      "WORKFLOW_TOO_LARGE",
      "steps",
    ],
  ] as const)("%s", (_sentence, steps, code, path) => {
    const fault = refuseGraph(workflow(...steps));
    expect([fault?.code, fault?.path.join(".")]).toEqual([code, path]);
  });

  test("a cycle is named in the order in which its steps wait, through pointers too", () => {
    const steps = [
      step("z"),
      step("a", { after: ["z"], input: { x: "/steps/c/x" } }),
      step("b", { after: ["a"] }),
      step("c", { after: ["b"] }),
    ];
    expect(refuseGraph(workflow(...steps))?.message).toBe("Steps wait for each other: a → b → c → a.");
  });
});

test.each([
  ["a diamond has none", { a: [], b: ["a"], c: ["a"], d: ["b", "c"] }, null],
  ["two wait for each other", { a: ["b"], b: ["a"] }, ["a", "b", "a"]],
  ["one behind a cycle is not in it", { d: ["a"], a: ["b"], b: ["a"] }, ["a", "b", "a"]],
])("cycles: %s", (_sentence, needs, cycle) => {
  expect(cycleIn(new Map(Object.entries(needs)))).toEqual(cycle);
});

test.each([
  ["what a step needs", step("a", { capabilities: ["flying"] }), "No bot that could do a has flying."],
  [
    "what undoes it needs",
    step("a", { capabilities: ["b"], compensation: { title: "undo", capabilities: ["mending"] } }),
    "No bot that could do a has mending.",
  ],
])("a capability that no bot has: %s", (_sentence, asked, message) => {
  expect(unknownCapability(workflow(asked), new Set(["b"]))?.message).toBe(message);
});

test("a person's step needs no bot's capability", () => {
  expect(unknownCapability(workflow(step("a", { approval: true, capabilities: ["flying"] })), new Set())).toBeNull();
});
