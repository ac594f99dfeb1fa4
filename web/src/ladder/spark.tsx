const WIDTH = 96;
const HEIGHT = 28;
const INSET = 3;

/** The last ratings as a line, its newest point marked; nothing for fewer than two. */
export function Spark({ values }: { values: readonly number[] }) {
  if (values.length < 2) return <span className="mono dim3">–</span>;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const x = (index: number) => INSET + (index / (values.length - 1)) * (WIDTH - 2 * INSET);
  const y = (elo: number) => HEIGHT - INSET - ((elo - least) / Math.max(1, most - least)) * (HEIGHT - 2 * INSET);
  const last = values.length - 1;
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Last ${values.length} rated contests: from ${values[0]} to ${values[last]}`}
    >
      <polyline points={values.map((elo, index) => `${x(index).toFixed(1)},${y(elo).toFixed(1)}`).join(" ")} />
      <circle cx={x(last)} cy={y(values[last] ?? least)} r="2.5" />
    </svg>
  );
}
