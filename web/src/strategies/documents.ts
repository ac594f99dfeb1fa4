import { graphql } from "../generated/gql.ts";
import type { StrategyVersionsQuery } from "../generated/graphql.ts";

export const BotDocument = graphql(`
  query StrategiesPage($name: String!) {
    viewer { user { id } }
    bot(name: $name) { id name owner { id } }
  }
`);

/** Without the sources: they are long, and one is looked at. */
export const VersionsDocument = graphql(`
  query StrategyVersions($botId: ID!, $first: Int!) {
    strategies(botId: $botId, first: $first) {
      nodes { id version active createdAt runs(first: 1) { nodes { id ticks misses forfeit endedAt } } }
      pageInfo { hasNextPage }
    }
  }
`);
export const SourceDocument = graphql(`
  query StrategySource($id: ID!) { node(id: $id) { ... on Strategy { id source } } }
`);
export const LogDocument = graphql(`
  query StrategyLog($id: ID!) { node(id: $id) { ... on StrategyRun { id log } } }
`);
export const HouseDocument = graphql(`
  query HouseStrategy($name: ReferenceStrategy!) { referenceStrategy(name: $name) }
`);
export const UploadDocument = graphql(`
  mutation UploadStrategy($input: UploadStrategyInput!) {
    uploadStrategy(input: $input) {
      __typename
      ... on UploadStrategySuccess { strategy { id version active } }
      ... on Refusal { message hint }
    }
  }
`);
export const TestDocument = graphql(`
  mutation TestStrategy($input: TestStrategyInput!) {
    testStrategy(input: $input) {
      __typename
      ... on TestStrategySuccess { ticks { nowMs action miss } log }
      ... on Refusal { message hint }
    }
  }
`);
export const ActivateDocument = graphql(`
  mutation ActivateStrategy($input: ActivateStrategyInput!) {
    activateStrategy(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const DeactivateDocument = graphql(`
  mutation DeactivateStrategy($input: DeactivateStrategyInput!) {
    deactivateStrategy(input: $input) {
      __typename
      ... on DeactivateStrategySuccess { leftQueue }
      ... on Refusal { message hint }
    }
  }
`);

/** A version as the list shows it. */
export type Version = StrategyVersionsQuery["strategies"]["nodes"][number];
