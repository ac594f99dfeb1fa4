import { lazy, Suspense } from "react";
import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { LadderKind } from "../generated/graphql.ts";
import { exactly } from "../shell/ago.tsx";
import { Loading } from "../shell/states.tsx";

const Chart = lazy(() => import("./chart.tsx"));

const HistoryDocument = graphql(`
  query RatingHistory($name: String!, $ladder: LadderKind!) {
    bot(name: $name) {
      id
      ratingHistory(first: 100, ladder: $ladder) { nodes { at eloBefore eloAfter reversal } }
    }
  }
`);

/** Elo over a bot's last hundred rated contests: a chart, and the same as a table. */
export function History({ name, ladder }: { name: string; ladder: LadderKind }) {
  const [{ data, fetching }] = useQuery({
    query: HistoryDocument,
    variables: { name, ladder },
    requestPolicy: "cache-and-network",
  });
  const changes = data?.bot?.ratingHistory.nodes.toReversed() ?? [];
  const [first] = changes;
  if (!first) return fetching ? <Loading rows={3} /> : null;
  const elos = [first.eloBefore, ...changes.map(({ eloAfter }) => eloAfter)];
  const last = elos.at(-1) ?? first.eloBefore;
  return (
    <>
      <div
        className="chart"
        role="img"
        aria-label={`Elo of ${name} from ${first.eloBefore} to ${last} over ${changes.length} rated contests, between ${Math.min(...elos)} and ${Math.max(...elos)}`}
      >
        <Suspense fallback={null}>
          <Chart elos={elos} />
        </Suspense>
      </div>
      <details className="astable">
        <summary className="sm dim">The same as a table</summary>
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label={`Rating history of ${name}`}>
          <table className="tbl">
            <thead>
              <tr>
                <th>When</th>
                <th className="num">Before</th>
                <th className="num">After</th>
                <th className="num">Change</th>
              </tr>
            </thead>
            <tbody>
              {changes.toReversed().map(({ at, eloBefore, eloAfter, reversal }, index) => (
                <tr key={changes.length - index}>
                  <td className="dim">
                    {exactly(at)}
                    {reversal && " (taken back)"}
                  </td>
                  <td className="num">{eloBefore}</td>
                  <td className="num">{eloAfter}</td>
                  <td className={`num ${eloAfter < eloBefore ? "bad" : "good"}`}>
                    {eloAfter < eloBefore ? `−${eloBefore - eloAfter}` : `+${eloAfter - eloBefore}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
