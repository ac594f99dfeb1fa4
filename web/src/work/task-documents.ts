import { graphql } from "../generated/gql.ts";
import type { TaskPageQuery } from "../generated/graphql.ts";

export const BoardLiveDocument = graphql(`
  subscription BoardLive($teamId: ID, $public: Boolean, $filterBy: TaskFilter) {
    taskBoardEvents(teamId: $teamId, public: $public, filterBy: $filterBy) { tasks { ...BoardCard } changes { kind state } }
  }
`);
graphql(`
  fragment TaskNow on Task { id state attempt progressPercent progressNote updatedAt }
`);
export const PublicBoardDocument = graphql(`
  query PublicBoard {
    open: tasks(first: 40, filterBy: { states: [PENDING, ASSIGNED, IN_PROGRESS] }) { nodes { ...BoardCard } }
    closed: tasks(first: 8, filterBy: { states: [COMPLETED, FAILED, CANCELLED] }) { nodes { ...BoardCard } }
  }
`);
export const TeamsOfMineDocument = graphql(`
  query TeamsOfMine { viewer { user { id } teams(first: 20) { nodes { team { id name projects(first: 100, filterBy: { archived: false }) { nodes { id name } } } } } } }
`);
export const CreateTaskDocument = graphql(`
  mutation NewTask($input: CreateTaskInput!) {
    createTask(input: $input) {
      __typename
      ... on CreateTaskSuccess { task { id state } }
      ... on Refusal { message hint path }
    }
  }
`);
export const TaskDocument = graphql(`
  query TaskPage($id: ID!) {
    task(id: $id) {
      ...TaskNow
      id title state cursor priority complexity visibility assign capabilities approval attempt failure payload result
      progressPercent progressNote createdAt updatedAt startedAt endedAt readyAt mayDecide
      plan { maxAttempts heartbeatMs acceptMs scheduleToStartMs startToCloseMs }
      bot { id name }
      creator { id handle }
      team { id name }
      project { id name }
      workflow { id definition { id name } }
      error { code message }
    }
  }
`);
export const TaskLiveDocument = graphql(`
  subscription TaskLive($id: ID!, $after: Cursor) { taskEvents(taskId: $id, after: $after) { cursor } }
`);
export const CancelTaskDocument = graphql(`
  mutation CancelOneTask($input: CancelTaskInput!) {
    cancelTask(input: $input) { __typename ... on CancelTaskSuccess { task { id state } } ... on Refusal { message hint } }
  }
`);
export const RetryTaskDocument = graphql(`
  mutation RetryOneTask($input: RetryTaskInput!) {
    retryTask(input: $input) { __typename ... on RetryTaskSuccess { task { id state } } ... on Refusal { message hint } }
  }
`);

export type Shown = NonNullable<TaskPageQuery["task"]>;
