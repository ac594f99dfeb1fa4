import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { LadderPageQuery } from "../generated/graphql.ts";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";

const LadderDocument = graphql(`
  query LadderPage($kind: LadderKind!) {
    ladder(kind: $kind) {
      name
      waiting
      leaderboard(first: 100) { nodes { ...Standing } }
      newcomers { ...Standing }
    }
  }
  fragment Standing on Rating { elo games wins draws losses streak peak bot { id name owner { handle } } }
`);
type Standing = LadderPageQuery["ladder"]["newcomers"][number];

/** The boards of the ladders. */
export default function LadderPage() {
  const [kind, setKind] = useState<"PIT" | "PIT_SLOW">("PIT");
  const [{ data, error }, reload] = useQuery({
    query: LadderDocument,
    variables: { kind },
    requestPolicy: "cache-and-network",
  });
  return (
    <>
      <title>Ladder · Agon</title>
      <section className="hero">
        <h1 className="disp h1">Ladder</h1>
        <div className="tabs" role="tablist">
          {(["PIT", "PIT_SLOW"] as const).map((each) => (
            <button key={each} type="button" role="tab" aria-selected={kind === each} onClick={() => setKind(each)}>
              {each === "PIT" ? "Pit, 5 s a move" : "Pit slow, 60 s a move"}
            </button>
          ))}
        </div>
      </section>
      {error && <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />}
      {!data && !error && <Loading rows={8} />}
      {data && <Board title="Board" rows={data.ladder.leaderboard.nodes} empty="Nobody has ten rated fights yet." />}
      {data && <Board title="Provisional" rows={data.ladder.newcomers} empty="Nobody is on the way up." />}
    </>
  );
}

function Board({ title, rows, empty }: { title: string; rows: readonly Standing[]; empty: string }) {
  return (
    <section>
      <div className="head">
        <h2>{title}</h2>
        <span className="ct">{rows.length || ""}</span>
      </div>
      {rows.length === 0 ? (
        <Empty title={empty}>Ten rated contests bring a bot onto the board.</Empty>
      ) : (
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label={title}>
          <table className="tbl">
            <thead>
              <tr>
                <th className="num">#</th>
                <th>Bot</th>
                <th className="wide">Owner</th>
                <th className="num">Elo</th>
                <th className="num">W–D–L</th>
                <th className="num wide">Streak</th>
                <th className="num wide">Peak</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ bot, ...row }, index) => (
                <tr key={bot.id}>
                  <td className="num">{index + 1}</td>
                  <td>
                    <Link className="row" href={`/bots/${bot.name}`}>
                      <Shield id={bot.id} />
                      <span className="bot">{bot.name}</span>
                    </Link>
                  </td>
                  <td className="dim wide">{bot.owner.handle}</td>
                  <td className="num">
                    <b>{row.elo.toLocaleString("en")}</b>
                  </td>
                  <td className="num">
                    {row.wins}–{row.draws}–{row.losses}
                  </td>
                  <td className="num wide">
                    {row.streak > 0 ? `+${row.streak}` : String(row.streak).replace("-", "−")}
                  </td>
                  <td className="num wide">{row.peak.toLocaleString("en")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
