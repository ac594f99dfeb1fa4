import { lazy, Suspense } from "react";
import type { Growth } from "./documents.ts";
import { dayName, thousands } from "./words.ts";

const Chart = lazy(() => import("./chart.tsx"));

const NO_FORECAST = {
  FORETOLD: "",
  NOT_ENOUGH_DATA: "no forecast: not enough data yet",
  BEYOND_TEN_YEARS: "no forecast: more than ten years at this pace",
  HIDDEN: "no forecast: its owner shows no statistics",
} as const;

/** What the forecast says, in words. */
export function forecastWords({ levelForecast, levelForecastState, level }: Growth): string {
  if (!levelForecast) return NO_FORECAST[levelForecastState];
  const { expected, earliest, latest } = levelForecast;
  const until = latest == null ? "or much later" : `to ${dayName(latest)}`;
  return `level ${level.number + 1} about ${dayName(expected)} (${dayName(earliest)} ${until})`;
}

/** The XP, and how far the next level is. */
export function Bar({ xp }: { xp: Growth }) {
  const { total, level } = xp;
  const part = ((total - level.from) / (level.next - level.from)) * 100;
  return (
    <>
      <h1 className="xphead">{thousands(total)} XP</h1>
      <div
        className="xb"
        role="meter"
        aria-label={`XP to level ${level.number + 1}`}
        aria-valuemin={level.from}
        aria-valuemax={level.next}
        aria-valuenow={total}
      >
        <i style={{ width: `${part.toFixed(1)}%` }} />
      </div>
      <p className="between xs dim3">
        <span className="mono">{thousands(level.from)}</span>
        <span>
          {thousands(level.next - total)} XP to go, {forecastWords(xp)}
        </span>
        <span className="mono">{thousands(level.next)}</span>
      </p>
    </>
  );
}

/** XP over the last 30 days with the forecast's fan: a chart, and the same as a table. */
export function GrowthChart({ name, xp }: { name: string; xp: Growth }) {
  const { days, total } = xp;
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return <p className="dim pad">Nothing was counted in the last 30 days.</p>;
  const before = total - last.total;
  return (
    <>
      <div
        className="chart"
        role="img"
        aria-label={`XP of ${name} over 30 days, from ${before} to ${total}; ${forecastWords(xp)}`}
      >
        <Suspense fallback={null}>
          <Chart
            points={days.map((day) => [day.day, before + day.total] as const)}
            forecast={xp.levelForecast ?? null}
            target={xp.level.next}
          />
        </Suspense>
      </div>
      <details className="astable">
        <summary className="sm dim">The same as a table</summary>
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label={`XP of ${name} by day`}>
          <table className="tbl">
            <thead>
              <tr>
                <th>Day</th>
                <th className="num">XP</th>
                <th className="num">Together</th>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map((day) => (
                <tr key={day.day}>
                  <td className="dim">{dayName(day.day)}</td>
                  <td className="num">+{day.xp}</td>
                  <td className="num">{thousands(before + day.total)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
