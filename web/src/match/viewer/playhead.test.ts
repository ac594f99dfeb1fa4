import { expect, test } from "vitest";
import { advance, clock, keyed, seek, startOf, toEdge, toggle, type Span } from "./playhead.ts";

const replay: Span = { fromMs: 0, toMs: 120_000, live: false };
const live: Span = { fromMs: 30_000, toMs: 60_000, live: true };

test("a replay begins at its start and plays, but for whoever wants no motion", () => {
  expect(startOf(replay, false)).toEqual({ atMs: 0, playing: true, speed: 1, following: false });
  expect(startOf(replay, true)).toMatchObject({ atMs: 0, playing: false });
});

test("it plays at its speed, stops at its end, and begins anew from there", () => {
  const head = { ...startOf(replay, false), speed: 4 };
  expect(advance(head, replay, 1_000).atMs).toBe(4_000);
  const ended = advance({ ...head, atMs: 119_000 }, replay, 1_000);
  expect(ended).toMatchObject({ atMs: 120_000, playing: false });
  expect(toggle(ended, replay)).toMatchObject({ atMs: 0, playing: true });
  expect(advance(toggle(head, replay), replay, 1_000).atMs).toBe(0);
});

test("live it stays a little behind the newest frame, hurries when it falls back, and jumps when it is far", () => {
  const head = startOf(live, false);
  expect(head).toMatchObject({ atMs: 59_750, following: true });
  expect(advance(head, { ...live, toMs: 60_100 }, 100).atMs).toBe(59_850);
  expect(advance(head, { ...live, toMs: 60_800 }, 100).atMs).toBeCloseTo(59_860);
  expect(advance(head, { ...live, toMs: 90_000 }, 100).atMs).toBe(89_750);
  // Without new frames it stands at the last one.
  expect(advance({ ...head, atMs: 59_990 }, live, 5_000).atMs).toBe(60_000);
});

test("who looks back into a live round stays there until the live edge is asked for or reached", () => {
  const back = seek(startOf(live, false), live, 40_000);
  expect(back).toMatchObject({ atMs: 40_000, following: false });
  expect(advance(back, live, 1_000)).toMatchObject({ atMs: 41_000, following: false });
  expect(toEdge(back, live)).toMatchObject({ atMs: 59_750, following: true, playing: true });
  expect(advance({ ...back, atMs: 59_500 }, live, 1_000)).toMatchObject({ following: true, playing: true });
});

test.each([
  ["ArrowLeft", 49_000],
  ["ArrowRight", 51_000],
  ["PageUp", 40_000],
  ["PageDown", 60_000],
  ["Home", 0],
  ["End", 120_000],
  ["x", null],
])("%s moves from 0:50 to %s ms", (key, to) => {
  expect(keyed(key, 50_000, replay)).toBe(to);
});

test.each([
  [-1_000, 0],
  [130_000, 120_000],
  [60_000, 60_000],
])("to %i ms is at most to the ends", (wanted, atMs) => {
  expect(seek(startOf(replay, false), replay, wanted).atMs).toBe(atMs);
});

test.each([
  [0, "0:00"],
  [61_900, "1:01"],
  [-5, "0:00"],
])("%i ms is %s", (atMs, text) => {
  expect(clock(atMs)).toBe(text);
});
