import { expect, test } from "vitest";
import { matrixOf, passedOf, rank, regressionsOf, type Judged, type Score } from "./judging.ts";

const even: Score = { checksPassed: 1, testsPassed: 3, regressions: 0, diffLines: 10, timeMs: 5_000, tokens: 100 };
const entry = (entryId: string, change: Partial<Score> | null): Judged =>
  change ? { entryId, outcome: "JUDGED", score: { ...even, ...change } } : { entryId, outcome: "TIME", score: null };
const places = (...entries: Judged[]) =>
  rank(entries)
    .map(({ entryId, placement }) => `${entryId}${placement}`)
    .join(" ");

test.each([
  ["hidden checks come before tests", [entry("a", { checksPassed: 0, testsPassed: 9 }), entry("b", {})], "a2 b1"],
  ["tests come before regressions", [entry("a", { testsPassed: 4, regressions: 1 }), entry("b", {})], "a1 b2"],
  ["regressions come before the diff", [entry("a", { regressions: 1, diffLines: 1 }), entry("b", {})], "a2 b1"],
  ["a smaller diff comes before less time", [entry("a", { diffLines: 9, timeMs: 9_000 }), entry("b", {})], "a1 b2"],
  ["less time comes before fewer tokens", [entry("a", { timeMs: 3_000, tokens: 999 }), entry("b", {})], "a1 b2"],
  ["a part of a second is no time", [entry("a", { timeMs: 5_999, tokens: 99 }), entry("b", {})], "a1 b2"],
  ["fewer tokens decide last", [entry("a", { tokens: 101 }), entry("b", {})], "a2 b1"],
  [
    "equals share a place, and the next one is behind both",
    [entry("a", {}), entry("b", {}), entry("c", { tokens: 999 })],
    "a1 b1 c3",
  ],
  [
    "who ran out of time is behind the worst",
    [entry("a", null), entry("b", { checksPassed: 0, testsPassed: 0 })],
    "a2 b1",
  ],
  ["those who lost share the last place", [entry("a", null), entry("b", {}), entry("c", null)], "a2 b1 c2"],
])("%s", (_sentence, entries, expected) => expect(places(...entries)).toBe(expected));

const run = (text: string) =>
  text
    .split(" ")
    .map((each) => ({ name: each.slice(1), result: each[0] === "+" ? ("PASSED" as const) : ("FAILED" as const) }));

test("an entry that weakens a test passes it only until the base's is back", () => {
  const matrix = matrixOf(run("+a -b"), run("+a +b +new"), run("+a -b"));
  expect(matrix.map(({ name, base, own, restored }) => [name, base, own, restored].join(" "))).toEqual([
    "a PASSED PASSED PASSED",
    "b FAILED PASSED FAILED",
    "new ABSENT PASSED ABSENT",
  ]);
  expect([passedOf(matrix), regressionsOf(matrix)]).toEqual([1, 0]);
});

test.each([
  ["a test that fails now", "+a +b", "+a -b", 1],
  ["a test that is gone", "+a +b", "+a", 1],
  ["a test that failed before", "+a -b", "+a -b", 0],
])("%s counts as so many regressions", (_what, base, after, count) =>
  expect(regressionsOf(matrixOf(run(base), run(after), run(after)))).toBe(count),
);
