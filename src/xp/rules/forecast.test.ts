import { expect, test } from "vitest";
import { forecast as foretell } from "./forecast.ts";
import { dayNumber, dayOf } from "./statistics.ts";

const forecast = (...given: Parameters<typeof foretell>) => foretell(...given).forecast;
const today = "2026-11-27";
const ago = (days: number) => dayOf(dayNumber(today) - days);
const every = (xp: (ago: number) => number, days = 30) =>
  new Map(Array.from({ length: days }, (_, index) => [ago(index), xp(index)] as const));

test("ten XP a day for 30 days bring 95 more in ten days, for certain", () => {
  expect(
    forecast(
      every(() => 10),
      { today, missing: 95 },
    ),
  ).toEqual({
    perDay: 10,
    expected: "2026-12-07",
    earliest: "2026-12-07",
    latest: "2026-12-07",
  });
});

test("one day's rush of 5,000 moves what is expected by little", () => {
  const rush = forecast(
    every((day) => (day === 3 ? 5_000 : 10)),
    { today, missing: 100 },
  );
  expect(rush?.perDay).toBeLessThan(60);
  expect(rush && dayNumber(rush.expected)).toBeGreaterThanOrEqual(dayNumber(today) + 2);
});

test("who gains in weeks only has an interval that says so", () => {
  const weeks = forecast(
    every((day) => (Math.floor(day / 7) % 2 === 0 ? 20 : 0)),
    { today, missing: 200 },
  );
  expect(weeks).not.toBeNull();
  expect(weeks && weeks.earliest < weeks.expected).toBe(true);
  expect(weeks?.latest === null || (weeks && weeks.latest > weeks.expected)).toBe(true);
});

test.each([
  ["nothing", every(() => 0)],
  ["four days of the last thirty", every(() => 50, 4)],
  ["only days before the last thirty", new Map(Array.from({ length: 20 }, (_, n) => [ago(40 + n), 10] as const))],
])("%s is not enough data", (_what, gained) => {
  expect(foretell(gained, { today, missing: 100 })).toEqual({ state: "NOT_ENOUGH_DATA", forecast: null });
});

test.each([
  ["too little a day", every(() => 1), 100_000],
  ["five days, then silence for weeks", new Map([23, 24, 25, 26, 27].map((n) => [ago(n), 10] as const)), 100],
])("at the pace of %s it takes more than ten years", (_what, gained, missing) => {
  expect(foretell(gained, { today, missing })).toEqual({ state: "BEYOND_TEN_YEARS", forecast: null });
});
