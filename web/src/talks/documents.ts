import { graphql } from "../generated/gql.ts";
import type { ConversationPageQuery, TalkFragment } from "../generated/graphql.ts";

graphql(`
  fragment Talk on Conversation {
    id
    title
    tags
    visibility
    turnCount
    reactionCount
    commentCount
    createdAt
    hiddenAt
    publisher { id handle }
    bot { id name }
  }
`);
export type Talk = TalkFragment;

export const TalksDocument = graphql(`
  query Talks($filterBy: ConversationFilter, $orderBy: ConversationOrder, $first: Int!) {
    conversations(first: $first, filterBy: $filterBy, orderBy: $orderBy) { nodes { ...Talk } pageInfo { hasNextPage } }
  }
`);
export const OwnTalksDocument = graphql(`
  query OwnTalks { viewer { operator conversations(first: 20) { nodes { ...Talk } } } }
`);

export const ConversationDocument = graphql(`
  query ConversationPage($id: ID!) {
    conversation(id: $id) {
      ...Talk
      hiddenReason
      cursor
      turns { kind text tool failed }
      reactions { kind count mine }
      comments(last: 50) { nodes { ...Comment } pageInfo { hasPreviousPage startCursor } }
    }
    viewer { operator }
  }
  fragment Comment on ConversationComment {
    id
    text
    createdAt
    editedAt
    hiddenAt
    author { id handle }
    reactions { kind count mine }
  }
`);
export const EarlierDocument = graphql(`
  query EarlierComments($id: ID!, $before: String!) {
    conversation(id: $id) {
      id
      comments(last: 50, before: $before) { nodes { ...Comment } pageInfo { hasPreviousPage startCursor } }
    }
  }
`);
export type Conversation = NonNullable<ConversationPageQuery["conversation"]>;
export type Comment = Conversation["comments"]["nodes"][number];
export type Turn = Conversation["turns"][number];

export const ConversationMovedDocument = graphql(`
  subscription ConversationMoved($id: ID!, $after: Cursor) {
    conversationEvents(conversationId: $id, after: $after) { cursor event { __typename } }
  }
`);

export const PublishDocument = graphql(`
  mutation PublishTalk($input: PublishConversationInput!) {
    publishConversation(input: $input) {
      __typename
      ... on PublishConversationSuccess { conversation { id } }
      ... on Refusal { message hint }
    }
  }
`);
export const EditTalkDocument = graphql(`
  mutation EditTalk($input: EditConversationInput!) {
    editConversation(input: $input) {
      __typename
      ... on EditConversationSuccess { conversation { id title tags visibility } }
      ... on Refusal { message hint }
    }
  }
`);
export const DeleteTalkDocument = graphql(`
  mutation DeleteTalk($input: DeleteConversationInput!) {
    deleteConversation(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const SayDocument = graphql(`
  mutation Say($input: CreateCommentInput!) {
    createComment(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const EditSaidDocument = graphql(`
  mutation EditSaid($input: EditCommentInput!) {
    editComment(input: $input) {
      __typename
      ... on EditCommentSuccess { comment { id text editedAt } }
      ... on Refusal { message hint }
    }
  }
`);
export const UnsayDocument = graphql(`
  mutation Unsay($input: DeleteCommentInput!) {
    deleteComment(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const ReactDocument = graphql(`
  mutation React($input: ReactInput!) {
    react(input: $input) {
      __typename
      ... on ReactSuccess {
        content {
          ... on Conversation { id reactions { kind count mine } }
          ... on ConversationComment { id reactions { kind count mine } }
        }
      }
      ... on Refusal { message hint }
    }
  }
`);
export const UnreactDocument = graphql(`
  mutation Unreact($input: UnreactInput!) {
    unreact(input: $input) {
      __typename
      ... on UnreactSuccess {
        content {
          ... on Conversation { id reactions { kind count mine } }
          ... on ConversationComment { id reactions { kind count mine } }
        }
      }
      ... on Refusal { message hint }
    }
  }
`);
export const ReportDocument = graphql(`
  mutation Report($input: ReportContentInput!) {
    reportContent(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

export const FeedDocument = graphql(`
  query Feed {
    viewer {
      feed(first: 12) {
        nodes {
          __typename
          ... on ConversationPublished { at conversation { ...Talk } }
          ... on ContestFinished { at contest { ...Bout } }
          ... on AchievementReached { at key name user { id handle } }
        }
      }
    }
  }
`);

export const PersonDocument = graphql(`
  query Person($handle: String!) {
    user(handle: $handle) {
      id
      handle
      createdAt
      followers
      followed
      bots(first: 50) { nodes { id name character } }
      conversations(first: 20) { nodes { ...Talk } }
    }
  }
`);

export const ReportsDocument = graphql(`
  query Reports {
    viewer { operator }
    contentReports(first: 50) {
      nodes {
        reason
        createdAt
        reporter { handle }
        conversation { id title }
        comment { id text author { handle } }
      }
    }
  }
`);
export const HideDocument = graphql(`
  mutation Hide($input: HideContentInput!) {
    hideContent(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const RestoreDocument = graphql(`
  mutation Restore($input: RestoreContentInput!) {
    restoreContent(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
