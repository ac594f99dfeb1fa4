import { graphql } from "../generated/gql.ts";
import type { RunPageQuery, WorkPageQuery } from "../generated/graphql.ts";

export const WorkDocument = graphql(`
  query WorkPage {
    viewer {
      user { id }
      open: tasks(first: 40, filterBy: { states: [BLOCKED, PENDING, ASSIGNED, IN_PROGRESS, AWAITING_APPROVAL] }) {
        nodes { ...BoardCard }
      }
      closed: tasks(first: 8, filterBy: { states: [COMPLETED, FAILED, CANCELLED] }) { nodes { ...BoardCard } }
      approvals(first: 10) { nodes { ...BoardTask } }
    }
    workflows(first: 8) { nodes { id state createdAt endedAt definition { id name version } } }
    workflowDefinitions(first: 8) { nodes { id name version } }
  }
`);
graphql(`
  fragment BoardTask on Task { id title updatedAt payload workflow { id } }
`);
/** What stands on a card: without the payload, which may be large. */
graphql(`
  fragment BoardCard on Task {
    id title state priority capabilities attempt progressPercent progressNote failure updatedAt mayDecide
    creator { id handle }
    team { id name }
    plan { maxAttempts }
    bot { id name }
    workflow { id definition { id name } }
    error { message }
  }
`);
export const RunDocument = graphql(`
  query RunPage($id: ID!) {
    workflow(id: $id) {
      id state failure cursor createdAt endedAt mayDecide
      creator { id handle }
      definition {
        id name version onFailure
        steps { key title needs approval forEach optional }
      }
      steps(first: 100) { nodes { ...RunStep } }
      rest: steps(last: 100) { nodes { ...RunStep } }
    }
    viewer { user { id } approvals(first: 20) { nodes { ...BoardTask } } }
  }
`);
graphql(`
  fragment RunStep on WorkflowStep { key state failure total completed undoTotal undoCompleted }
`);
export const RunLiveDocument = graphql(`
  subscription RunLive($id: ID!, $after: Cursor) {
    workflowEvents(id: $id, after: $after) { cursor }
  }
`);
export const ApproveDocument = graphql(`
  mutation Approve($input: ApproveTaskInput!) {
    approveTask(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const RejectDocument = graphql(`
  mutation Reject($input: RejectTaskInput!) {
    rejectTask(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const PauseDocument = graphql(`
  mutation PauseRun($input: PauseWorkflowInput!) {
    pauseWorkflow(input: $input) {
      __typename
      ... on PauseWorkflowSuccess { workflow { id state } }
      ... on Refusal { message hint }
    }
  }
`);
export const ResumeDocument = graphql(`
  mutation ResumeRun($input: ResumeWorkflowInput!) {
    resumeWorkflow(input: $input) {
      __typename
      ... on ResumeWorkflowSuccess { workflow { id state } }
      ... on Refusal { message hint }
    }
  }
`);
export const CancelDocument = graphql(`
  mutation CancelRun($input: CancelWorkflowInput!) {
    cancelWorkflow(input: $input) {
      __typename
      ... on CancelWorkflowSuccess { workflow { id state } }
      ... on Refusal { message hint }
    }
  }
`);
export const DefineDocument = graphql(`
  mutation Define($input: DefineWorkflowInput!) {
    defineWorkflow(input: $input) {
      __typename
      ... on DefineWorkflowSuccess { definition { id name version } }
      ... on Refusal { message hint path }
    }
  }
`);
export const StartDocument = graphql(`
  mutation StartRun($input: StartWorkflowInput!) {
    startWorkflow(input: $input) {
      __typename
      ... on StartWorkflowSuccess { workflow { id } }
      ... on Refusal { message hint path }
    }
  }
`);

export type Holder = NonNullable<WorkPageQuery["viewer"]>;
export type BoardTask = Holder["approvals"]["nodes"][number];
export type BoardCard = Holder["open"]["nodes"][number];
export type Run = NonNullable<RunPageQuery["workflow"]>;
export type RunRow = WorkPageQuery["workflows"]["nodes"][number];
