import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { audit } from "../../identity/service/accounts.ts";
import { haveBets, teamTopic } from "../events.ts";
import {
  decideInvitation,
  DESCRIPTION_LENGTH_MAX,
  INVITATION_LIFE_MS,
  isTeamName,
  refuseChange,
  refuseInvitation,
  TEAMS_PER_USER_MAX,
  type InvitationStatus,
  type Standing,
  type TeamRefusal,
  type TeamRole,
} from "../rules.ts";
import {
  addMember,
  endInvitation,
  expireInvitations,
  holdUser,
  insertInvitation,
  insertTeam,
  invitationTeam,
  invitee,
  lockInvitation,
  lockTeam,
  roleOf,
  setRole,
  standing,
  teamsOf,
} from "../store.ts";
import { takeOut } from "./give-back.ts";

type OfTeam = { teamId: string };
type Code<Own extends TeamRefusal> = Own | "NOT_FOUND" | Reuse;

/** A team as it stands, its row locked; null when there is none. */
export async function lockStanding(
  tx: Tx,
  teamId: string,
  { userId }: SignedIn,
): Promise<(Standing & { bots: number }) | null> {
  const [[team], [found]] = await Promise.all([tx.query(lockTeam, [teamId]), tx.query(standing, [teamId, userId])]);
  if (!team || !found) return null;
  return { ...found, actor: found.actor as TeamRole | null };
}

type NoTeam = "TEAM_LIMIT" | "NOT_AUTHENTICATED";
export type FoundTeam = { name: string; description?: string | null } & Keyed;

/** Founds a team, whose first owner the founder is. A name is taken also when two found it at the same instant: the index team_name_key. */
export async function foundTeam(
  platform: Platform,
  viewer: SignedIn,
  input: FoundTeam,
): Promise<Outcome<OfTeam, "INVALID_TEAM_NAME" | "TEAM_NAME_TAKEN" | NoTeam | Reuse>> {
  const { name, description } = input;
  if (!isTeamName(name)) return refuse("INVALID_TEAM_NAME", { path: ["input", "name"] });
  if (Array.from(description ?? "").length > DESCRIPTION_LENGTH_MAX)
    return refuse("BAD_INPUT", {
      path: ["input", "description"],
      message: `A description has at most ${DESCRIPTION_LENGTH_MAX} characters.`,
    });
  const request = requestOf(platform, viewer, "foundTeam", input);
  try {
    return await transactOnce<OfTeam, NoTeam>(platform.db, request, async (tx) => {
      const refusal = await whyNoTeam(tx, viewer);
      if (refusal) return refuse(refusal);
      const at = platform.clock.now();
      const teamId = platform.random.id(at);
      await tx.query(insertTeam, [teamId, name, description ?? "", viewer.userId, at]);
      return { ok: true, teamId };
    });
  } catch (error) {
    if (violatedConstraint(error) === "team_name_key") return refuse("TEAM_NAME_TAKEN", { path: ["input", "name"] });
    throw error;
  }
}

/** Why a person founds no further team, for good while the transaction lasts: the person's row is held. */
async function whyNoTeam(tx: Tx, { userId }: SignedIn): Promise<NoTeam | null> {
  const [held, [found]] = await Promise.all([tx.query(holdUser, [userId]), tx.query(teamsOf, [userId])]);
  if (held.length === 0) return "NOT_AUTHENTICATED";
  return (found?.teams ?? 0) >= TEAMS_PER_USER_MAX ? "TEAM_LIMIT" : null;
}

export type Invite = { teamId: string; handle: string; role: TeamRole } & Keyed;
type Invited = { invitationId: string };
type InviteCode = NonNullable<ReturnType<typeof refuseInvitation>>;

/** Invites a person by the handle; one invitation to a team at a time, which lives two weeks. */
export function inviteToTeam(
  platform: Platform,
  viewer: SignedIn,
  input: Invite,
): Promise<Outcome<Invited, Code<InviteCode>>> {
  const { teamId, handle, role } = input;
  const request = requestOf(platform, viewer, "inviteToTeam", input);
  return transactOnce<Invited, InviteCode | "NOT_FOUND">(platform.db, request, async (tx) => {
    const at = platform.clock.now();
    const team = await lockStanding(tx, teamId, viewer);
    if (!team) return refuse("NOT_FOUND", { path: ["input", "teamId"] });
    await tx.query(expireInvitations, [at]);
    const [person] = await tx.query(invitee, [handle, teamId]);
    const refusal = refuseInvitation(team, role, person ?? { member: false, invited: false, pending: 0 });
    if (refusal) return refuse(refusal, { path: ["input", refusal.startsWith("ALREADY") ? "handle" : "teamId"] });
    if (!person) return refuse("NOT_FOUND", { path: ["input", "handle"] });
    const invitationId = platform.random.id(at);
    const until = new Date(at.getTime() + INVITATION_LIFE_MS);
    await tx.query(insertInvitation, [invitationId, teamId, person.id, viewer.userId, role, at, until]);
    return { ok: true, invitationId };
  });
}

