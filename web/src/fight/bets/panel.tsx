import { useMutation } from "urql";
import { Link } from "wouter";
import { Left } from "../../shell/ago.tsx";
import { whole } from "../../shell/amount.ts";
import { refusalOf } from "../../shell/refused.tsx";
import { Loading } from "../../shell/states.tsx";
import { useViewer } from "../../shell/viewer.ts";
import type { Fight } from "../use-exchanges.ts";
import { BetForm, type Place } from "./bet-form.tsx";
import { PlaceBetDocument } from "./documents.ts";
import { MyBets } from "./my-bets.tsx";
import { OddsBoard } from "./odds-board.tsx";
import { REFUNDS, type Corner, type Pool } from "./pool.ts";
import { usePool } from "./use-pool.ts";
import "./bets.css";

const NO_POOL: Record<Fight["origin"], string> = {
  RATED_QUEUE: "Nobody can bet on this fight: house bots and unrated fights have no pool.",
  PRACTICE_QUEUE: "Nobody can bet on practice.",
  CALLOUT: "Nobody can bet on this callout: the opponents chose each other.",
  TOURNAMENT: "Nobody can bet on this fight.",
  OPEN_ENTRY: "Nobody can bet on battles of code.",
  INVITATION: "Nobody can bet on battles of code.",
};

/** What people bet on a fight, and the way to bet: before, while it is closed, and what was paid. */
export function BetPanel({ fight, over }: { fight: Fight; over: boolean }) {
  const corners = fight.participants;
  const { pool, bets, error, readAgain } = usePool(fight.id, corners, over);
  return (
    <section className="bet">
      <div className="head">
        <h2>Odds</h2>
        {pool?.exhibition && (
          <span className="tag out" title={`The opponents chose each other: ${whole(pool.betMax)} a bet at most`}>
            Exhibition
          </span>
        )}
        {pool && <State pool={pool} />}
      </div>
      {pool === undefined && !error && <Loading rows={3} />}
      {pool === undefined && error && (
        <p className="dim sm" role="alert">
          The odds did not load. Your bets are not affected.{" "}
          <button type="button" className="btn sm" onClick={readAgain}>
            Try again
          </button>
        </p>
      )}
      {pool === null && <p className="dim sm">{NO_POOL[fight.origin]}</p>}
      {pool && (
        <>
          <OddsBoard pool={pool} corners={corners} />
          {pool.refundReason && <p className="note">{REFUNDS[pool.refundReason]}</p>}
          <MyBets bets={bets} pool={pool} corners={corners} />
          {pool.status === "OPEN" && <Way fightId={fight.id} pool={pool} corners={corners} placed={readAgain} />}
        </>
      )}
    </section>
  );
}

const STATES: Record<Exclude<Pool["status"], "OPEN">, string> = {
  LOCKED: "Closed at exchange 1",
  SETTLED: "Paid",
  REFUNDED: "Given back",
};

function State({ pool: { status, closesAt } }: { pool: Pool }) {
  if (status !== "OPEN") return <span className="tag pushed">{STATES[status]}</span>;
  return (
    <span className="tag warn pushed">
      closes in <Left until={closesAt} />
    </span>
  );
}

type WayProps = { fightId: string; pool: Pool; corners: readonly Corner[]; placed: () => void };

/** The form for whoever may bet; the reason for whoever may not. */
function Way({ fightId, pool, corners, placed }: WayProps) {
  const viewer = useViewer();
  const [, placeBet] = useMutation(PlaceBetDocument);
  const place: Place = async (bet) => {
    const { data, error } = await placeBet({ input: { contestId: fightId, ...bet } });
    const refused = refusalOf(data?.placeBet, error);
    placed();
    return { refused, answered: data?.placeBet !== undefined };
  };
  if (!viewer)
    return (
      <Link className="btn wide" href="/wallet">
        Sign in to bet
      </Link>
    );
  const own = corners.find(({ bot }) => bot.owner.id === viewer.user.id);
  return (
    <BetForm
      pool={pool}
      corners={corners}
      place={place}
      barred={own ? `${own.bot.name} is yours: who owns a fighter does not bet on its fights.` : null}
    />
  );
}
