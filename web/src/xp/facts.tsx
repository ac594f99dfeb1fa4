import type { Growth } from "./documents.ts";
import { duration, percent, thousands } from "./words.ts";

const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)} a day`;

/** What the last 30 days come to, in figures. */
export function Facts({ xp }: { xp: Growth }) {
  const { statistics, days } = xp;
  const today = new Date().toISOString().slice(0, 10);
  const growth = days.at(-1)?.total ?? 0;
  const common = [
    ["Today", `${thousands(days.find(({ day }) => day === today)?.xp ?? 0)} XP`, "of 5,000 a bot at most"],
    ["Growth", `+${thousands(growth)}`, "XP in 30 days"],
  ] as const;
  const figures = statistics ? [...ofWork(statistics), ...common] : common;
  return (
    <dl className="facts">
      {figures.map(([name, value, says]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span className="disp">{value}</span>
            <span className="xs dim3 ss">{says}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

type Statistics = NonNullable<Growth["statistics"]>;

function ofWork(seen: Statistics): (readonly [string, string, string])[] {
  const { tries, successRate, p50Ms, p95Ms, quality, qualityTrend, wins, draws, losses } = seen;
  return [
    ["Success", successRate == null ? "–" : percent(successRate), tries === 1 ? "of 1 task" : `of ${tries} tasks`],
    [
      "Response p50",
      p50Ms == null ? "–" : duration(p50Ms),
      p95Ms == null ? "nothing timed yet" : `p95 ${duration(p95Ms)}`,
    ],
    [
      "Quality",
      quality == null ? "–" : quality.toFixed(2),
      qualityTrend == null ? "no trend yet" : signed(qualityTrend),
    ],
    ["Contests", `${wins}–${draws}–${losses}`, "won, drawn, lost"],
  ];
}
