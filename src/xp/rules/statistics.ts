import { COMPLEXITIES, type Complexity } from "./formula.ts";

export const DURATION_PLACES = 48;
const FIRST_MS = 100;
const HOURS = 24;

/** Where a duration is counted, from 1: below 100 ms, then by half octaves, the last one for all that is longer. */
export function durationPlace(ms: number): number {
  if (ms < FIRST_MS) return 1;
  return Math.min(DURATION_PLACES, 2 + Math.floor(2 * Math.log2(ms / FIRST_MS)));
}

/** From what to what a place counts, in milliseconds. */
function boundsOf(place: number): [number, number] {
  if (place === 1) return [0, FIRST_MS];
  return [FIRST_MS * 2 ** ((place - 2) / 2), FIRST_MS * 2 ** ((place - 1) / 2)];
}

/** The duration below which a part of all lies, read off counts by place, at most a fifth off; null without any. */
export function percentile(counts: readonly number[], part: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = part * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && below + count >= wanted) {
      const [from, to] = boundsOf(index + 1);
      return Math.round(from + (to - from) * Math.max(0, (wanted - below) / count));
    }
    below += count;
  }
  return Math.round(boundsOf(counts.length)[1]);
}

/** What a bot did on a day, as it is rolled up. */
export type Day = {
  day: string;
  tries: number;
  successes: number;
  wins: number;
  draws: number;
  losses: number;
  qualitySum: number;
  qualityCount: number;
};
/** What some days of a bot count together: by the hour, by complexity, and durations by their places. */
export type Counts = {
  hours: readonly number[];
  complexities: readonly number[];
  durations: readonly number[];
};

/** What some days of a bot come to. Rates are parts of 1, qualities too; null where nothing was seen. */
export type Statistics = {
  tries: number;
  successRate: number | null;
  wins: number;
  draws: number;
  losses: number;
  quality: number | null;
  /** What the quality gains in a day, by the robust slope over the days that have one; null below three of them. */
  qualityTrend: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  byHour: number[];
  byComplexity: Record<Complexity, number>;
};

const sumOf = (days: readonly Day[], of: (day: Day) => number): number => days.reduce((sum, day) => sum + of(day), 0);
const rate = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** What a bot's days, oldest first, and their counts come to. */
export function summarise(days: readonly Day[], { hours, complexities, durations }: Counts): Statistics {
  const tries = sumOf(days, (day) => day.tries);
  return {
    tries,
    successRate: rate(
      sumOf(days, (day) => day.successes),
      tries,
    ),
    wins: sumOf(days, (day) => day.wins),
    draws: sumOf(days, (day) => day.draws),
    losses: sumOf(days, (day) => day.losses),
    quality: rate(
      sumOf(days, (day) => day.qualitySum) / 1_000,
      sumOf(days, (day) => day.qualityCount),
    ),
    qualityTrend: trendOf(days),
    p50Ms: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
    byHour: Array.from({ length: HOURS }, (_none, hour) => hours[hour] ?? 0),
    byComplexity: Object.fromEntries(
      COMPLEXITIES.map((complexity, index) => [complexity, complexities[index] ?? 0]),
    ) as Record<Complexity, number>,
  };
}

const TREND_DAYS_MIN = 3;
/** No more than so many days are compared with each other. */
const TREND_DAYS_MAX = 90;

function trendOf(days: readonly Day[]): number | null {
  const points = days
    .filter(({ qualityCount }) => qualityCount > 0)
    .slice(-TREND_DAYS_MAX)
    .map(({ day, qualitySum, qualityCount }) => ({ x: dayNumber(day), y: qualitySum / qualityCount / 1_000 }));
  return points.length < TREND_DAYS_MIN ? null : median(slopesOf(points));
}

const DAY_MS = 86_400_000;
/** A day, as 2026-11-27, in days since 1970. */
export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
/** A day by its number. */
export const dayOf = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

export type Point = { x: number; y: number };

/** The slopes between all pairs of points that lie apart by `apart` at least. */
export function slopesOf(points: readonly Point[], apart = 1): number[] {
  return points.flatMap((later, index) =>
    points
      .slice(0, index)
      .filter((earlier) => later.x - earlier.x >= apart)
      .map((earlier) => (later.y - earlier.y) / (later.x - earlier.x)),
  );
}

/** The value at a part of sorted values, in between by proportion; not for an empty list. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** The middle of values, or of the two in the middle. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);
