import { useState } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Left } from "../shell/ago.tsx";
import { whole, winnerTakes } from "../shell/amount.ts";
import { Money } from "../shell/money.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { SealedTag } from "../shell/sealed.tsx";
import { Shield } from "../shell/shield.tsx";
import type { Pit } from "./pit-after.ts";
import type { Present } from "./who-speaks.tsx";

const AcceptDocument = graphql(`
  mutation Accept($input: AcceptCalloutInput!) {
    acceptCallout(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const DeclineDocument = graphql(`
  mutation Decline($input: DeclineCalloutInput!) {
    declineCallout(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const CancelDocument = graphql(`
  mutation Cancel($input: CancelCalloutInput!) {
    cancelCallout(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

const ACCEPT = "Accept";

type Callout = Pit["callouts"]["nodes"][number];

/** The open callouts, each with the time it has left, and what one may answer. */
export function Callouts({ callouts, mine }: { callouts: readonly Callout[]; mine: readonly Present[] }) {
  return (
    <section className="callouts">
      <div className="head">
        <h2>Callouts</h2>
        <span className="ct">{callouts.length || ""}</span>
      </div>
      {callouts.length === 0 && (
        <p className="dim sm pad">No callout is open. One lives for 60 seconds; who is called out may decline.</p>
      )}
      <ul className="rows">
        {callouts.map((callout) => (
          <Row key={callout.id} callout={callout} mine={mine} />
        ))}
      </ul>
    </section>
  );
}

function Row({ callout, mine }: { callout: Callout; mine: readonly Present[] }) {
  const { message, challenger, target, expiresAt, ladder, wager, sealed } = callout;
  const stake = BigInt(wager);
  return (
    <li className="call">
      <Shield id={challenger.id} className="s40" />
      <span className="names">
        <span className="trunc">
          <Link href={`/bots/${challenger.name}`}>
            <b>{challenger.name}</b>
          </Link>{" "}
          <span className="dim3">calls out</span>{" "}
          <Link href={`/bots/${target.name}`}>
            <b>{target.name}</b>
          </Link>
        </span>
        {message && <q className="sm dim">{message}</q>}
        {ladder === "PIT_SLOW" && <span className="xs dim3">60 s a move</span>}
        {sealed && (
          <span className="row">
            <SealedTag />
          </span>
        )}
        {stake > 0n && (
          <span className="sm dim">
            for <Money units={stake} /> each, winner takes <Money units={winnerTakes(stake)} />
          </span>
        )}
      </span>
      <span className="tag warn">
        open, <Left until={expiresAt} />
      </span>
      <Answer callout={callout} mine={mine} />
    </li>
  );
}

function Answer({ callout: { id, challenger, target, wager }, mine }: { callout: Callout; mine: readonly Present[] }) {
  const [, accept] = useMutation(AcceptDocument);
  const [, decline] = useMutation(DeclineDocument);
  const [, cancel] = useMutation(CancelDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const owns = (botId: string) => mine.some((bot) => bot.id === botId);
  if (!owns(target.id) && !owns(challenger.id)) return null;
  const input = { calloutId: id };
  const answers = owns(target.id)
    ? ([
        [
          ACCEPT,
          wager === "0" ? "" : `: stake ${whole(BigInt(wager))}`,
          () => accept({ input }).then(({ data, error }) => refusalOf(data?.acceptCallout, error)),
        ],
        ["Decline", "", () => decline({ input }).then(({ data, error }) => refusalOf(data?.declineCallout, error))],
      ] as const)
    : ([
        ["Take it back", "", () => cancel({ input }).then(({ data, error }) => refusalOf(data?.cancelCallout, error))],
      ] as const);
  return (
    <span className="answers">
      {answers.map(([name, price, act]) => (
        <button
          key={name}
          type="button"
          className={`btn sm ${name !== ACCEPT ? "" : price ? "money" : "pri"}`}
          onClick={() => void act().then(setRefused)}
        >
          {name}
          {price}
        </button>
      ))}
      <Why refused={refused} />
    </span>
  );
}
