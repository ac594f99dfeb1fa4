import { parse, validate } from "graphql";
import { expect, test } from "vitest";
import { schema } from "../schema.ts";
import { EXAMPLES } from "./examples.ts";

test("what GraphiQL opens with is valid against the schema", () => {
  expect(validate(schema, parse(EXAMPLES))).toEqual([]);
});
