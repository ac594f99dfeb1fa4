import { graphql } from "../../generated/gql.ts";

export const PoolDocument = graphql(`
  query FightPool($id: ID!) {
    fight(id: $id) {
      id
      pool {
        ...PoolBoard
        history { at sides { total bot { id } } }
      }
    }
  }
  fragment PoolBoard on Pool {
    status
    exhibition
    betMin
    betMax
    rakePercent
    closesAt
    refundReason
    byBot { total bot { id } }
  }
`);

export const OddsDocument = graphql(`
  subscription FightOdds($id: ID!) { poolOdds(contestId: $id) { ...PoolBoard } }
`);

export const PoolEventsDocument = graphql(`
  subscription FightPoolMoved($id: ID!) {
    poolEvents(contestId: $id) { cursor event { __typename ... on Event { seq } } }
  }
`);

export const MyBetsDocument = graphql(`
  query MyBets($first: Int!) {
    viewer { bets(first: $first) { nodes { ...BetRow } pageInfo { hasNextPage } } }
  }
  fragment BetRow on Bet {
    id
    amount
    status
    payout
    estimatedPayout
    placedAt
    bot { id name }
    contest { __typename id participants { side bot { id name } } pool { exhibition } }
  }
`);

export const PlaceBetDocument = graphql(`
  mutation PlaceBet($input: PlaceBetInput!) {
    placeBet(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
