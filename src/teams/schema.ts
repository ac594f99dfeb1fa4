import { BotNode } from "../bots/schema.ts";
import { UserNode } from "../identity/schema/people.ts";
import { builder } from "../platform/graphql/builder.ts";
import { command, success } from "../platform/graphql/command.ts";
import type { Context } from "../platform/graphql/context.ts";
import { valuesOf } from "../platform/graphql/enum-values.ts";
import { declareRefusals } from "../platform/graphql/refusal-types.ts";
import { ViewerRef } from "../platform/graphql/viewer.ts";
import { isSignedIn, NOBODY } from "../platform/viewer.ts";
import {
  MEMBERS_MAX,
  OPEN_PROJECTS_MAX,
  PENDING_INVITATIONS_MAX,
  TEAM_BOTS_MAX,
  TEAMS_PER_USER_MAX,
  type InvitationStatus,
  type TeamRefusal,
  type TeamRole,
} from "./rules.ts";
import { addTeamBot, removeTeamBot } from "./service/bots.ts";
import { dissolveTeam } from "./service/endings.ts";
import { answerInvitation, foundTeam, inviteToTeam, removeTeamMember, setTeamRole } from "./service/people.ts";

declareRefusals<TeamRefusal>({
  INVALID_TEAM_NAME: {
    message: "This cannot be a team's name.",
    hint: "1 to 40 letters, digits, single blanks, _ or -, a letter or digit first and last.",
  },
  TEAM_NAME_TAKEN: { message: "A team has this name already.", hint: "Choose another name; case does not count." },
  TEAM_LIMIT: {
    message: `A person is in ${TEAMS_PER_USER_MAX} teams at most.`,
    hint: "Leave one by removeTeamMember first.",
  },
  TEAM_FULL: {
    message: `A team has at most ${MEMBERS_MAX} members and ${TEAM_BOTS_MAX} bots.`,
    hint: "Take somebody out first, or found another team.",
  },
  NOT_TEAM_ADMIN: {
    message: "Your role in the team does not allow this.",
    hint: "Admins invite members, take them out and keep the projects; only owners give roles.",
  },
  ALREADY_IN_TEAM: { message: "This person is in the team already.", hint: "Nothing is to be done." },
  ALREADY_INVITED: {
    message: "This person has an invitation that is not answered yet.",
    hint: "Wait for the answer, or withdraw it.",
  },
  TOO_MANY_INVITATIONS: {
    message: `${PENDING_INVITATIONS_MAX} invitations of the team wait for an answer.`,
    hint: "Withdraw some first.",
  },
  INVITATION_CLOSED: {
    message: "This invitation was answered, withdrawn or is more than two weeks old.",
    hint: "Ask for a new one.",
  },
  NOT_A_MEMBER: {
    message: "You, or the person that you named, are not in this team.",
    hint: "Check the team's members.",
  },
  LAST_OWNER: {
    message: "A team keeps at least one owner.",
    hint: "Make another member an owner first, or end the team by dissolveTeam.",
  },
  BETS_OPEN: {
    message: "You, or members of the team, have bets on contests of the other side that are not decided yet.",
    hint: "Accept again once these contests are over; a bet cannot be got rid of by joining.",
  },
  INVALID_PROJECT_NAME: {
    message: "This cannot be a project's name.",
    hint: "1 to 40 letters, digits, single blanks, _ or -, a letter or digit first and last.",
  },
  PROJECT_NAME_TAKEN: {
    message: "The team has a project of this name already, maybe an archived one.",
    hint: "Choose another name, or open the old one again by archiveProject; case does not count.",
  },
  TOO_MANY_PROJECTS: {
    message: `A team has ${OPEN_PROJECTS_MAX} projects at most that are not archived.`,
    hint: "Archive one by archiveProject first.",
  },
  PROJECT_NOT_FOUND: {
    message: "There is no such project in a team of yours.",
    hint: "See team { projects }, or leave the project out.",
  },
  PROJECT_OF_ANOTHER_TEAM: {
    message: "The project is of another team than the work.",
    hint: "Pass the teamId of the project's team, or a project of this one.",
  },
  PROJECT_ARCHIVED: {
    message: "The project is archived.",
    hint: "Name another one, or let who leads the team open it again by archiveProject.",
  },
});

