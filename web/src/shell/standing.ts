import { graphql } from "../generated/gql.ts";
import type { FightFollowSubscription, FightStandingFragment as Standing } from "../generated/graphql.ts";

/** How a fight stands now. */
export const FightStandingFragment = graphql(`
  fragment FightStanding on Fight {
    id
    phase
    status
    state { round exchange fighters { side hp hpMax stamina roundWins } }
  }
`);

export const FollowDocument = graphql(`
  subscription FightFollow($fightId: ID!, $after: Cursor) {
    fightEvents(fightId: $fightId, after: $after) {
      cursor
      event {
        __typename
        ... on ExchangeRequested { seq round exchange fighters { side hp stamina roundWins } }
        ... on ExchangeResolved { seq round exchange sides { side action timedOut dealt taken hp stamina } }
        ... on RoundEnded { seq round roundWins }
        ... on FightEnded { seq phase reason winnerBotId payouts { side amount } }
      }
    }
  }
`);

type FightEvent = FightFollowSubscription["fightEvents"]["event"];
type Fighter = Standing["state"]["fighters"][number];

const withFighters = (
  fight: Standing,
  change: (fighter: Fighter) => Partial<Fighter> | undefined,
  at: { round?: number; exchange?: number } = {},
): Standing => ({
  ...fight,
  state: { ...fight.state, ...at, fighters: fight.state.fighters.map((each) => ({ ...each, ...change(each) })) },
});

const bodyOf = (bodies: readonly { side: number; hp: number; stamina: number; roundWins?: number }[], side: number) => {
  const body = bodies.find((each) => each.side === side);
  return (
    body && { hp: body.hp, stamina: body.stamina, ...(body.roundWins !== undefined && { roundWins: body.roundWins }) }
  );
};

const placeOf = ({ round, exchange }: { round: number; exchange: number }) => ({ round, exchange });

/** Whether play has not begun, and people may bet: a fight is live from its announcement, its phase tells. */
export const isAnnounced = ({ status, phase }: { status: string; phase?: string }) =>
  status === "ANNOUNCED" || (status === "LIVE" && phase === "ANNOUNCED");

const ENDED_WITHOUT_RESULT = new Set(["NO_CONTEST", "VOIDED"]);

/** How a fight stands after one of its events; null when that shows nowhere. */
export function standingAfter(fight: Standing, event: FightEvent): Standing | null {
  switch (event.__typename) {
    case "ExchangeRequested":
      return {
        ...withFighters(fight, ({ side }) => bodyOf(event.fighters, side), placeOf(event)),
        status: "LIVE",
        phase: "WAITING_FOR_ACTIONS",
      };
    case "ExchangeResolved":
      return withFighters(fight, ({ side }) => bodyOf(event.sides, side), placeOf(event));
    case "RoundEnded":
      return withFighters(fight, ({ side }) => ({ roundWins: event.roundWins[side] ?? 0 }));
    case "FightEnded":
      return { ...fight, phase: event.phase, status: ENDED_WITHOUT_RESULT.has(event.phase) ? "VOIDED" : "COMPLETED" };
    case "FightAnnounced":
    case "FightStarted":
    case "RevealRequested":
    case "DeadlineExtended":
    case "StreamGap":
      return null;
  }
}
