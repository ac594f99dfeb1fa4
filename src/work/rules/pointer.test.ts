import { expect, test } from "vitest";
import { pointedAt, readPointer } from "./pointer.ts";

/** RFC 6901 §5. */
const DOCUMENT = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
};

test.each([
  ["", DOCUMENT],
  ["/foo", ["bar", "baz"]],
  ["/foo/0", "bar"],
  ["/", 0],
  ["/a~1b", 1],
  ["/c%d", 2],
  ["/e^f", 3],
  ["/g|h", 4],
  ["/i\\j", 5],
  ['/k"l', 6],
  ["/ ", 7],
  ["/m~0n", 8],
])("RFC 6901: %j points at %j", (text, value) => {
  expect(pointedAt(DOCUMENT, readPointer(text) ?? ["?"])).toEqual(value);
});

test.each([
  ["a name before the slash", "foo"],
  ["an escape that is none", "/a~2b"],
  ["an escape without end", "/a~"],
  ["more than 256 characters", `/${"a".repeat(256)}`],
])("%s is no pointer", (_sentence, text) => expect(readPointer(text)).toBeNull());

test.each([
  ["behind a list's end", "/foo/2"],
  ["the item after the last one", "/foo/-"],
  ["an index with a leading zero", "/foo/00"],
  ["a name of a list", "/foo/length"],
  ["what every object inherits", "/constructor"],
  ["inside a number", "/a~1b/x"],
])("nothing is %s", (_sentence, text) => expect(pointedAt(DOCUMENT, readPointer(text) ?? [])).toBeUndefined());
