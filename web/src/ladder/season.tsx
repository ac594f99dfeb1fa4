import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { SeasonBoardQuery } from "../generated/graphql.ts";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { BotCell } from "./board.tsx";
import { PAGE, PAGE_MAX, type Kind } from "./kinds.ts";

const SeasonDocument = graphql(`
  query SeasonBoard($kind: LadderKind!, $season: String!, $first: Int!) {
    ladder(kind: $kind) {
      kind
      seasonBoard(season: $season, first: $first) {
        nodes { rank eloGained games bot { id name owner { id handle } } }
        pageInfo { hasNextPage }
      }
    }
  }
`);
type Gained = SeasonBoardQuery["ladder"]["seasonBoard"]["nodes"][number];

const MONTH = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });

/** 2026-11 as people say it. */
export const monthOf = (season: string) => MONTH.format(new Date(`${season}-15T00:00:00Z`));

/** Who gained most in a month. */
export function SeasonBoard({ kind, season, mine }: { kind: Kind; season: string; mine: string | undefined }) {
  const [first, setFirst] = useState(PAGE);
  const [{ data, error }, reload] = useQuery({
    query: SeasonDocument,
    variables: { kind, season, first },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  const { nodes, pageInfo } = data.ladder.seasonBoard;
  if (nodes.length === 0) return <Empty title="Nobody yet">Rated contests of this month bring bots here.</Empty>;
  return (
    <>
      <div className="tbl-wrap" tabIndex={0} role="region" aria-label={`Board of ${monthOf(season)}`}>
        <table className="tbl board">
          <thead>
            <tr>
              <th className="num">Rank</th>
              <th>Bot</th>
              <th className="num">Gained</th>
              <th className="num">Contests</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((row) => (
              <SeasonRow key={row.bot.id} row={row} mine={row.bot.owner.id === mine} />
            ))}
          </tbody>
        </table>
      </div>
      {pageInfo.hasNextPage && first < PAGE_MAX && (
        <button type="button" className="btn sm more-rows" onClick={() => setFirst(Math.min(PAGE_MAX, first + PAGE))}>
          More
        </button>
      )}
    </>
  );
}

function SeasonRow({ row: { rank, bot, eloGained, games }, mine }: { row: Gained; mine: boolean }) {
  return (
    <tr className={mine ? "me" : undefined}>
      <td className="num">{rank.toLocaleString("en")}</td>
      <td className="yields">
        <BotCell bot={bot} mine={mine} />
      </td>
      <td className="num">
        <b>{eloGained < 0 ? `−${-eloGained}` : `+${eloGained}`}</b>
      </td>
      <td className="num dim3">{games.toLocaleString("en")}</td>
    </tr>
  );
}
