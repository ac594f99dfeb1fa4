import { useDeferredValue, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useViewer } from "../shell/viewer.ts";
import { Around } from "./around.tsx";
import { Board } from "./board.tsx";
import { PAGE, PAGE_MAX, TABS, type Kind } from "./kinds.ts";
import { monthOf, SeasonBoard } from "./season.tsx";
import "./ladder.css";

const LadderDocument = graphql(`
  query LadderPage($kind: LadderKind!, $first: Int!, $search: String) {
    ladder(kind: $kind) {
      kind
      name
      waiting
      season
      seasons
      leaderboard(first: $first, search: $search) { nodes { ...Standing } pageInfo { hasNextPage } }
      newcomers { ...Standing }
    }
  }
  fragment Standing on Rating {
    elo rank games wins draws losses streak peak provisional recent(last: 20) bot { id name owner { id handle } }
  }
`);
const MovedDocument = graphql(`
  subscription LadderMoved($kind: LadderKind!) { ladderEvents(ladder: $kind) { kind waiting } }
`);

/** What a bot's name may begin with. */
const NAME = /^\w{1,15}$/;

/** The boards of the ladders. */
export default function LadderPage() {
  const [kind, setKind] = useState<Kind>("PIT");
  return (
    <>
      <title>Ladder · Agon</title>
      <section className="hero short ladderhead">
        <h1 className="disp h1">{TABS.find(([each]) => each === kind)?.[1]} ladder</h1>
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
  const [season, setSeason] = useState("");
  const [typed, setTyped] = useState("");
  const asked = useDeferredValue(typed.trim());
  const search = NAME.test(asked) ? asked : null;
  const viewer = useViewer();
  const [{ data, error }, reload] = useQuery({
    query: LadderDocument,
    variables: { kind, first, search },
    requestPolicy: "cache-and-network",
  });
  useSubscription({ query: MovedDocument, variables: { kind } });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  const { leaderboard, newcomers, waiting, seasons } = data.ladder;
  return (
    <div className="ladders">
      <section>
        <div className="head">
          <h2>Board</h2>
          <span className="ct">updated with every contest{kind !== "CODE" && `, ${waiting} waiting`}</span>
          <div className="controls boardtools">
            {season === "" && (
              <input
                type="search"
                aria-label="Find a bot by the beginning of its name"
                placeholder="Find a bot"
                maxLength={15}
                value={typed}
                onChange={({ target }) => setTyped(target.value)}
              />
            )}
            <select aria-label="Season" value={season} onChange={({ target }) => setSeason(target.value)}>
              <option value="">All time</option>
              {seasons.map((each) => (
                <option key={each} value={each}>
                  {monthOf(each)}
                </option>
              ))}
            </select>
          </div>
        </div>
        {season !== "" ? (
          <SeasonBoard key={season} kind={kind} season={season} mine={viewer?.user.id} />
        ) : leaderboard.nodes.length === 0 ? (
          <Nobody search={asked} />
        ) : (
          <>
            <Board name="Board" rows={leaderboard.nodes} mine={viewer?.user.id} />
            <More shown={leaderboard.pageInfo.hasNextPage && first < PAGE_MAX} act={() => setFirst(first + PAGE)} />
          </>
        )}
      </section>
      {viewer && <Around kind={kind} viewer={viewer} />}
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

function More({ shown, act }: { shown: boolean; act: () => void }) {
  if (!shown) return null;
  return (
    <button type="button" className="btn sm more-rows" onClick={act}>
      More
    </button>
  );
}

function Nobody({ search }: { search: string }) {
  if (search !== "") return <Empty title={`No ranked bot begins with “${search}”`}>Try fewer letters.</Empty>;
  const act = (
    <Link className="btn pri sm" href="/manage">
      Join the queue
    </Link>
  );
  return (
    <Empty title="Nobody is ranked yet" act={act}>
      Ten rated contests bring a bot onto the board.
    </Empty>
  );
}
