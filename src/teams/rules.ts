export const TEAM_ROLES = ["OWNER", "ADMIN", "MEMBER"] as const;
export type TeamRole = (typeof TEAM_ROLES)[number];

export const INVITATION_STATUSES = ["PENDING", "ACCEPTED", "DECLINED", "WITHDRAWN", "EXPIRED"] as const;
export type InvitationStatus = (typeof INVITATION_STATUSES)[number];

export const MEMBERS_MAX = 100;
export const TEAM_BOTS_MAX = 200;
export const TEAMS_PER_USER_MAX = 20;
export const PENDING_INVITATIONS_MAX = 100;
export const INVITATION_LIFE_MS = 14 * 86_400_000;
export const DESCRIPTION_LENGTH_MAX = 500;
export const OPEN_PROJECTS_MAX = 100;

export const TEAM_REFUSALS = [
  "INVALID_TEAM_NAME",
  "TEAM_NAME_TAKEN",
  "TEAM_LIMIT",
  "TEAM_FULL",
  "NOT_TEAM_ADMIN",
  "ALREADY_IN_TEAM",
  "ALREADY_INVITED",
  "TOO_MANY_INVITATIONS",
  "INVITATION_CLOSED",
  "NOT_A_MEMBER",
  "LAST_OWNER",
  "BETS_OPEN",
  "INVALID_PROJECT_NAME",
  "PROJECT_NAME_TAKEN",
  "TOO_MANY_PROJECTS",
  "PROJECT_NOT_FOUND",
  "PROJECT_OF_ANOTHER_TEAM",
  "PROJECT_ARCHIVED",
] as const;
export type TeamRefusal = (typeof TEAM_REFUSALS)[number];

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,38}[A-Za-z0-9])?$/;

/** Whether a team, or a project, may bear this name: letters, digits, single blanks, `_` and `-`, 1 to 40. */
export const isTeamName = (name: string): boolean => NAME.test(name) && !name.includes("  ");

const RANK: Record<TeamRole, number> = { MEMBER: 0, ADMIN: 1, OWNER: 2 };

/** Whether a role may invite, add others' bots out, and lead the team's tasks. */
export const leads = (role: TeamRole | null): boolean => role === "OWNER" || role === "ADMIN";

/** A team as a change of its people finds it. */
export type Standing = {
  /** The role of who acts; null for who is not in the team. */
  actor: TeamRole | null;
  members: number;
  owners: number;
};

/** Why a person may not be invited with a role, or null. Only owners make admins. */
export function refuseInvitation(
  { actor, members }: Standing,
  role: TeamRole,
  { invited, member, pending }: { invited: boolean; member: boolean; pending: number },
):
  | "NOT_A_MEMBER"
  | "NOT_TEAM_ADMIN"
  | "ALREADY_IN_TEAM"
  | "ALREADY_INVITED"
  | "TEAM_FULL"
  | "TOO_MANY_INVITATIONS"
  | null {
  if (actor === null) return "NOT_A_MEMBER";
  if (!leads(actor) || RANK[role] >= RANK[actor]) return "NOT_TEAM_ADMIN";
  if (member) return "ALREADY_IN_TEAM";
  if (invited) return "ALREADY_INVITED";
  if (members >= MEMBERS_MAX) return "TEAM_FULL";
  return pending >= PENDING_INVITATIONS_MAX ? "TOO_MANY_INVITATIONS" : null;
}

/** What ends an invitation. */
export type InvitationCommand = "ACCEPT" | "DECLINE" | "WITHDRAW" | "EXPIRE";
const ENDS: Record<InvitationCommand, Exclude<InvitationStatus, "PENDING">> = {
  ACCEPT: "ACCEPTED",
  DECLINE: "DECLINED",
  WITHDRAW: "WITHDRAWN",
  EXPIRE: "EXPIRED",
};

type AnswerRefusal = Extract<TeamRefusal, "INVITATION_CLOSED" | "TEAM_FULL" | "TEAM_LIMIT" | "BETS_OPEN">;

