import { graphql } from "../generated/gql.ts";
import type { GrowthFragment, XpMineQuery } from "../generated/graphql.ts";

graphql(`
  fragment Growth on Experience {
    shown
    total
    level { number name stars from next }
    days(back: 30) { day xp total }
    levelForecastState
    levelForecast { perDay expected earliest latest }
    statistics(back: 30) { tries successRate quality qualityTrend p50Ms p95Ms byHour wins draws losses }
    skills { skill total level { number name } }
    cursor
  }
`);

graphql(`
  fragment TeamBoard on Team {
    name
    xp { sum mean growth7 growth30 bots(orderBy: GROWTH_30) { xp growth7 growth30 level { name } bot { id name } } }
  }
`);

/** The viewer's own XP with what is unlocked and who is ahead in the teams. */
export const XpMineDocument = graphql(`
  query XpMine {
    viewer {
      user {
        id
        handle
        xp { ...Growth }
        achievements { key name description requires ladder unlockedAt progress { value target } }
      }
      bots(first: 50) { nodes { id name character status } }
      xpPrivacy { profile stats achievements }
      teams(first: 3) {
        nodes { team { id ...TeamBoard } }
      }
    }
  }
`);

/** A bot's XP, as its owner shows it. */
export const XpBotDocument = graphql(`
  query XpBot($name: String!) {
    bot(name: $name) { id name character owner { id handle } xp { ...Growth } }
  }
`);

export const XpNewsDocument = graphql(`
  subscription XpNews($after: Cursor) {
    xpEvents(after: $after) {
      cursor
      event {
        __typename
        ... on XpGained { added total bot { id name } }
        ... on LeveledUp { what skill level { number name } bot { id name } }
        ... on AchievementUnlocked { key name bot { id name } }
        ... on XpTakenBack { removed total bot { id name } }
      }
    }
  }
`);

export const RecommendedDocument = graphql(`
  query Recommended($taskDescription: String!) {
    recommendedBots(taskDescription: $taskDescription, first: 5) {
      skills
      bots { score success quality tries missing reasons bot { id name } }
    }
  }
`);

export const SetPrivacyDocument = graphql(`
  mutation SetXpPrivacy($input: SetXpPrivacyInput!) {
    setXpPrivacy(input: $input) {
      __typename
      ... on SetXpPrivacySuccess { privacy { profile stats achievements } }
      ... on Refusal { code message hint }
    }
  }
`);

export type Growth = GrowthFragment;
export type Mine = NonNullable<XpMineQuery["viewer"]>;
export type Reached = Mine["user"]["achievements"][number];
