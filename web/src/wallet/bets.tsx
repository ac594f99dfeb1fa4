import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { MyBetsDocument } from "../fight/bets/documents.ts";
import type { MyBetsQuery } from "../generated/graphql.ts";
import { Ago } from "../shell/ago.tsx";
import { hrefOf } from "../shell/bout.tsx";
import { exact, whole } from "../shell/amount.ts";
import { Money, Moved } from "../shell/money.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";

type Bet = NonNullable<MyBetsQuery["viewer"]>["bets"]["nodes"][number];

const [PAGE, PAGE_MAX] = [20, 100];
const FILTERS = { all: "All", open: "Open", settled: "Settled" } as const;
type Filter = keyof typeof FILTERS;

const isOpen = ({ status }: Bet) => status === "ACTIVE";

/** The bets that one has placed, the latest first. */
export function MyBetsList() {
  const [first, setFirst] = useState(PAGE);
  const [filter, setFilter] = useState<Filter>("all");
  const [{ data, error }, reload] = useQuery({
    query: MyBetsDocument,
    variables: { first },
    requestPolicy: "cache-and-network",
  });
  const bets = data?.viewer?.bets;
  const shown = bets?.nodes.filter((bet) => filter === "all" || isOpen(bet) === (filter === "open")) ?? [];
  return (
    <section>
      <div className="head">
        <h2>My bets</h2>
        <div className="seg sm pushed" role="group" aria-label="Which bets">
          {(Object.keys(FILTERS) as Filter[]).map((each) => (
            <button key={each} type="button" aria-pressed={filter === each} onClick={() => setFilter(each)}>
              {FILTERS[each]}
            </button>
          ))}
        </div>
      </div>
      {error && !bets && <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />}
      {!bets && !error && <Loading rows={4} />}
      {bets && shown.length === 0 && (
        <Empty
          title={filter === "all" ? "No bet yet" : "None of these"}
          figure="phantom-stance"
          act={
            <Link className="btn sm pri" href="/pit">
              See who fights
            </Link>
          }
        >
          A rated fight takes bets for some seconds before its first exchange.
        </Empty>
      )}
      <ul className="betrows" aria-label="My bets">
        {shown.map((bet) => (
          <Row key={bet.id} bet={bet} />
        ))}
      </ul>
      {bets?.pageInfo.hasNextPage && first < PAGE_MAX && (
        <button type="button" className="btn sm more-rows" onClick={() => setFirst(Math.min(PAGE_MAX, first + PAGE))}>
          Earlier bets
        </button>
      )}
      <p className="note">A bet cannot be taken back. Who owns a fighter may not bet on its fights.</p>
    </section>
  );
}

function Row({ bet }: { bet: Bet }) {
  const { amount, bot, contest, placedAt } = bet;
  return (
    <li>
      <span className="names">
        <Link className="trunc" href={hrefOf(contest)}>
          <b>{contest.participants.map((each) => each.bot.name).join(" v ")}</b>
        </Link>
        <span className="xs dim3">
          on {bot.name}
          {contest.pool?.exhibition && ", exhibition"}, <Ago at={placedAt} ago />
        </span>
      </span>
      <span className="num" title={exact(BigInt(amount))}>
        {whole(BigInt(amount))}
      </span>
      <Outcome bet={bet} />
    </li>
  );
}

const TAGS = { ACTIVE: "out", WON: "good", LOST: "bad", REFUNDED: "" };
const WORDS = { ACTIVE: "Open", WON: "Won", LOST: "Lost", REFUNDED: "Refunded" };

/** What it would pay while it is open; then what was gained or lost, and what was paid. */
function Outcome({ bet: { amount, status, payout, estimatedPayout } }: { bet: Bet }) {
  const paid = BigInt(payout ?? "0");
  const gain = paid - BigInt(amount);
  return (
    <>
      <span className="out">
        {status === "ACTIVE" ? (
          estimatedPayout && <Money units={estimatedPayout} />
        ) : gain === 0n ? (
          <span className="num dim">0</span>
        ) : (
          <Moved units={String(gain < 0n ? -gain : gain)} incoming={gain >= 0n} />
        )}
        <span className="xs dim3">{status === "ACTIVE" ? "if it wins" : `paid ${whole(paid)}`}</span>
      </span>
      <span className={`tag ${TAGS[status]}`}>{WORDS[status]}</span>
    </>
  );
}
