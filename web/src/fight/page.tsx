import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { winnerTakes } from "../shell/amount.ts";
import { Copy } from "../shell/copy.tsx";
import { HeadToHead, HeadToHeadSection } from "../shell/head-to-head.tsx";
import { Money } from "../shell/money.tsx";
import { Proof } from "../shell/proof.tsx";
import { SealedTag } from "../shell/sealed.tsx";
import { isAnnounced } from "../shell/standing.ts";
import { Empty, Failed, LiveTag, LoadingStage, Onward } from "../shell/states.tsx";
import { BetPanel } from "./bets/panel.tsx";
import { Concede } from "./concede.tsx";
import { Log } from "./log.tsx";
import { Others } from "./others.tsx";
import { Stage } from "./stage.tsx";
import { useExchanges, type Fight } from "./use-exchanges.ts";
import { usePlayhead } from "./use-playhead.ts";
import "./fight.css";

const FightDocument = graphql(`
  query FightPage($id: ID!) {
    fight(id: $id) {
      id
      status
      origin
      ladder
      rated
      phase
      rules
      seedHash
      seed
      cursor
      participants { side character ratingBefore ratingAfter bot { id name owner { id handle } } }
      state { round exchange fighters { side character hp hpMax stamina roundWins bankMs } }
      exchanges { round number sides { side action timedOut dealt taken hp stamina } }
      rounds { number roundWins }
      winner { id name }
      endReason
      wager
      sealed
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
  // What else was asked for may have been answered.
  if (error && !data?.fight) return <Failed page error={error} retry={again} />;
  if (!data) return <LoadingStage />;
  if (!data.fight)
    return (
      <Empty page title="There is no such fight" figure="phantom-evade" act={<Onward />}>
        The address may be mistyped. Fights that were fought are kept and stay where they are.
      </Empty>
    );
  return <Shown fight={data.fight} trusted={data.replaySigningKey} readAgain={again} />;
}

type ShownProps = { fight: Fight; trusted: string; readAgain: () => void };

function Shown({ fight, trusted, readAgain }: ShownProps) {
  const { exchanges, rounds, missing, request, over } = useExchanges(fight, readAgain);
  const head = usePlayhead(exchanges.length, over);
  // What is not revealed on stage is not told beside it.
  const hidden = head.phase === "anticipate" || head.phase === "reveal";
  const shown = over && !head.playing ? exchanges : exchanges.slice(0, head.at + (hidden ? 0 : 1));
  const told = over && !head.playing && fight.endReason !== null;
  const names = fight.participants.map(({ bot }) => bot.name);
  const banksMs = (request?.fighters ?? fight.state.fighters).map(({ bankMs }) => bankMs);
  return (
    <>
      <title>{`${names.join(" v ")} · Agon`}</title>
      <h1 className="sr">{names.join(" v ")}</h1>
      <Meta fight={fight} over={over} told={over && fight.endReason !== null} />
      <div className="fgrid">
        <div className="fmain">
          <Stage fight={fight} exchanges={exchanges} rounds={rounds} banksMs={banksMs} head={head} over={over} />
          <Log exchanges={shown} missing={missing} at={head.at} go={head.go} names={names} over={over} />
        </div>
        <aside className="fside">
          <BetPanel fight={fight} over={over} />
          <About fight={fight} told={told} />
          <Record fight={fight} />
          <Proof what="fight" id={fight.id} seedHash={String(fight.seedHash)} over={over} trusted={trusted} />
          <Others except={fight.id} />
        </aside>
      </div>
    </>
  );
}

/** Who meets whom, by which rules, and how it ended once the stage has shown it. */
function About({ fight, told }: { fight: Fight; told: boolean }) {
  return (
    <section>
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
              {ratingBefore?.toLocaleString("en") ?? "–"}
              {told && ratingAfter != null && ` → ${ratingAfter.toLocaleString("en")}`}
            </dd>
          </div>
        ))}
        <div>
          <dt>Rules</dt>
          <dd>{fight.rules}</dd>
        </div>
        <AtStake fight={fight} told={told} />
        {told && fight.endReason && (
          <div>
            <dt>Ended by</dt>
            <dd>{fight.endReason.toLowerCase().replaceAll("_", " ")}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** What each side staked, and what the winner takes of both. */
function AtStake({ fight: { wager, winner }, told }: { fight: Fight; told: boolean }) {
  const stake = BigInt(wager);
  if (stake === 0n) return null;
  return (
    <>
      <div>
        <dt>Each staked</dt>
        <dd>
          <Money units={stake} className="" />
        </dd>
      </div>
      <div>
        <dt>{!told ? "Winner takes" : winner ? `${winner.name} took` : "Given back to each"}</dt>
        <dd>
          <Money units={told && !winner ? stake : winnerTakes(stake)} />
        </dd>
      </div>
    </>
  );
}

/** How often the two have met before, and who won. */
function Record({ fight: { participants } }: { fight: Fight }) {
  const [one, two] = participants;
  if (!one || !two) return null;
  return (
    <HeadToHeadSection>
      <HeadToHead one={one.bot} two={two.bot} />
    </HeadToHeadSection>
  );
}

const ORIGINS = {
  RATED_QUEUE: "Queue",
  PRACTICE_QUEUE: "Practice",
  CALLOUT: "Callout",
  TOURNAMENT: "Tournament",
  OPEN_ENTRY: "Open",
  INVITATION: "Invited",
} as const;

/** Where this is, what kind of fight, and who won once that is known. */
function Meta({ fight, over, told }: { fight: Fight; over: boolean; told: boolean }) {
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
        {!over && (isAnnounced(fight) ? <span className="tag warn">About to begin</span> : <LiveTag />)}
        {told && <span className="tag">{fight.winner ? `${fight.winner.name} wins` : "No winner"}</span>}
        <span className="tag out">{fight.ladder === "PIT" ? "Pit" : "Pit slow"}</span>
        <span className="tag out">{ORIGINS[fight.origin]}</span>
        <span className="tag out">{fight.rated ? "Rated" : "Unrated"}</span>
        {fight.sealed && <SealedTag />}
        {fight.wager !== "0" && (
          <span className="tag oil">
            <Money units={fight.wager} as="brief" /> each
          </span>
        )}
      </div>
      <div className="acts row">
        {!over && (
          <Copy text={location.href} what="the link to this fight">
            Copy link
          </Copy>
        )}
        {!over && <Concede fight={fight} />}
      </div>
    </div>
  );
}
