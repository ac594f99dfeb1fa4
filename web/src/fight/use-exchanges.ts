import { useEffect, useMemo, useState } from "react";
import { useSubscription } from "urql";
import { graphql } from "../generated/gql.ts";
import type { FightLiveSubscription, FightLiveSubscriptionVariables, FightPageQuery } from "../generated/graphql.ts";

export type Fight = NonNullable<FightPageQuery["fight"]>;
export type Exchange = Fight["exchanges"][number];
/** Rounds won so far, by side, once a round has ended. */
export type RoundEnd = { round: number; roundWins: number[] };
/** Events that are not kept any more. */
export type Missing = { fromSeq: number; toSeq: number };

const EventsDocument = graphql(`
  subscription FightLive($id: ID!, $after: Cursor) {
    fightEvents(fightId: $id, after: $after) {
      cursor
      event {
        __typename
        ... on ExchangeRequested { seq round exchange fighters { side hp stamina roundWins bankMs } }
        ... on ExchangeResolved { seq round exchange sides { side action timedOut dealt taken hp stamina } }
        ... on RoundEnded { seq round roundWins }
        ... on FightEnded { seq phase reason winnerBotId payouts { side amount } }
        ... on StreamGap { fromSeq toSeq }
      }
    }
  }
`);

const OVER = new Set(["COMPLETED", "FORFEITED", "NO_CONTEST", "VOIDED"]);

type Item = FightLiveSubscription["fightEvents"];
type Event = Item["event"];
type Of<Name extends Event["__typename"]> = Extract<Event, { __typename: Name }>;

const all = <Name extends Event["__typename"]>(events: readonly Event[], name: Name) =>
  events.filter((event): event is Of<Name> => event.__typename === name);

function exchangesOf(stored: readonly Exchange[], events: readonly Event[]): Exchange[] {
  const resolved = all(events, "ExchangeResolved").map(
    ({ round, exchange, sides }): Exchange => ({ __typename: "FightExchange", round, number: exchange, sides }),
  );
  return [...new Map([...stored, ...resolved].map((each) => [`${each.round}.${each.number}`, each])).values()].toSorted(
    (one, two) => one.round - two.round || one.number - two.number,
  );
}

/** The fight's exchanges and round results: the stored ones, then each live one behind the cursor of the query. */
export function useExchanges(fight: Fight, readAgain: () => void) {
  const stored = OVER.has(fight.phase);
  // The cursor of the first answer: a later answer only brings what has been followed already.
  const [after] = useState(fight.cursor);
  // Every event is kept: two that come at once are rendered once, and only a list has room for both.
  const [{ data: items = [] }] = useSubscription<FightLiveSubscription, Item[], FightLiveSubscriptionVariables>(
    {
      query: EventsDocument,
      variables: { id: fight.id, after },
      pause: stored,
    },
    (before = [], { fightEvents }) => [...before, fightEvents],
  );
  const live = useMemo(() => items.map(({ event }) => event), [items]);
  const ended = all(live, "FightEnded").length > 0;
  const missing: Missing[] = all(live, "StreamGap");
  useEffect(() => {
    if (ended || missing.length > 0) readAgain();
    // Once at the end and once for each gap: `readAgain` is the page's own and changes with every render.
  }, [ended, missing.length]);
  const exchanges = useMemo(() => exchangesOf(fight.exchanges, live), [fight, live]);
  const rounds = useMemo((): RoundEnd[] => {
    const before = fight.rounds.map(({ number, roundWins }) => ({ round: number, roundWins }));
    const since = live.flatMap((event): RoundEnd[] => (event.__typename === "RoundEnded" ? [event] : []));
    return [...new Map([...before, ...since].map((end) => [end.round, end])).values()];
  }, [fight, live]);
  const request = all(live, "ExchangeRequested").at(-1);
  return { exchanges, rounds, missing, request, over: stored || ended };
}
