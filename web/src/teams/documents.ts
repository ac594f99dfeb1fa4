import { graphql } from "../generated/gql.ts";
import type { MyTeamsQuery, ProjectPageQuery, TeamPageQuery } from "../generated/graphql.ts";

export const MyTeamsDocument = graphql(`
  query MyTeams {
    viewer {
      user { id }
      teams(first: 20) { nodes { role joinedAt team { id name description } } }
      teamInvitations(first: 50) { nodes { id role expiresAt inviter { id handle } team { id name } } }
    }
  }
`);
export const TeamDocument = graphql(`
  query TeamPage($id: ID!) {
    node(id: $id) {
      ... on Team {
        id name description createdAt
        members(first: 100) { nodes { role joinedAt user { id handle } } }
        bots(first: 100) { nodes { bot { id name status owner { id handle } } } }
        invitations(first: 100) { nodes { id role expiresAt user { id handle } inviter { id handle } } }
        projects(first: 100) { nodes { id name description archivedAt } }
      }
    }
    viewer {
      user { id }
      teamInvitations(first: 50) { nodes { id role expiresAt inviter { id handle } team { id name } } }
      bots(first: 50) { nodes { id name } }
    }
  }
`);
/** What a team did and learnt: dearer than who is in it, so read beside it. */
export const TeamInsightDocument = graphql(`
  query TeamInsight($id: ID!) {
    node(id: $id) {
      ... on Team {
        id
        ...TeamBoard
        insights {
          used { members uses successes bot { id name } }
          gaps { capability bots tasks open }
          shared { capability bots members }
        }
      }
    }
  }
`);
export const TeamWorkDocument = graphql(`
  query TeamWork($id: ID!) {
    node(id: $id) {
      ... on Team {
        id
        open: tasks(first: 40, filterBy: { states: [BLOCKED, PENDING, ASSIGNED, IN_PROGRESS, AWAITING_APPROVAL] }) {
          nodes { ...BoardCard }
        }
        closed: tasks(first: 8, filterBy: { states: [COMPLETED, FAILED, CANCELLED] }) { nodes { ...BoardCard } }
      }
    }
  }
`);
export const FoundTeamDocument = graphql(`
  mutation FoundTeam($input: FoundTeamInput!) {
    foundTeam(input: $input) {
      __typename
      ... on FoundTeamSuccess { team { id name description } }
      ... on Refusal { message hint }
    }
  }
`);
export const InviteDocument = graphql(`
  mutation InviteToTeam($input: InviteToTeamInput!) {
    inviteToTeam(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const AcceptDocument = graphql(`
  mutation AcceptInvitation($input: AcceptTeamInvitationInput!) {
    acceptTeamInvitation(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const DeclineDocument = graphql(`
  mutation DeclineInvitation($input: DeclineTeamInvitationInput!) {
    declineTeamInvitation(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const WithdrawDocument = graphql(`
  mutation WithdrawInvitation($input: WithdrawTeamInvitationInput!) {
    withdrawTeamInvitation(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const SetRoleDocument = graphql(`
  mutation SetRole($input: SetTeamRoleInput!) {
    setTeamRole(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const RemoveMemberDocument = graphql(`
  mutation RemoveMember($input: RemoveTeamMemberInput!) {
    removeTeamMember(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const AddBotDocument = graphql(`
  mutation AddTeamBot($input: AddTeamBotInput!) {
    addTeamBot(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
export const RemoveBotDocument = graphql(`
  mutation RemoveTeamBot($input: RemoveTeamBotInput!) {
    removeTeamBot(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

export const ProjectDocument = graphql(`
  query ProjectPage($id: ID!) {
    project(id: $id) {
      id name description createdAt archivedAt
      team { id name }
      xp {
        sum mean growth7 growth30
        bots(orderBy: GROWTH_30) { xp growth7 growth30 tasks successes level { name } bot { id name } }
      }
    }
    viewer { user { id } teams(first: 20) { nodes { role team { id } } } }
  }
`);
export const ProjectWorkDocument = graphql(`
  query ProjectWork($id: ID!) {
    project(id: $id) {
      id
      open: tasks(first: 40, filterBy: { states: [BLOCKED, PENDING, ASSIGNED, IN_PROGRESS, AWAITING_APPROVAL] }) {
        nodes { ...BoardCard }
      }
      closed: tasks(first: 8, filterBy: { states: [COMPLETED, FAILED, CANCELLED] }) { nodes { ...BoardCard } }
    }
  }
`);
export const FoundProjectDocument = graphql(`
  mutation FoundProject($input: FoundProjectInput!) {
    foundProject(input: $input) {
      __typename
      ... on FoundProjectSuccess { project { id } }
      ... on Refusal { message hint }
    }
  }
`);
export const UpdateProjectDocument = graphql(`
  mutation UpdateProject($input: UpdateProjectInput!) {
    updateProject(input: $input) {
      __typename
      ... on UpdateProjectSuccess { project { id name description } }
      ... on Refusal { message hint }
    }
  }
`);
export const ArchiveProjectDocument = graphql(`
  mutation ArchiveProject($input: ArchiveProjectInput!) {
    archiveProject(input: $input) {
      __typename
      ... on ArchiveProjectSuccess { project { id archivedAt } }
      ... on Refusal { message hint }
    }
  }
`);

export type Project = NonNullable<ProjectPageQuery["project"]>;
export type Team = Extract<NonNullable<TeamPageQuery["node"]>, { __typename: "Team" }>;
export type Member = Team["members"]["nodes"][number];
export type Asked = NonNullable<MyTeamsQuery["viewer"]>["teamInvitations"]["nodes"][number];
