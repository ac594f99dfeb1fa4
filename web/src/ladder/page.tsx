import { useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useViewer } from "../shell/viewer.ts";
import { Board } from "./board.tsx";
import "./ladder.css";

const LadderDocument = graphql(`
  query LadderPage($kind: LadderKind!, $first: Int!) {
    ladder(kind: $kind) {
      kind
      name
      waiting
      leaderboard(first: $first) { nodes { ...Standing } pageInfo { hasNextPage } }
      newcomers { ...Standing }
    }
  }
  fragment Standing on Rating {
    elo rank games wins draws losses streak peak provisional bot { id name owner { id handle } }
  }
`);
const MovedDocument = graphql(`
  subscription LadderMoved($kind: LadderKind!) { ladderEvents(ladder: $kind) { kind waiting } }
`);
const PAGE = 25;
const PAGE_MAX = 100;

const TABS = [
  ["PIT", "Pit"],
  ["PIT_SLOW", "Pit slow"],
] as const;
type Kind = (typeof TABS)[number][0];

/** The boards of the ladders. */
export default function LadderPage() {
  const [kind, setKind] = useState<Kind>("PIT");
  return (
    <>
      <title>Ladder · Agon</title>
      <section className="hero short ladderhead">
        <h1 className="disp h1">{kind === "PIT" ? "Pit ladder" : "Pit slow ladder"}</h1>
        <div className="controls">
          <div className="seg" role="group" aria-label="Ladder">
            {TABS.map(([each, shown]) => (
              <button key={each} type="button" aria-pressed={kind === each} onClick={() => setKind(each)}>
                {shown}
              </button>
            ))}
          </div>
        </div>
      </section>
      <Boards key={kind} kind={kind} />
    </>
  );
}

function Boards({ kind }: { kind: Kind }) {
  const [first, setFirst] = useState(PAGE);
  const viewer = useViewer();
  const [{ data, error }, reload] = useQuery({
    query: LadderDocument,
    variables: { kind, first },
    requestPolicy: "cache-and-network",
  });
  useSubscription({ query: MovedDocument, variables: { kind } });
  if (error && !data) return <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  const { leaderboard, newcomers, waiting } = data.ladder;
  return (
    <div className="ladders">
      <section>
        <div className="head">
          <h2>Board</h2>
          <span className="ct">updated with every contest, {waiting} waiting</span>
        </div>
        {leaderboard.nodes.length === 0 ? (
          <Empty
            title="Nobody is ranked yet"
            act={
              <Link className="btn pri sm" href="/manage">
                Join the queue
              </Link>
            }
          >
            Ten rated contests bring a bot onto the board.
          </Empty>
        ) : (
          <Board name="Board" rows={leaderboard.nodes} mine={viewer?.user.id} />
        )}
        {leaderboard.pageInfo.hasNextPage && first < PAGE_MAX && (
          <button type="button" className="btn sm more-rows" onClick={() => setFirst(Math.min(PAGE_MAX, first + PAGE))}>
            More
          </button>
        )}
      </section>
      <section>
        <div className="head">
          <h2>Provisional</h2>
          <span className="ct">fewer than ten rated contests, or not sure yet</span>
        </div>
        {newcomers.length === 0 ? (
          <p className="dim sm">Nobody is on the way up.</p>
        ) : (
          <Board name="Provisional" rows={newcomers} mine={viewer?.user.id} />
        )}
      </section>
    </div>
  );
}
