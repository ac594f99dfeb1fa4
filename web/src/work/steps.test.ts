import { expect, test } from "vitest";
import { add, change, connect, disconnect, faultsOf, remove, rename, writeSteps, type Steps } from "./steps.ts";
import { EXAMPLE, readSteps } from "./written.ts";

const A = { key: "a", title: "A" };
const B = { key: "b", title: "B", after: ["a"] };
const C = { key: "c", title: "C", input: { x: "/steps/a/x", y: { value: 1 } }, after: ["b"] };
const LINE: Steps = [A, B, C];

test("steps are written a line each, as the example is, and read again as what they were", () => {
  const read = readSteps(EXAMPLE);
  expect(read.ok && writeSteps(read.steps)).toBe(EXAMPLE);
  expect(read.ok && readSteps(writeSteps(read.steps))).toEqual(read);
  const odd: Steps = [{ key: "a", title: 'two\n  "lines"' }];
  expect(readSteps(writeSteps(odd))).toEqual({ ok: true, steps: odd });
  expect(writeSteps([])).toBe("[]");
});

test.each<[string, Steps, Steps]>([
  [
    "a step more comes behind the chosen one",
    add(LINE, 0),
    [...LINE, { key: "step-4", title: "New step", after: ["a"] }],
  ],
  ["the first comes behind nothing", add([], 0), [{ key: "step-1", title: "New step" }]],
  ["its name is free", add([{ key: "step-2", title: "" }], 7).slice(1), [{ key: "step-3", title: "New step" }]],
  ["who goes is no longer waited for, and pointers stay", remove(LINE, 0), [{ key: "b", title: "B" }, C]],
  [
    "one comes after another",
    connect([A, { key: "d", title: "D" }], 0, 1),
    [A, { key: "d", title: "D", after: ["a"] }],
  ],
  ["once, also where a pointer says so", connect(LINE, 0, 2), LINE],
  ["not after itself", connect(LINE, 1, 1), LINE],
  ["one waits no more", disconnect(LINE, 0, 1), [A, { key: "b", title: "B" }, C]],
  [
    "another name is another name for all",
    rename(LINE, 0, "z"),
    [
      { ...A, key: "z" },
      { ...B, after: ["z"] },
      { ...C, input: { x: "/steps/z/x", y: { value: 1 } } },
    ],
  ],
  [
    "what begins alike is another step",
    rename([A, { key: "ab", title: "x", forEach: "/steps/ab" }], 0, "z").slice(1),
    [{ key: "ab", title: "x", forEach: "/steps/ab" }],
  ],
  [
    "what says nothing is left out",
    change([{ ...A, approval: true }], 0, { approval: false, title: "" }),
    [{ key: "a", title: "" }],
  ],
])("%s", (_sentence, after, expected) => expect(after).toEqual(expected));

test("what is wrong is said at the step and its field", () => {
  const faults = faultsOf([
    { key: "a", title: "A", after: ["b"] },
    { key: "b", title: " ", after: ["a"], input: { x: "steps/a" } },
    { key: "c", title: "C", forEach: "/steps/gone" },
    { key: "c", title: "Another" },
    { key: "Big", title: "D" },
    { key: "fine", title: "E", after: ["a"] },
  ]).map((each) => each.map(({ field, says }) => `${field}: ${says}`));
  expect(faults).toEqual([
    ["needs: It waits for itself, by way of b, then a."],
    [
      "title: Say what it is about.",
      "input: x points at nothing: begin with /input or /steps/KEY.",
      "needs: It waits for itself, by way of a, then b.",
    ],
    ["key: Another step is called c.", "needs: It needs gone, which is no step."],
    ["key: Another step is called c."],
    ["key: 1 to 40 lower-case letters, digits and -; the first is a letter."],
    [],
  ]);
});
