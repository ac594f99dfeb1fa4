import { useEffect, useMemo, useState } from "react";
import { useSubscription } from "urql";
import { graphql } from "../generated/gql.ts";
import type { FightPageQuery } from "../generated/graphql.ts";

export type Fight = NonNullable<FightPageQuery["fight"]>;
export type Exchange = Fight["exchanges"][number];
/** Rounds won so far, by side, once a round has ended. */
export type RoundEnd = { round: number; roundWins: number[] };

const EventsDocument = graphql(`
  subscription FightLive($id: ID!, $after: Cursor) {
    fightEvents(fightId: $id, after: $after) {
      cursor
      event {
        __typename
        ... on ExchangeResolved { seq round exchange sides { side action timedOut dealt taken hp stamina } }
        ... on RoundEnded { seq round roundWins }
        ... on FightEnded { seq reason }
      }
    }
  }
`);

const OVER = new Set(["COMPLETED", "FORFEITED", "NO_CONTEST", "VOIDED"]);

/** The fight's exchanges and round results: the stored ones, then each live one behind the cursor of the query. */
export function useExchanges(fight: Fight | null, ended: () => void) {
  const [live, setLive] = useState<Exchange[]>([]);
  const [liveEnds, setLiveEnds] = useState<RoundEnd[]>([]);
  const [finished, setFinished] = useState(false);
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
    if (event?.__typename === "RoundEnded") setLiveEnds((before) => [...before, event]);
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
  const rounds = useMemo(() => {
    const stored = (fight?.events ?? []).flatMap(({ event }) => (event.__typename === "RoundEnded" ? [event] : []));
    return [...stored, ...liveEnds];
  }, [fight, liveEnds]);
  return { exchanges, rounds, over };
}
