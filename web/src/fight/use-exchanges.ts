import { useEffect, useMemo, useState } from "react";
import { useSubscription } from "urql";
import { graphql } from "../generated/gql.ts";
import type { FightPageQuery } from "../generated/graphql.ts";

export type Fight = NonNullable<FightPageQuery["fight"]>;
export type Exchange = Fight["exchanges"][number];

const EventsDocument = graphql(`
  subscription FightLive($id: ID!, $after: Cursor) {
    fightEvents(fightId: $id, after: $after) {
      cursor
      event {
        __typename
        ... on ExchangeResolved { seq round exchange sides { side action timedOut dealt taken hp stamina } }
        ... on FightEnded { seq reason }
      }
    }
  }
`);

const OVER = new Set(["COMPLETED", "FORFEITED", "NO_CONTEST", "VOIDED"]);

/** The fight's exchanges: the stored ones, then each live one behind the cursor of the query; and the one on stage. */
export function useExchanges(fight: Fight | null, ended: () => void) {
  const [live, setLive] = useState<Exchange[]>([]);
  const [finished, setFinished] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const over = finished || (fight !== null && OVER.has(fight.phase));
  const [{ data }] = useSubscription({
    query: EventsDocument,
    variables: { id: fight?.id ?? "", after: fight?.cursor ?? null },
    pause: !fight || over,
  });
  useEffect(() => {
    const event = data?.fightEvents.event;
    if (event?.__typename === "ExchangeResolved")
      setLive((before) => [...before, { round: event.round, number: event.exchange, sides: event.sides }]);
    if (event?.__typename === "FightEnded") {
      setFinished(true);
      ended();
    }
    // Each event is taken once: `ended` is the page's own and changes with every render.
  }, [data]);
  const exchanges = useMemo(() => {
    const all = new Map(
      [...(fight?.exchanges ?? []), ...live].map((exchange) => [`${exchange.round}.${exchange.number}`, exchange]),
    );
    return [...all.values()];
  }, [fight, live]);
  const last = Math.max(0, exchanges.length - 1);
  return {
    exchanges,
    over,
    at: chosen === null ? last : Math.min(chosen, last),
    go: (to: number) => setChosen(to >= last ? null : Math.max(0, to)),
  };
}