const RoleEnum = builder.enumType("TeamRole", {
  description: "What a member may do.",
  values: valuesOf<TeamRole>({
    OWNER: "Everything: gives roles, too.",
    ADMIN: "Invites members and takes them out, and leads the team's tasks.",
    MEMBER: "Brings own bots, sees the team's tasks and makes some.",
  }),
});
const InvitationStatusEnum = builder.enumType("TeamInvitationStatus", {
  description: "How an invitation stands.",
  values: valuesOf<InvitationStatus>({
    PENDING: "It waits for an answer, two weeks at most.",
    ACCEPTED: "The person is in the team.",
    DECLINED: "The person said no.",
    WITHDRAWN: "The team took it back.",
    EXPIRED: "Nobody answered in two weeks.",
  }),
});

/** A team that this reader may read: the reader is in it, or invited. */
function readableTeam(id: string, { viewer }: Context) {
  const userId = isSignedIn(viewer) ? viewer.userId : NOBODY;
  const isAsked = { invitations: { some: { userId, status: "PENDING" } } };
  return { id, dissolvedAt: null, OR: [{ members: { some: { userId } } }, isAsked] };
}

export const TeamNode = builder.prismaNode("Team", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: readableTeam,
  description:
    "People who work together, with the bots that they bring. Its members can read it; who is invited reads its name.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Unique whatever the case, 1 to 40 characters." }),
    description: t.expose("description", {
      type: "UserText",
      description: "What its founder says of it, at most 500 characters.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was founded." }),
  }),
});

const MemberRef = builder.prismaObject("TeamMember", {
  access: "owner",
  description: "A person in a team.",
  fields: (t) => ({
    team: t.relation("team", { description: "The team." }),
    user: t.relation("user", { description: "The person." }),
    role: t.field({
      type: RoleEnum,
      description: "What the person may do.",
      select: { role: true },
      resolve: ({ role }) => role as TeamRole,
    }),
    joinedAt: t.expose("joinedAt", { type: "DateTime", description: "Since when." }),
  }),
});

const TeamBotRef = builder.prismaObject("TeamBot", {
  access: "owner",
  description: "A bot in a team: it may take the team's tasks.",
  fields: (t) => ({
    bot: t.relation("bot", { description: "The bot." }),
    addedAt: t.expose("addedAt", { type: "DateTime", description: "Since when." }),
  }),
});

/** An invitation that this reader may read: it is the reader's, or of a team that the reader is in. */
function readableInvitation(id: string, { viewer }: Context) {
  const userId = isSignedIn(viewer) ? viewer.userId : NOBODY;
  return { id, OR: [{ userId }, { team: { members: { some: { userId } } } }] };
}

const InvitationNode = builder.prismaNode("TeamInvitation", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: readableInvitation,
  description: "Asks a person into a team. The person and the team's members can read it.",
  fields: (t) => ({
    team: t.relation("team", { description: "Into which team." }),
    user: t.relation("user", { description: "Whom." }),
    inviter: t.relation("inviter", { description: "Who asks." }),
    role: t.field({
      type: RoleEnum,
      description: "What the person will be.",
      select: { role: true },
      resolve: ({ role }) => role as TeamRole,
    }),
    status: t.field({
      type: InvitationStatusEnum,
      description: "How it stands.",
      select: { status: true, expiresAt: true },
      // One that nobody looked at since its end is over all the same.
      resolve: ({ status, expiresAt }, _args, { platform }) =>
        status === "PENDING" && expiresAt <= platform.clock.now() ? "EXPIRED" : (status as InvitationStatus),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "Until when it can be answered." }),
  }),
});

/** Who was only invited, or has left, reads the team's name, and not what is in it. */
export const ofOwnTeam = ({ viewer }: Context) => ({
  team: { members: { some: { userId: isSignedIn(viewer) ? viewer.userId : NOBODY } } },
});

builder.prismaObjectFields(TeamNode, (t) => ({
  members: t.relatedConnection("members", {
    type: MemberRef,
    cursor: "teamId_userId",
    description: "Its people, for its members only. At most 100 a page.",
    query: (_args, context) => ({ where: ofOwnTeam(context), orderBy: { userId: "asc" } }),
  }),
  bots: t.relatedConnection("bots", {
    type: TeamBotRef,
    cursor: "teamId_botId",
    description: "Its bots, for its members only. At most 100 a page.",
    query: (_args, context) => ({ where: ofOwnTeam(context), orderBy: { botId: "asc" } }),
  }),
  invitations: t.relatedConnection("invitations", {
    type: InvitationNode,
    cursor: "id",
    description: "Those that wait for an answer, newest first, for its members only. At most 100 a page.",
    query: (_args, context) => ({ where: { status: "PENDING", ...ofOwnTeam(context) }, orderBy: { id: "desc" } }),
  }),
}));

