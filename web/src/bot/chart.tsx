import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 240;
const GUTTER_RIGHT = 56;

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const font = () => `400 11px ${token("--font-num")}`;

/** Writes the last value at the line's end. */
function lastValue(plot: uPlot): void {
  const values = plot.data[1] ?? [];
  const last = values.at(-1);
  if (typeof last !== "number") return;
  const [x, y] = [plot.valToPos(values.length - 1, "x", true), plot.valToPos(last, "y", true)];
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = token("--text");
  ctx.beginPath();
  ctx.arc(x, y, 3.5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.font = `700 ${12 * devicePixelRatio}px ${token("--font-num")}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillText(last.toLocaleString("en"), x + 8 * devicePixelRatio, y);
  ctx.restore();
}

const optionsOf = (width: number): uPlot.Options => {
  const axis = { stroke: token("--text-3"), font: font(), ticks: { show: false } };
  const grid = { stroke: token("--line"), width: 1 };
  return {
    width,
    height: HEIGHT,
    padding: [12, GUTTER_RIGHT, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7, fill: token("--text") } },
    scales: { x: { time: false }, y: { range: (_plot, low, high) => [low - 12, high + 12] } },
    axes: [
      { ...axis, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 25] },
      { ...axis, grid, size: 52, values: (_plot, ticks) => ticks.map((tick) => tick.toLocaleString("en")) },
    ],
    series: [
      {},
      // A rating holds until the next contest: steps.
      { stroke: token("--text"), width: 1.75, paths: uPlot.paths.stepped?.({ align: 1 }), points: { show: false } },
    ],
    hooks: { draw: [lastValue] },
  };
};

/** Elo over contests as steps; drawn anew when its place or the theme changes. */
export default function Chart({ elos }: { elos: readonly number[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(optionsOf(element.clientWidth), [elos.map((_elo, index) => index), [...elos]], element);
    };
    const resized = new ResizeObserver(draw);
    const themed = new MutationObserver(draw);
    resized.observe(element);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => (resized.disconnect(), themed.disconnect(), plot?.destroy());
  }, [elos.join(",")]);
  return <div ref={place} aria-hidden="true" />;
}
