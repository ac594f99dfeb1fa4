import { expect, test } from "vitest";
import { cutPage, type Page } from "./keyset.ts";

const page = (given: Partial<Page<string>>): Page<string> => ({
  after: null,
  before: null,
  size: 2,
  backward: false,
  ...given,
});

test.each([
  [
    "the first page of a longer list",
    ["a", "b", "c"],
    page({}),
    { rows: ["a", "b"], hasPrevious: false, hasNext: true },
  ],
  ["the last page", ["c", "d"], page({ after: "b" }), { rows: ["c", "d"], hasPrevious: true, hasNext: false }],
  ["a list that fits", ["a"], page({}), { rows: ["a"], hasPrevious: false, hasNext: false }],
  [
    "the page before a key drops the row too many at its front",
    ["a", "b", "c"],
    page({ before: "d", backward: true }),
    { rows: ["b", "c"], hasPrevious: true, hasNext: true },
  ],
  ["the end of a list", ["c", "d"], page({ backward: true }), { rows: ["c", "d"], hasPrevious: false, hasNext: false }],
  ["no rows at all", ["a"], page({ size: 0 }), { rows: [], hasPrevious: false, hasNext: true }],
] as const)("%s", (_sentence, read, asked, expected) => expect(cutPage(read, asked)).toEqual(expected));
