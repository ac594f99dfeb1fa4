import { audit } from "../../identity/service/accounts.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { teamDissolved, teamTopic } from "../events.ts";
import { successorOf, type TeamRole } from "../rules.ts";
import { closeInvitations, dissolve, lockTeam, membersOf, setRole, teamsWith } from "../store.ts";
import { takeOut } from "./give-back.ts";
import { lockStanding } from "./people.ts";

type Code = "NOT_FOUND" | "NOT_A_MEMBER" | "NOT_TEAM_ADMIN";

/** Dissolves a team for good: everybody is out, what its bots hold goes back, and its open work ends. Audited. */
export function dissolveTeam(
  platform: Platform,
  viewer: SignedIn,
  input: { teamId: string } & Keyed,
): Promise<Outcome<{ dissolved: boolean }, Code | Reuse>> {
  const { teamId } = input;
  const path = ["input", "teamId"];
  const request = requestOf(platform, viewer, "dissolveTeam", input);
  return transactOnce<{ dissolved: boolean }, Code>(platform.db, request, async (tx) => {
    const team = await lockStanding(tx, teamId, viewer);
    if (!team) return refuse("NOT_FOUND", { path });
    if (team.actor === null) return refuse("NOT_A_MEMBER", { path });
    if (team.actor !== "OWNER") return refuse("NOT_TEAM_ADMIN", { path });
    await end(tx, platform, teamId);
    const { userId: actorId, principal } = viewer;
    await audit(platform, tx, { actorId, principal, action: "team.dissolved", subject: `team:${teamId}` });
    return { ok: true, dissolved: true };
  });
}

async function end(tx: Tx, platform: Platform, teamId: string): Promise<void> {
  const at = platform.clock.now();
  for (const { user_id: userId } of await tx.query(membersOf, [teamId])) await takeOut(tx, platform, teamId, userId);
  await tx.query(closeInvitations, [teamId, null, at]);
  await tx.query(dissolve, [teamId, at]);
  await teamDissolved.call(tx, platform, teamId);
  tx.afterCommit(() => platform.hub.touch(teamTopic(teamId)));
}

/** A person who deletes the account leaves every team; one that has no owner then gets one, or is dissolved when it is empty. */
export async function leaveTeams(tx: Tx, platform: Platform, userId: string): Promise<void> {
  await tx.query(closeInvitations, [null, userId, platform.clock.now()]);
  for (const { team_id: teamId } of await tx.query(teamsWith, [userId])) {
    await tx.query(lockTeam, [teamId]);
    await takeOut(tx, platform, teamId, userId);
    const left = (await tx.query(membersOf, [teamId])).map((member) => ({
      userId: member.user_id,
      role: member.role as TeamRole,
      joinedAt: member.joined_at,
    }));
    const heir = successorOf(left);
    if (heir === null) await end(tx, platform, teamId);
    else if (!left.some(({ role }) => role === "OWNER")) await tx.query(setRole, [teamId, heir, "OWNER"]);
    tx.afterCommit(() => platform.hub.touch(teamTopic(teamId)));
  }
}
