import { expect, test } from "vitest";
import { isStorable, refuseInputs, refuseTask, scopeOf, type NewTask } from "./input.ts";
import { refuseSchema } from "./schema-bounds.ts";

const task: NewTask = {
  title: "Summarise",
  payload: "{}",
  capabilities: ["summaries"],
  priority: 3,
  complexity: "MEDIUM",
  visibility: "PRIVATE",
  teamId: null,
  assign: "PULL",
  approval: false,
  dependsOn: [],
  plan: {
    maxAttempts: 3,
    heartbeatMs: 30_000,
    acceptMs: 15_000,
    scheduleToStartMs: null,
    startToCloseMs: null,
    backoffMs: 1_000,
    backoffMaxMs: 300_000,
  },
};

test.each([
  ["a plain task may be made", {}, null],
  ["it has a title", { title: "  " }, "BAD_INPUT"],
  ["200 characters are enough for it", { title: "x".repeat(201) }, "BAD_INPUT"],
  ["64 KiB of JSON are the most", { payload: `"${"x".repeat(65_535)}"` }, "PAYLOAD_TOO_LARGE"],
  ["to the byte", { payload: `"${"x".repeat(65_534)}"` }, null],
  ["NUL cannot be stored", { payload: '"\\u0000"' }, "BAD_INPUT"],
  [
    "nine capabilities are too many",
    { capabilities: Array.from({ length: 9 }, (_, n) => `c${n}`) },
    "INVALID_CAPABILITIES",
  ],
  ["a capability is a slug", { capabilities: ["Code Review"] }, "INVALID_CAPABILITIES"],
  ["6 is no priority", { priority: 6 }, "BAD_INPUT"],
  ["a team's task names its team", { visibility: "TEAM" }, "TEAM_NEEDED"],
  ["and no other task does", { teamId: "t" }, "TEAM_NEEDED"],
  [
    "nobody's bots but one's own and the team's are given work",
    { assign: "AUTO", visibility: "PUBLIC" },
    "AUTO_IS_NOT_PUBLIC",
  ],
  ["one's own bots are", { assign: "AUTO" }, null],
  ["21 inputs are too many", { dependsOn: Array.from({ length: 21 }, String) }, "BAD_INPUT"],
  ["21 attempts are too many", { plan: { ...task.plan, maxAttempts: 21 } }, "BAD_INPUT"],
] as const)("%s", (_sentence, given, expected) => {
  expect(refuseTask({ ...task, ...given })?.code ?? null).toBe(expected);
});

test.each([
  ["PUBLIC", null, "public"],
  ["TEAM", "t", "team:t"],
  ["PRIVATE", null, "user:u"],
] as const)("a %s task waits in its lane", (visibility, teamId, lane) => {
  expect(scopeOf({ visibility, teamId }, "u")).toBe(lane);
});

test.each([
  ['"\\\\u0000"', true],
  ['"\\u0000"', false],
  ['"\\ud800"', false],
  ['"é"', true],
])("whether %s can be stored is %s", (json, storable) => expect(isStorable(json)).toBe(storable));

/** Five definitions, each of which names the next one six times: 6^4 strings. */
const multiplying = Object.fromEntries(
  Array.from({ length: 5 }, (_, n) => [
    `d${n}`,
    n === 4 ? { type: "string" } : { allOf: Array.from({ length: 6 }, () => ({ $ref: `#/$defs/d${n + 1}` })) },
  ]),
);
test("what is small until its references are written out is counted as what it makes", () => {
  expect(refuseSchema({ $defs: multiplying, $ref: "#/$defs/d0" })?.says).toBe(
    "is one piece more than 500, with all references written out",
  );
});

const nested = (levels: number): object => (levels === 0 ? {} : { items: nested(levels - 1) });
test.each([
  ["nothing is asked", true, null],
  ["an object with a pattern", { type: "object", properties: { id: { pattern: "^[a-z]+$" } }, required: ["id"] }, null],
  ["a definition", { $defs: { n: { type: "number" } }, items: { $ref: "#/$defs/n" } }, null],
  ["text is no schema", "string", ""],
  ["another server's schema", { $ref: "https://example.org/schema.json" }, "/$ref"],
  ["a file", { $ref: "file:///etc/passwd" }, "/$ref"],
  ["a reference to nothing", { $ref: "#/$defs/none" }, "/$ref"],
  ["a reference to what every object has", { $defs: {}, $ref: "#/$defs/constructor" }, "/$ref"],
  ["a schema that is its own part", { $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, "/$defs/a/$ref"],
  [
    "two that are each other's",
    { $defs: { a: { not: { $ref: "#/$defs/b" } }, b: { not: { $ref: "#/$defs/a" } } } },
    "/$defs/b/not/$ref",
  ],
  ["the whole in its part", { items: { $ref: "#" } }, "/items/$ref"],
  ["16 levels are enough", nested(15), null],
  ["17 are not", nested(16), "/items".repeat(16)],
  ["a schema of its own address", { $id: "urn:x" }, "/$id"],
  ["dynamic references", { $dynamicRef: "#x" }, "/$dynamicRef"],
  ["what compares all with all", { uniqueItems: true }, "/uniqueItems"],
  ["a keyword that nobody knows", { properties: { a: { minimun: 3 } } }, "/properties/a/minimun"],
  ["a pattern of 201 characters", { pattern: "a".repeat(201) }, "/pattern"],
  ["nine patterns", { allOf: Array.from({ length: 9 }, () => ({ pattern: "a" })) }, "/allOf/8/pattern"],
  [
    "patterns of names count, too",
    { patternProperties: Object.fromEntries("abcdefghi".split("").map((c) => [c, true])) },
    "/patternProperties",
  ],
  ["an enum of 500", { enum: Array.from({ length: 500 }, (_, n) => n) }, "/enum"],
] as const)("%s", (_sentence, schema, at) => {
  const fault = refuseSchema(schema);
  expect(fault?.at ?? null).toBe(at);
});

test.each([
  ["whatever is open, done or may be retried", ["PENDING", "COMPLETED", "FAILED"], 99, 3, null],
  ["what is not there", ["PENDING"], 0, 2, "INPUT_NOT_FOUND"],
  ["what nothing will come of", ["PENDING", "CANCELLED"], 0, 2, "INPUT_CANCELLED"],
  ["what a hundred wait for", ["PENDING"], 100, 1, "TOO_MANY_DEPENDENTS"],
  ["nothing", [], 0, 0, null],
] as const)("a task that is to wait for %s", (_sentence, states, dependents, asked, refusal) => {
  expect(
    refuseInputs(
      asked,
      states.map((state) => ({ state, dependents })),
    ),
  ).toBe(refusal);
});
