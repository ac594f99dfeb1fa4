import { expect, test } from "vitest";
import { indented } from "./indented.ts";

const deep = `${"[".repeat(500)}0,0${"]".repeat(500)}`;

test.each([
  ["an object", '{"path":"sum.js","lines":[1,2]}', '{\n  "path": "sum.js",\n  "lines": [\n    1,\n    2\n  ]\n}'],
  ["nothing in it", "{}", "{}"],
  ["words", "a - b", "a - b"],
  ["what only begins like JSON", "[ok] done", "[ok] done"],
  ["a number that would lose digits", "[12345678901234567890]", "[12345678901234567890]"],
  ["what would become very long", deep, deep],
  ["what is very long", JSON.stringify(["x".repeat(4_000)]), JSON.stringify(["x".repeat(4_000)])],
])("%s", (_sentence, text, set) => expect(indented(text)).toBe(set));