builder.objectFields(ViewerRef, (t) => ({
  teams: t.prismaConnection({
    type: MemberRef,
    cursor: "teamId_userId",
    description: "The teams that the viewer is in, with the role in each. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.teamMember.findMany({
        ...query,
        where: { userId, team: { dissolvedAt: null } },
        orderBy: { teamId: "asc" },
      }),
  }),
  teamInvitations: t.prismaConnection({
    type: InvitationNode,
    cursor: "id",
    description: "The viewer's invitations that wait for an answer, newest first. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.teamInvitation.findMany({
        ...query,
        where: { userId, status: "PENDING", expiresAt: { gt: platform.clock.now() } },
        orderBy: { id: "desc" },
      }),
  }),
}));

type Fields<Success extends object> = Parameters<
  Parameters<typeof command<Record<string, never>, Success, never, "session">>[1]["success"]
>[0];
type Inputs = Parameters<Parameters<typeof command<Record<string, never>, object, never, "session">>[1]["input"]>[0];

const teamField = <Success extends { teamId: string }>(t: Fields<Success>) => ({
  team: t.prismaField({
    type: TeamNode,
    nullable: true,
    description: "The team as it is now; null where you are neither in it nor invited any more, or it was dissolved.",
    resolve: (query, { teamId }, _args, context) =>
      context.platform.prisma.team.findUnique({ ...query, where: readableTeam(teamId, context) }),
  }),
});
const invitationField = <Success extends { invitationId: string }>(t: Fields<Success>) => ({
  invitation: t.prismaField({
    type: InvitationNode,
    nullable: true,
    description: "The invitation as it is now; null where it is not yours and you are not in the team any more.",
    resolve: (query, { invitationId }, _args, context) =>
      context.platform.prisma.teamInvitation.findUnique({ ...query, where: readableInvitation(invitationId, context) }),
  }),
});
const teamId = (t: Inputs) => t.globalID({ required: true, for: [TeamNode], description: "The team." });
const userId = (t: Inputs) => t.globalID({ required: true, for: [UserNode], description: "The member." });
const botId = (t: Inputs) => t.globalID({ required: true, for: [BotNode], description: "The bot." });

command("foundTeam", {
  description: "Founds a team; you are its owner. A person is in 20 teams at most.",
  gives: success<{ teamId: string }>("The new team."),
  access: "session",
  input: (t) => ({
    name: t.string({
      required: true,
      description: "1 to 40 letters, digits, blanks, _ or -; unique whatever the case.",
    }),
    description: t.string({ required: false, description: "What it is for, at most 500 characters." }),
  }),
  success: teamField,
  refusals: ["INVALID_TEAM_NAME", "TEAM_NAME_TAKEN", "TEAM_LIMIT"],
  resolve: (input, { platform, viewer }) => foundTeam(platform, viewer, input),
});

command("inviteToTeam", {
  description: "Invites a person. Owners and admins invite members, only owners invite admins.",
  gives: success<{ invitationId: string }>("The invitation, PENDING for two weeks."),
  access: "session",
  input: (t) => ({
    teamId: teamId(t),
    handle: t.string({ required: true, description: "The person's handle, whatever the case." }),
    role: t.field({ type: RoleEnum, required: false, description: "ADMIN or MEMBER; MEMBER when absent." }),
  }),
  success: invitationField,
  refusals: [
    "NOT_FOUND",
    "NOT_A_MEMBER",
    "NOT_TEAM_ADMIN",
    "ALREADY_IN_TEAM",
    "ALREADY_INVITED",
    "TEAM_FULL",
    "TOO_MANY_INVITATIONS",
  ],
  resolve: (input, { platform, viewer }) =>
    inviteToTeam(platform, viewer, { ...input, teamId: input.teamId.id, role: input.role ?? "MEMBER" }),
});

