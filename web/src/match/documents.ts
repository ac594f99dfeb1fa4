import { graphql } from "../generated/gql.ts";

export const MatchDocument = graphql(`
  query MatchPage($id: ID!) {
    match(id: $id) {
      id
      status
      phase
      origin
      rated
      map
      startsAt
      startedAt
      endsAt
      endedAt
      voidReason
      seedHash
      cursor
      participants { placement ratingBefore ratingAfter bot { id } }
      players { side score kills deaths suicides shots accuracy awards { excellent impressive gauntlet } bot { id name character owner { id handle } } }
      kills(last: 100) { nodes { number atMs means suicide text killer { id } victim { id } } }
    }
    replaySigningKey
  }
`);

export const MatchLiveDocument = graphql(`
  subscription MatchLive($id: ID!, $after: Cursor) {
    matchEvents(matchId: $id, after: $after) {
      cursor
      at
      event {
        __typename
        ... on MatchKill { seq number atMs means suicide text killer { id } victim { id } }
        ... on MatchScored { seq score bot { id } }
        ... on MatchStarted { seq endsAt }
        ... on MatchRosterFrozen { seq }
        ... on MatchCompleted { seq }
        ... on MatchVoided { seq }
        ... on MatchPlayerReplaced { seq }
        ... on StreamGap { fromSeq toSeq }
      }
    }
  }
`);

export const MatchFramesDocument = graphql(`
  subscription MatchFrames($id: ID!) {
    matchFrames(matchId: $id) {
      atMs
      players { side x y z eye yaw pitch health armor weapon alive firing quad }
      missiles { id weapon x y z }
      taken
      drops { id name x y z }
    }
  }
`);
