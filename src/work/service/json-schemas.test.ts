import { expect, test } from "vitest";
import { faultOfSchema, misfit } from "./json-schemas.ts";

const names = (count: number) => Array.from({ length: count }, (_none, n) => `n${n}`);
const row = (count: number) => Object.fromEntries(names(count).map((name) => [name, 1]));
const rows = (count: number) => ({
  items: { properties: Object.fromEntries(names(count).map((name) => [name, { type: "integer" }])) },
});

test.each([
  [{ type: "object", required: ["a"] }, {}, "The value must have required property 'a'."],
  [{ items: { $ref: "#/$defs/n" }, $defs: { n: { type: "integer" } } }, [1, "2"], "/1 must be integer."],
  [{ pattern: "^[a-z]+$" }, "abc", null],
  [{ pattern: "^[a-z]+$" }, "ABC", 'The value must match pattern "^[a-z]+$".'],
  // Two patterns in one process are two.
  [{ pattern: "^[A-Z]+$" }, "ABC", null],
  [{ patternProperties: { "^x": { type: "number" } } }, { xa: "1" }, "/xa must be number."],
  [{ $schema: "http://json-schema.org/draft-07/schema#", type: "null" }, null, null],
  [{ format: "email" }, "no address", null],
  [false, 1, "The value must NOT be valid."],
  // V8 would look at this for longer than the sun will shine.
  [{ pattern: "^(a+)+$" }, `${"a".repeat(40_000)}b`, 'The value must match pattern "^(a+)+$".'],
])("%j takes %j or says why", (schema, value, said) => {
  expect(faultOfSchema(schema)).toBeNull();
  expect(misfit(schema, value)).toBe(said);
});

/** 430 branches of which each part of the value is held against all. */
const BOMB = { items: { anyOf: [...Array.from({ length: 430 }, (_none, n) => ({ const: n + 2 })), { const: 1 }] } };

test.each([
  ["430 branches against 32,000 values", BOMB, Array(32_000).fill(1), /32001 parts.* at most/],
  ["the same against as many as go in milliseconds", BOMB, Array(500).fill(1), null],
  ["one type against 32,000 values", { items: { type: "integer" } }, Array(32_000).fill(1), null],
  ["40 names of 200 objects", rows(40), Array(200).fill(row(40)), null],
  [
    "long text against 400 branches",
    { anyOf: Array.from({ length: 400 }, (_none, n) => ({ minLength: n })) },
    "x".repeat(65_000),
    /at most/,
  ],
])("%s", (_sentence, schema, value, said) => {
  expect(faultOfSchema(schema)).toBeNull();
  expect(misfit(schema, value) ?? "").toMatch(said ?? /^$/);
});

test.each([
  ["oneOf of 33 branches", { oneOf: Array.from({ length: 33 }, (_none, n) => ({ const: n })) }, /32 branches/],
  ["a pattern that is none", { pattern: "(" }, /missing closing \)/],
  ["a pattern of 400 states", { pattern: "((a{20}){20})" }, /too large/],
  ["a pattern of 2,500 repeats", { pattern: "((a{50}){50})" }, /invalid repeat count/],
  ["a type that is none", { type: "nothing" }, /schema is invalid/],
  ["a look back, which linear time does not have", { pattern: "(a)\\1" }, /invalid escape sequence/],
  ["more than 8 KiB", { description: "x".repeat(8_192) }, /8192 bytes/],
  ["a half of a pair", { const: "\ud800" }, /well-formed/],
  ["a cycle", { $defs: { a: { items: { $ref: "#/$defs/a" } } }, $ref: "#/$defs/a" }, /refers to what it is a part of/],
])("%s is not taken", (_sentence, schema, said) => expect(faultOfSchema(schema)).toMatch(said));

test("thousands of schemas after each other are each their own", () => {
  for (let n = 0; n < 2_500; n++) {
    const schema = { pattern: `^${n}$` };
    if (misfit(schema, String(n)) !== null || misfit(schema, "x") === null) throw new Error(`schema ${n}`);
  }
});
