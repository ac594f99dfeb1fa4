import { expect, test } from "vitest";
import type { SoundView, StrategyView } from "./contract.ts";
import { Thinner } from "./owed.ts";

const sound = (x: number): SoundView => ({ sound: "STEP", origin: [x, 0, 0] });
const view = (nowMs: number): StrategyView =>
  ({ nowMs, facts: null, sounds: [sound(nowMs)], deaths: [] }) as unknown as StrategyView;

test("ten a second of twenty are every other view, and what the others said comes with the next", () => {
  const thinner = new Thinner(10);
  const times = [1_000, 1_050, 1_100, 1_150, 1_200];
  const taken = times.map((ms) => thinner.take(view(ms), ms)?.sounds.map(({ origin: [x] }) => x) ?? null);
  expect(taken).toEqual([[1_000], null, [1_050, 1_100], null, [1_150, 1_200]]);
});

test("a view that comes late does not put off those behind it", () => {
  const thinner = new Thinner(20);
  const taken = [1_000, 1_060, 1_100, 1_150].map((ms) => thinner.take(view(ms), ms) !== null);
  expect(taken).toEqual([true, true, true, true]);
});

test("what a view said that did not arrive comes with the next one", () => {
  const thinner = new Thinner(20);
  const lost = thinner.take(view(1_000), 1_000);
  if (lost) thinner.owe(lost);
  expect(thinner.take(view(1_050), 1_050)?.sounds).toEqual([sound(1_000), sound(1_050)]);
});

test("at most 64 sounds are kept of views that were left out", () => {
  const thinner = new Thinner(1);
  thinner.take(view(0), 1_000);
  for (let each = 1; each <= 100; each++) thinner.take(view(each), 1_000);
  expect(thinner.take(view(101), 2_000)?.sounds.map(({ origin: [x] }) => x)).toEqual(
    Array.from({ length: 64 }, (_none, index) => index + 38),
  );
});