const ANSWERS = {
  ACCEPT: "acceptTeamInvitation",
  DECLINE: "declineTeamInvitation",
  WITHDRAW: "withdrawTeamInvitation",
} as const;
type AnswerCode = "INVITATION_CLOSED" | "TEAM_FULL" | "TEAM_LIMIT" | "BETS_OPEN" | "NOT_TEAM_ADMIN";
export type Answer = { invitationId: string } & Keyed;

/** Accepts, declines or withdraws an invitation: its person answers, who leads the team withdraws. */
export function answerInvitation(
  platform: Platform,
  viewer: SignedIn,
  input: Answer,
  command: keyof typeof ANSWERS,
): Promise<Outcome<Invited & OfTeam, Code<AnswerCode>>> {
  const { invitationId } = input;
  const request = requestOf(platform, viewer, ANSWERS[command], input);
  return transactOnce<Invited & OfTeam, AnswerCode | "NOT_FOUND">(platform.db, request, async (tx) => {
    const missing = refuse("NOT_FOUND", { path: ["input", "invitationId"] });
    const [about] = await tx.query(invitationTeam, [invitationId]);
    // The team is locked before its invitation, as everywhere.
    const team = about && (await lockStanding(tx, about.team_id, viewer));
    if (!about || !team) return missing;
    if (command !== "WITHDRAW" && about.user_id !== viewer.userId) return missing;
    if (command === "WITHDRAW" && team.actor === null) return missing;
    if (command === "WITHDRAW" && team.actor === "MEMBER")
      return refuse("NOT_TEAM_ADMIN", { path: ["input", "invitationId"] });
    const answered = await lockAnswered(tx, viewer, invitationId, command);
    if (!answered) return missing;
    const now = platform.clock.now();
    const decision = decideInvitation({ ...answered, members: team.members }, command, now);
    if (!decision.ok) return refuse(decision.refusal, { path: ["input", "invitationId"] });
    await tx.query(endInvitation, [invitationId, decision.status, now]);
    if (decision.status === "ACCEPTED") await tx.query(addMember, [about.team_id, about.user_id, answered.role, now]);
    return { ok: true, invitationId, teamId: about.team_id };
  });
}

/** An invitation as its answer finds it, locked, with what the answer turns on; null when it is gone. */
async function lockAnswered(tx: Tx, { userId }: SignedIn, invitationId: string, command: keyof typeof ANSWERS) {
  const [, [teams], [invitation]] = await Promise.all([
    tx.query(holdUser, [userId]),
    tx.query(teamsOf, [userId]),
    tx.query(lockInvitation, [invitationId]),
  ]);
  if (!invitation) return null;
  const { team_id: teamId, status, role, expires_at: expiresAt } = invitation;
  const betsOpen = command === "ACCEPT" && (await haveBets.call(tx, teamId, userId));
  return { status: status as InvitationStatus, role, expiresAt, teams: teams?.teams ?? 0, betsOpen };
}

type ChangeCode = NonNullable<ReturnType<typeof refuseChange>>;
type Member = OfTeam & { userId: string };

/** Gives a member another role, or takes the member out; who leaves takes the own bots along. Audited. */
async function change(
  platform: Platform,
  viewer: SignedIn,
  operation: string,
  input: Member & Keyed,
  to: TeamRole | null,
): Promise<Outcome<Member, Code<ChangeCode>>> {
  const { teamId, userId } = input;
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<Member, ChangeCode | "NOT_FOUND">(platform.db, request, async (tx) => {
    const team = await lockStanding(tx, teamId, viewer);
    if (!team) return refuse("NOT_FOUND", { path: ["input", "teamId"] });
    const [member] = await tx.query(roleOf, [teamId, userId]);
    const role = (member?.role ?? null) as TeamRole | null;
    const refusal = refuseChange(team, { role, self: userId === viewer.userId }, to);
    if (refusal) return refuse(refusal, { path: ["input", team.actor === null ? "teamId" : "userId"] });
    if (to === null) await takeOut(tx, platform, teamId, userId);
    else await tx.query(setRole, [teamId, userId, to]);
    const { userId: actorId, principal } = viewer;
    const action = to === null ? "team.member-out" : `team.role-${to.toLowerCase()}`;
    await audit(platform, tx, { actorId, principal, action, subject: `user:${userId}`, reason: `team:${teamId}` });
    tx.afterCommit(() => platform.hub.touch(teamTopic(teamId)));
    return { ok: true, teamId, userId };
  });
}

/** Gives a member another role. */
export const setTeamRole = (platform: Platform, viewer: SignedIn, input: Member & { role: TeamRole } & Keyed) =>
  change(platform, viewer, "setTeamRole", input, input.role);

/** Takes a member out of a team, or lets the viewer leave it. */
export const removeTeamMember = (platform: Platform, viewer: SignedIn, input: Member & Keyed) =>
  change(platform, viewer, "removeTeamMember", input, null);
