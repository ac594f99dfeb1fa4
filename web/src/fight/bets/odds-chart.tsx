import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { perMille } from "../../shell/amount.ts";
import type { Tick } from "./pool.ts";

const HEIGHT = 72;

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const optionsOf = (width: number): uPlot.Options => ({
  width,
  height: HEIGHT,
  padding: [4, 0, 4, 0],
  legend: { show: false },
  cursor: { show: false },
  scales: { x: { time: false }, y: { range: [0, 100] } },
  axes: [{ show: false }, { show: false, splits: () => [0, 50, 100] }],
  series: [
    {},
    // Odds hold until the next bet: steps.
    { stroke: token("--text"), width: 1.75, paths: uPlot.paths.stepped?.({ align: 1 }), points: { show: false } },
    { stroke: token("--line-2"), width: 1, dash: [2, 4], points: { show: false } },
  ],
});

/** The left side's share of the pool in per cent over time, as steps. */
export default function OddsChart({ history }: { history: readonly Tick[] }) {
  const place = useRef<HTMLDivElement>(null);
  const times = history.map(({ at }) => Date.parse(at));
  const shares = history.map(({ sides: [a, b] }) => perMille(a, a + b) / 10);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(optionsOf(element.clientWidth), [times, shares, shares.map(() => 50)], element);
    };
    const resized = new ResizeObserver(draw);
    const themed = new MutationObserver(draw);
    resized.observe(element);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => (resized.disconnect(), themed.disconnect(), plot?.destroy());
  }, [times.join(","), shares.join(",")]);
  return <div ref={place} aria-hidden="true" />;
}
