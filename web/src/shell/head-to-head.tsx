import type { ReactNode } from "react";
import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";

const HeadToHeadDocument = graphql(`
  query HeadToHead($name: String!, $opponentId: ID!) {
    bot(name: $name) { id headToHead(opponentId: $opponentId) { contests wins draws losses } }
  }
`);

type Bot = { id: string; name: string };

/** The part of a page that tells how bots fared against each other. */
export function HeadToHeadSection({ children }: { children: ReactNode }) {
  return (
    <section>
      <div className="head">
        <h2>Head to head</h2>
        <span className="ct">practice left out</span>
      </div>
      {children}
    </section>
  );
}

/** What came of all contests of two bots: who won how often, and the draws between. */
export function HeadToHead({ one, two }: { one: Bot; two: Bot }) {
  const variables = { name: one.name, opponentId: two.id };
  const [{ data }] = useQuery({ query: HeadToHeadDocument, variables, requestPolicy: "cache-and-network" });
  const met = data?.bot?.headToHead;
  if (!met) return null;
  if (met.contests === 0) return <p className="dim sm">It would be their first that counts.</p>;
  return (
    <div className="met">
      <div className="between sm">
        <b className="ta trunc">{one.name}</b>
        <b className="tb trunc">{two.name}</b>
      </div>
      <div className="field thin" aria-hidden="true">
        <i className="ia" style={{ flexGrow: met.wins }} />
        <i className="drawn" style={{ flexGrow: met.draws }} />
        <i className="ib" style={{ flexGrow: met.losses }} />
      </div>
      <div className="between sm">
        <span className="mono">{met.wins}</span>
        <span className="xs dim3">
          {met.draws} drawn, {met.contests} in all
        </span>
        <span className="mono">{met.losses}</span>
      </div>
    </div>
  );
}