/** The machine of an invitation: what a command makes of it, or why it is refused. */
export function decideInvitation(
  invitation: { status: InvitationStatus; expiresAt: Date; members: number; teams: number; betsOpen: boolean },
  command: InvitationCommand,
  now: Date,
): { ok: true; status: InvitationStatus } | { ok: false; refusal: AnswerRefusal } {
  const expired = now >= invitation.expiresAt;
  if (invitation.status !== "PENDING" || expired !== (command === "EXPIRE"))
    return { ok: false, refusal: "INVITATION_CLOSED" };
  if (command === "ACCEPT" && invitation.members >= MEMBERS_MAX) return { ok: false, refusal: "TEAM_FULL" };
  if (command === "ACCEPT" && invitation.teams >= TEAMS_PER_USER_MAX) return { ok: false, refusal: "TEAM_LIMIT" };
  if (command === "ACCEPT" && invitation.betsOpen) return { ok: false, refusal: "BETS_OPEN" };
  return { ok: true, status: ENDS[command] };
}

/** Why a member's role may not become another one, or null; null as the new role takes the member out. */
export function refuseChange(
  { actor, owners }: Standing,
  member: { role: TeamRole | null; self: boolean },
  to: TeamRole | null,
): "NOT_A_MEMBER" | "NOT_TEAM_ADMIN" | "LAST_OWNER" | null {
  if (actor === null || member.role === null) return "NOT_A_MEMBER";
  if (!mayChange(actor, { role: member.role, self: member.self }, to)) return "NOT_TEAM_ADMIN";
  return member.role === "OWNER" && to !== "OWNER" && owners === 1 ? "LAST_OWNER" : null;
}

/** Everybody may leave; owners may do everything; admins take members out, and nobody else. */
function mayChange(actor: TeamRole, member: { role: TeamRole; self: boolean }, to: TeamRole | null): boolean {
  if (actor === "OWNER") return true;
  if (member.self) return to === null;
  return actor === "ADMIN" && member.role === "MEMBER" && to === null;
}

/** Who becomes owner of a team whose last owner is gone: the admin who has been in it longest, else the member; null for nobody. */
export function successorOf(left: readonly { userId: string; role: TeamRole; joinedAt: Date }[]): string | null {
  const [first] = left.toSorted((a, b) => RANK[b.role] - RANK[a.role] || a.joinedAt.getTime() - b.joinedAt.getTime());
  return first?.userId ?? null;
}

/** A project as a change of it finds it, and how many of its team's are not archived. */
export type ProjectStanding = { actor: TeamRole | null; archived: boolean; open: number };

/** Why a team's project may not be led by a person, or null. */
const refuseLead = (actor: TeamRole | null): "NOT_A_MEMBER" | "NOT_TEAM_ADMIN" | null => {
  if (actor === null) return "NOT_A_MEMBER";
  return leads(actor) ? null : "NOT_TEAM_ADMIN";
};

/** Why a person may not found a project, or null. */
export const refuseNewProject = ({ actor, open }: Omit<ProjectStanding, "archived">) =>
  refuseLead(actor) ?? (open >= OPEN_PROJECTS_MAX ? "TOO_MANY_PROJECTS" : null);

/** Why a person may not change what a project is called, or null. */
export const refuseProjectChange = ({ actor, archived }: ProjectStanding) =>
  refuseLead(actor) ?? (archived ? "PROJECT_ARCHIVED" : null);

/** Why a person may not archive a project, or open it again, or null. One that is so already stays so. */
export const refuseArchiving = ({ actor, archived, open }: ProjectStanding, to: boolean) =>
  refuseLead(actor) ?? (archived && !to && open >= OPEN_PROJECTS_MAX ? "TOO_MANY_PROJECTS" : null);

/** A project as new work for it finds it; null when there is none in a team of who asks. */
export type ProjectFound = { teamId: string; archived: boolean } | null;

/** Why new work of a team may not name a project, or null. */
export function refuseProjectOf(
  project: ProjectFound,
  teamId: string | null,
): "PROJECT_NOT_FOUND" | "PROJECT_OF_ANOTHER_TEAM" | "PROJECT_ARCHIVED" | null {
  if (project === null) return "PROJECT_NOT_FOUND";
  if (project.teamId !== teamId) return "PROJECT_OF_ANOTHER_TEAM";
  return project.archived ? "PROJECT_ARCHIVED" : null;
}
