import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { Log } from "./log.tsx";
import { Stage } from "./stage.tsx";
import { useExchanges } from "./use-exchanges.ts";
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
      winner { name }
      endReason
    }
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
  const { exchanges, at, go, over } = useExchanges(data?.fight ?? null, again);
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  const { fight } = data;
  if (!fight) return <Empty title="There is no such fight">The address may be mistyped.</Empty>;
  const names = fight.participants.map(({ bot }) => bot.name);
  return (
    <>
      <div className="meta">
        <div className="row">
          <Link href="/" className="dim">
            Live
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
      <div className="fgrid">
        <Stage
          fight={fight}
          exchange={exchanges[at] ?? null}
          at={at}
          count={exchanges.length}
          go={go}
          over={over}
          exchanges={exchanges}
        />
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
          <div className="head">
            <h2>Proof</h2>
          </div>
          <p className="note">
            The seed's SHA-256 was public before the fight; the seed is shown after it. Every event is chained to the
            one before.
          </p>
          <p className="mono xs trunc" title={String(fight.seedHash)}>
            hash {String(fight.seedHash)}
          </p>
          {fight.seed && (
            <p className="mono xs trunc" title={fight.seed}>
              seed {fight.seed}
            </p>
          )}
        </aside>
      </div>
      <Log exchanges={exchanges} at={at} go={go} names={names} />
    </>
  );
}
