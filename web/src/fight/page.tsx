import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { Log } from "./log.tsx";
import { Stage } from "./stage.tsx";
import { Proof } from "./proof.tsx";
import { useExchanges, type Fight } from "./use-exchanges.ts";
import { usePlayhead } from "./use-playhead.ts";
import "./fight.css";

const FightDocument = graphql(`
  query FightPage($id: ID!) {
    fight(id: $id) {
      id
      ladder
      rated
      phase
      rules
      seedHash
      seed
      cursor
      participants { side character ratingBefore ratingAfter bot { id name owner { handle } } }
      state { round exchange fighters { side character hp hpMax stamina roundWins bankMs } }
      exchanges { round number sides { side action timedOut dealt taken hp stamina } }
      events { event { __typename ... on RoundEnded { round roundWins } } }
      winner { name }
      endReason
    }
    replaySigningKey
  }
`);

/** A fight, live and then to scrub through. */
export default function FightPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: FightDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  const { exchanges, rounds, over } = useExchanges(data?.fight ?? null, again);
  const head = usePlayhead(exchanges.length, over, data?.fight != null);
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  const { fight } = data;
  if (!fight)
    return (
      <Empty page title="There is no such fight">
        The address may be mistyped.
      </Empty>
    );
  // What is not revealed on stage is not told beside it.
  const hidden = !over && (head.phase === "sealed" || head.phase === "reveal");
  const shown = over && !head.playing ? exchanges : exchanges.slice(0, head.at + (hidden ? 0 : 1));
  const names = fight.participants.map(({ bot }) => bot.name);
  return (
    <>
      <title>{`${names.join(" v ")} · Agon`}</title>
      <h1 className="sr">{names.join(" v ")}</h1>
      <Meta fight={fight} over={over} />
      <div className="fgrid">
        <Stage fight={fight} exchanges={exchanges} rounds={rounds} head={head} over={over} />
        <About fight={fight} trusted={data.replaySigningKey} over={over} />
      </div>
      <Log exchanges={shown} at={head.at} go={head.go} names={names} />
    </>
  );
}

/** Who meets whom, by which rules, and the proof. */
function About({ fight, trusted, over }: { fight: Fight; trusted: string; over: boolean }) {
  return (
    <aside>
      <div className="head">
        <h2>This fight</h2>
      </div>
      <dl className="kv">
        {fight.participants.map(({ side, bot, ratingBefore, ratingAfter }) => (
          <div key={side}>
            <dt className={side === 0 ? "ta" : "tb"}>
              <Link href={`/bots/${bot.name}`}>{bot.name}</Link>
            </dt>
            <dd className="num">
              {ratingBefore ?? "–"}
              {ratingAfter != null && ` → ${ratingAfter}`}
            </dd>
          </div>
        ))}
        <div>
          <dt>Rules</dt>
          <dd>{fight.rules}</dd>
        </div>
        {fight.endReason && (
          <div>
            <dt>Ended by</dt>
            <dd>{fight.endReason.toLowerCase().replaceAll("_", " ")}</dd>
          </div>
        )}
      </dl>
      <Proof fight={fight} trusted={trusted} over={over} />
    </aside>
  );
}

function Meta({ fight, over }: { fight: Fight; over: boolean }) {
  return (
    <div className="meta">
      <div className="row">
        <Link href="/pit" className="dim">
          Pit
        </Link>
        <span className="dim3">/</span>
        <span>
          Fight <span className="mono">{fight.id.slice(-6)}</span>
        </span>
      </div>
      <div className="row wrapx">
        {over ? (
          <span className="tag">{fight.winner ? `${fight.winner.name} wins` : "No winner"}</span>
        ) : (
          <span className="tag live">Live</span>
        )}
        <span className="tag out">{fight.ladder === "PIT" ? "Pit" : "Pit slow"}</span>
        <span className="tag out">{fight.rated ? "Rated" : "Unrated"}</span>
      </div>
    </div>
  );
}
