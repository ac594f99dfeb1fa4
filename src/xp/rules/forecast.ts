import { dayNumber, dayOf, median, quantile, slopesOf, type Point } from "./statistics.ts";

/** How many days a forecast looks back on. */
export const FORECAST_DAYS = 30;
/** On fewer days with XP nothing is foretold. */
export const ACTIVE_DAYS_MIN = 5;
/** Rates are compared over a week at least, so that one day's rush is no forecast. */
const APART_DAYS = 7;
const LOW = 0.1;
const HIGH = 0.9;
const AHEAD_DAYS_MAX = 3_650;

/** When the next level comes if it goes on like this; `latest` is null where it may take more than ten years. */
export type Forecast = { perDay: number; expected: string; earliest: string; latest: string | null };

/** What can be said: a forecast, that there is too little to tell, or that it would take more than ten years. */
export type Foretold =
  | { state: "FORETOLD"; forecast: Forecast }
  | { state: "NOT_ENOUGH_DATA"; forecast: null }
  | { state: "BEYOND_TEN_YEARS"; forecast: null };

/**
 * Theil–Sen over what was gathered on the last 30 days: the median of the slopes between all pairs of days a week or more
 * apart; the interval is between their 10th and 90th percentile.
 * H. Theil 1950, P. K. Sen 1968.
 */
export function forecast(
  gained: ReadonlyMap<string, number>,
  { today, missing }: { today: string; missing: number },
): Foretold {
  const last = dayNumber(today);
  const first = last - FORECAST_DAYS + 1;
  const active = [...gained].filter(([day, xp]) => xp > 0 && dayNumber(day) >= first && dayNumber(day) <= last);
  if (active.length < ACTIVE_DAYS_MIN) return { state: "NOT_ENOUGH_DATA", forecast: null };
  const slopes = slopesOf(gathered(gained, first, last), APART_DAYS);
  const perDay = median(slopes);
  const expected = reachedOn(last, missing, perDay);
  const earliest = reachedOn(last, missing, quantile(slopes, HIGH));
  if (expected === null || earliest === null) return { state: "BEYOND_TEN_YEARS", forecast: null };
  const latest = reachedOn(last, missing, quantile(slopes, LOW));
  return { state: "FORETOLD", forecast: { perDay, expected, earliest, latest } };
}

function gathered(gained: ReadonlyMap<string, number>, first: number, last: number): Point[] {
  let sum = 0;
  return Array.from({ length: last - first + 2 }, (_, index) => {
    const x = first - 1 + index;
    if (index > 0) sum += gained.get(dayOf(x)) ?? 0;
    return { x, y: sum };
  });
}

function reachedOn(today: number, missing: number, perDay: number): string | null {
  const days = perDay > 0 ? Math.ceil(missing / perDay) : Infinity;
  return days > AHEAD_DAYS_MAX ? null : dayOf(today + days);
}
