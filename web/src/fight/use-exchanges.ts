import { useEffect, useMemo } from "react";
import { useSubscription } from "urql";
import { graphql } from "../generated/gql.ts";
import type { FightLiveSubscription, FightLiveSubscriptionVariables, FightPageQuery } from "../generated/graphql.ts";

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

type Item = FightLiveSubscription["fightEvents"];

/** The fight's exchanges and round results: the stored ones, then each live one behind the cursor of the query. */
export function useExchanges(fight: Fight | null, ended: () => void) {
  const stored = fight !== null && OVER.has(fight.phase);
  // Every event is kept: two that come at once are rendered once, and only a list has room for both.
  const [{ data: items = [] }] = useSubscription<FightLiveSubscription, Item[], FightLiveSubscriptionVariables>(
    {
      query: EventsDocument,
      variables: { id: fight?.id ?? "", after: fight?.cursor ?? null },
      pause: !fight || stored,
    },
    (before = [], { fightEvents }) => [...before, fightEvents],
  );
  const live = items.map(({ event }) => event);
  const finished = live.some(({ __typename }) => __typename === "FightEnded");
  useEffect(() => {
    if (finished) ended();
    // Once, at the end: `ended` is the page's own and changes with every render.
  }, [finished]);
  const exchanges = useMemo(() => {
    const resolved = live.flatMap((event) =>
      event.__typename === "ExchangeResolved"
        ? [{ round: event.round, number: event.exchange, sides: event.sides }]
        : [],
    );
    const all = new Map<string, Exchange>(
      [...(fight?.exchanges ?? []), ...resolved].map((exchange) => [`${exchange.round}.${exchange.number}`, exchange]),
    );
    return [...all.values()];
  }, [fight, items]);
  const rounds = useMemo(() => {
    const before = (fight?.events ?? []).map(({ event }) => event);
    return [...before, ...live].flatMap((event): RoundEnd[] => (event.__typename === "RoundEnded" ? [event] : []));
  }, [fight, items]);
  return { exchanges, rounds, over: stored || finished };
}