const answers = {
  acceptTeamInvitation: { does: "ACCEPT", description: "Accepts an invitation of yours: you are in the team." },
  declineTeamInvitation: { does: "DECLINE", description: "Declines an invitation of yours." },
  withdrawTeamInvitation: { does: "WITHDRAW", description: "Takes back an invitation of a team that you lead." },
} as const;
for (const [name, { does, description }] of Object.entries(answers)) {
  command(name, {
    description,
    gives: success<{ invitationId: string; teamId: string }>("The invitation has ended."),
    access: "session",
    input: (t) => ({
      invitationId: t.globalID({ required: true, for: [InvitationNode], description: "The invitation." }),
    }),
    success: (t) => ({ ...invitationField(t), ...teamField(t) }),
    refusals: ["NOT_FOUND", "INVITATION_CLOSED", "TEAM_FULL", "TEAM_LIMIT", "BETS_OPEN", "NOT_TEAM_ADMIN"],
    resolve: (input, { platform, viewer }) =>
      answerInvitation(platform, viewer, { ...input, invitationId: input.invitationId.id }, does),
  });
}

command("setTeamRole", {
  description: "Gives a member another role. Only owners do; the last one stays owner. Audited.",
  gives: success<{ teamId: string; userId: string }>("The team."),
  access: "session",
  input: (t) => ({
    teamId: teamId(t),
    userId: userId(t),
    role: t.field({ type: RoleEnum, required: true, description: "What the member is from now on." }),
  }),
  success: teamField,
  refusals: ["NOT_FOUND", "NOT_A_MEMBER", "NOT_TEAM_ADMIN", "LAST_OWNER"],
  resolve: (input, { platform, viewer }) =>
    setTeamRole(platform, viewer, { ...input, teamId: input.teamId.id, userId: input.userId.id }),
});

command("removeTeamMember", {
  description: "Takes a member out, or lets you leave. The member's bots leave as well; the last owner stays. Audited.",
  gives: success<{ teamId: string; userId: string }>("The member is out."),
  access: "session",
  input: (t) => ({ teamId: teamId(t), userId: userId(t) }),
  success: teamField,
  refusals: ["NOT_FOUND", "NOT_A_MEMBER", "NOT_TEAM_ADMIN", "LAST_OWNER"],
  resolve: (input, { platform, viewer }) =>
    removeTeamMember(platform, viewer, { ...input, teamId: input.teamId.id, userId: input.userId.id }),
});

command("dissolveTeam", {
  description:
    "Dissolves a team for good: everybody is out, what its bots hold goes back, its open tasks and runs are cancelled within moments. Only owners do. Its name stays taken. Audited.",
  gives: success<{ dissolved: boolean }>("There is no such team any more."),
  access: "session",
  input: (t) => ({ teamId: teamId(t) }),
  success: (t) => ({ dissolved: t.exposeBoolean("dissolved", { description: "True." }) }),
  refusals: ["NOT_FOUND", "NOT_A_MEMBER", "NOT_TEAM_ADMIN"],
  resolve: (input, { platform, viewer }) => dissolveTeam(platform, viewer, { ...input, teamId: input.teamId.id }),
});

command("addTeamBot", {
  description: "Brings one of your bots into a team of yours: it may take the team's tasks from now on.",
  gives: success<{ teamId: string; botId: string }>("The bot is in the team."),
  access: "WORK",
  input: (t) => ({ teamId: teamId(t), botId: botId(t) }),
  success: teamField,
  refusals: ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED", "NOT_FOUND", "NOT_A_MEMBER", "TEAM_FULL"],
  resolve: (input, { platform, viewer }) =>
    addTeamBot(platform, viewer, { ...input, teamId: input.teamId.id, botId: input.botId.id }),
});

command("removeTeamBot", {
  description:
    "Takes a bot out of a team: its owner may, and who leads the team. What it holds of the team's goes back.",
  gives: success<{ teamId: string; botId: string }>("The bot is out."),
  access: "WORK",
  input: (t) => ({ teamId: teamId(t), botId: botId(t) }),
  success: teamField,
  refusals: ["NOT_FOUND", "NOT_A_MEMBER", "NOT_TEAM_ADMIN"],
  resolve: (input, { platform, viewer }) =>
    removeTeamBot(platform, viewer, { ...input, teamId: input.teamId.id, botId: input.botId.id }),
});
