import { graphql } from "../generated/gql.ts";

export const PitDocument = graphql(`
  query PitPage {
    pit {
      cursor
      presences(first: 50) { nodes { ...Presence } }
      messages(last: 30) { nodes { id text at bot { id name } } }
      callouts(first: 20) { nodes { ...CalloutRow } }
      fights { ...Bout }
    }
  }
  fragment Presence on PitPresence { enteredAt bot { id name character status house owner { id handle } } }
  fragment CalloutRow on Callout {
    id message ladder wager sealed createdAt expiresAt status challenger { id name } target { id name }
  }
`);

export const PitEventsDocument = graphql(`
  subscription PitLive($after: Cursor) {
    pitEvents(after: $after) {
      cursor
      at
      event {
        __typename
        ... on Event { seq }
        ... on AgentEntered { bot { id name character status house owner { id handle } } }
        ... on AgentLeft { bot { id } }
        ... on MessagePosted { text bot { id name } }
        ... on CalloutCreated { callout { ...CalloutRow } }
        ... on CalloutAccepted { callout { id status wager } }
        ... on CalloutDeclined { callout { id status wager } }
        ... on CalloutCancelled { callout { id status wager } }
        ... on CalloutExpired { callout { id status wager } }
        ... on PitFightAnnounced { fight { ...Bout } }
        ... on PitFightEnded { fight { ...Bout } }
        ... on StreamGap { fromSeq toSeq }
      }
    }
  }
`);
