import { expect, test } from "vitest";
import { MAPS, safeCommand, safeMap, safeName } from "./commands.ts";
import { EMPTY_BUCKET, OWN_BURST, poured, waitMs, type Bucket } from "./leaky-bucket.ts";

test.each(MAPS)("%s may be loaded", (map) => expect(safeMap(map)).toEqual({ ok: true, value: map }));

test.each(["", "aggressor;quit", "../aggressor", "AGGRESSOR", "aggressor\n", "constructor"])(
  "%j is no map to load",
  (map) => expect(safeMap(map)).toEqual({ ok: false, refusal: "MAP_UNKNOWN" }),
);

test.each(["Alpha", "7of9", "a_b-c.d e", "x".repeat(20)])("%s is a name", (name) =>
  expect(safeName(name)).toEqual({ ok: true, value: name }),
);

test.each(["", " a", "x".repeat(21), "a;b", 'a"b', "a\\b", "^1red", "a%s", "a\nb", "ä", "a$b", "a/b"])(
  "%j is refused as a name",
  (name) => expect(safeName(name)).toEqual({ ok: false, refusal: "NAME_UNSAFE" }),
);

test("a command of plain words is joined by blanks", () =>
  expect(safeCommand(["kick", "2"])).toEqual({ ok: true, value: "kick 2" }));

test.each([[[]], [["a b"]], [["a;b"]], [["a\nb"]], [['"']], [["//"]], [["a", ""]], [["$x"]], [["x".repeat(65)]]])(
  "%j is refused as a command",
  (words) => expect(safeCommand(words)).toEqual({ ok: false, refusal: "COMMAND_UNSAFE" }),
);

/** The wait before each of some packets that are sent one after the other, as early as allowed. */
function waits(count: number): number[] {
  let bucket: Bucket = EMPTY_BUCKET;
  let now = 1_000;
  return Array.from({ length: count }, () => {
    const wait = waitMs(bucket, now);
    now += wait;
    bucket = poured(bucket, now);
    return wait;
  });
}

test("eight packets go at once, then one a second, so that the server's ten are never used up", () => {
  expect(OWN_BURST).toBe(8);
  expect(waits(11)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1_000, 1_000, 1_000]);
});

test.each([
  [3, 0, 0],
  [8, 0, 1_000],
  [8, 400, 600],
  [8, 1_000, 0],
  [8, 60_000, 0],
])("a bucket with %i in it, %i ms later, wants a wait of %i ms", (level, later, wait) =>
  expect(waitMs({ level, atMs: 0 }, later)).toBe(wait),
);
