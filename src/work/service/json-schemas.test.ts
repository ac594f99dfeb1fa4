import { expect, test } from "vitest";
import { faultOfSchema, misfit } from "./json-schemas.ts";

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

test.each([
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
