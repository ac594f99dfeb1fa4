import { expect, test } from "vitest";
import { isText, isTitle, tagsOf } from "./content.ts";

test.each([
  ["one line", "Mending sum.js", true],
  ["120 characters", "x".repeat(120), true],
  ["121 characters", "x".repeat(121), false],
  ["120 that take two units each", "🦊".repeat(120), true],
  ["blanks", "  ", false],
  ["two lines", "a\nb", false],
  ["a mark that turns text", "a\u202Eb", false],
  ["markup, which is text", "<b>x</b>", true],
])("a title of %s", (_sentence, title, right) => expect(isTitle(title)).toBe(right));

test.each([
  [
    ["b", "a", "b"],
    ["a", "b"],
  ],
  [[], []],
  [Array.from({ length: 8 }, (_none, n) => `t${n}`), Array.from({ length: 8 }, (_none, n) => `t${n}`)],
  [Array.from({ length: 9 }, (_none, n) => `t${n}`), null],
  [["x".repeat(32)], ["x".repeat(32)]],
  [["x".repeat(33)], null],
  [["Upper"], null],
  [["two--dashes"], null],
  [["-a"], null],
  [["ä"], null],
])("tags %j are kept as %j", (given, kept) => expect(tagsOf(given)).toEqual(kept));

test.each([
  ["a\nb\tc", true],
  ["", false],
  ["x".repeat(10), true],
  ["x".repeat(11), false],
  ["bell \u0007", false],
  ["a\u2066b", false],
])("a text %j of at most 10 characters: %s", (text, right) => expect(isText(text, 10)).toBe(right));
