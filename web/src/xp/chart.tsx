import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Growth } from "./documents.ts";

const HEIGHT = 258;
const DAY_S = 86_400;

type Forecast = NonNullable<Growth["levelForecast"]>;
type Drawn = { points: readonly (readonly [day: string, xp: number])[]; forecast: Forecast | null; target: number };

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const secondsOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1_000;

/** The dotted line to the expected day in a hatched fan from the earliest to the latest one. */
function drawFan(plot: uPlot, { points, forecast, target }: Drawn): void {
  const last = points.at(-1);
  if (!forecast || !last) return;
  const { ctx, bbox } = plot;
  const at = (day: string, xp: number) =>
    [plot.valToPos(secondsOf(day), "x", true), plot.valToPos(xp, "y", true)] as const;
  const from = at(last[0], last[1]);
  const [early, expected] = [at(forecast.earliest, target), at(forecast.expected, target)];
  const late = forecast.latest == null ? ([bbox.left + bbox.width, from[1]] as const) : at(forecast.latest, target);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 8, bbox.width, bbox.height + 8);
  ctx.clip();
  ctx.strokeStyle = token("--text");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, early[1]);
  ctx.lineTo(bbox.left + bbox.width, early[1]);
  ctx.stroke();
  hatch(ctx, [from, early, late]);
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...expected);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = token("--ground");
  ctx.beginPath();
  ctx.arc(...expected, 5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

const GAP = 6;

function hatch(ctx: CanvasRenderingContext2D, corners: readonly (readonly [number, number])[]): void {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  ctx.save();
  ctx.beginPath();
  corners.forEach(([x, y], index) => (index === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.clip();
  ctx.strokeStyle = token("--line-2");
  ctx.beginPath();
  for (let x = left - (bottom - top); x < right; x += GAP * devicePixelRatio) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + (bottom - top), top);
  }
  ctx.stroke();
  ctx.restore();
}

function optionsOf(width: number, drawn: Drawn): uPlot.Options {
  const { points, forecast, target } = drawn;
  const axis = { stroke: token("--text-3"), font: `400 11px ${token("--font-num")}`, ticks: { show: false } };
  const first = secondsOf(points[0]?.[0] ?? "1970-01-01");
  const last = secondsOf(points.at(-1)?.[0] ?? "1970-01-02");
  // The fan gets as much room as the past at most: what lies further away is cut off, and told in words.
  const ahead = forecast ? secondsOf(forecast.latest ?? forecast.expected) + 3 * DAY_S : last;
  const right = Math.min(Math.max(last + DAY_S, ahead), last + Math.max(14 * DAY_S, last - first));
  const top = forecast ? target : (points.at(-1)?.[1] ?? 0);
  return {
    width,
    height: HEIGHT,
    padding: [16, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7, fill: token("--text") } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
    scales: {
      x: { time: true, range: [first, right] },
      y: { range: (_plot, low) => [low, top + (top - low) * 0.08 + 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, values: "{D} {MMM}", space: 64 },
      {
        ...axis,
        grid: { stroke: token("--line"), width: 1 },
        size: 56,
        values: (_plot, ticks) => ticks.map((tick) => tick.toLocaleString("en")),
      },
    ],
    series: [{}, { stroke: token("--text"), width: 2, points: { show: points.length === 1 } }],
    hooks: { draw: [(plot) => drawFan(plot, drawn)] },
  };
}

/** XP by day with its forecast; drawn anew when its place or the theme changes. */
export default function Chart(drawn: Drawn) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const data: uPlot.AlignedData = [drawn.points.map(([day]) => secondsOf(day)), drawn.points.map(([, xp]) => xp)];
      plot = new uPlot(optionsOf(element.clientWidth, drawn), data, element);
    };
    const resized = new ResizeObserver(draw);
    const themed = new MutationObserver(draw);
    resized.observe(element);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => (resized.disconnect(), themed.disconnect(), plot?.destroy());
  }, [JSON.stringify(drawn)]);
  return <div ref={place} aria-hidden="true" />;
}
