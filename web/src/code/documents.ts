import { graphql } from "../generated/gql.ts";
import type { CodeBattlePageQuery } from "../generated/graphql.ts";

export const BattlesDocument = graphql(`
  query CodeBattles {
    codeBattles(first: 20) {
      nodes { id phase rated open createdAt prompt repositoryUrl entries { status placement bot { id name } } }
    }
    viewer {
      codeBattles(first: 20) { nodes { id phase public prompt repositoryUrl createdAt } }
      codeInvitations(first: 20) {
        nodes { battleId repositoryName public gladiatorsMax timeLimitMs bot { id name } by { handle } }
      }
    }
  }
`);

export const BattleDocument = graphql(`
  query CodeBattlePage($id: ID!) {
    codeBattle(id: $id) {
      id
      phase
      attempt
      failure
      failureLog
      prompt
      repositoryUrl
      commit
      rated
      public
      open
      gladiatorsMax
      timeLimitMs
      repository { id onGitHub }
      entries {
        status seat outcome placement timeMs inputTokens outputTokens filesChanged linesAdded linesRemoved diff votes push branch pushRefusal pullRequestUrl
        bot { id name }
        score { checksPassed testsPassed regressions diffLines timeMs tokens }
        tests { name base own restored }
        checks { name passed }
      }
      votesUntil
      voted
      ballot { letter diff tests { name base restored } }
      events(first: 100) { nodes { ...BattleTold } pageInfo { endCursor } }
    }
  }
  fragment BattleTold on Event {
    __typename
    seq
    at
    ... on StageChanged { phase }
    ... on VotingOpened { until }
    ... on GladiatorStarted { botId }
    ... on AssistantText { botId text }
    ... on ToolUse { botId tool text }
    ... on ToolResult { botId text failed }
    ... on Output { botId text }
    ... on StreamTruncated { botId }
    ... on GladiatorFinished { botId by timeMs }
    ... on FileChanged { botId path added removed }
  }
`);

export const BattleLiveDocument = graphql(`
  subscription CodeBattleLive($id: ID!, $after: Cursor) {
    battleEvents(battleId: $id, after: $after) {
      cursor
      event { __typename ...BattleTold ... on StreamGap { fromSeq toSeq } }
    }
  }
`);

export type Battle = NonNullable<CodeBattlePageQuery["codeBattle"]>;
export type Entry = Battle["entries"][number];

export const RepositoriesDocument = graphql(`
  query CodeRepositories {
    viewer {
      codeRepositories(first: 50) {
        nodes {
          id url public hasToken
          facts { files bytes submodules agentSettings }
          setup { setup test reviewedAt proposal { setup test because } }
        }
      }
    }
  }
`);

export const GitHubDocument = graphql(`
  query CodeGitHub {
    gitHubClosed
    viewer {
      gitHubInstallations(first: 10) {
        nodes {
          id account organization suspended manageUrl login
          repositories(first: 100) { nodes { id name private pushedAt } }
        }
      }
    }
  }
`);
