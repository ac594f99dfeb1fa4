import { requireBot } from "../../bots/service/bots.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { teamTopic } from "../events.ts";
import { leads, TEAM_BOTS_MAX } from "../rules.ts";
import { addBot, holdTeamBots, ownerOfBot, removeBot } from "../store.ts";
import { giveBack } from "./give-back.ts";
import { lockStanding } from "./people.ts";

export type TeamBot = { teamId: string; botId: string } & Keyed;
type Moved = { teamId: string; botId: string };
type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";

/** Brings one of a member's bots into the team: it may take the team's tasks then. */
export function addTeamBot(
  platform: Platform,
  viewer: SignedIn,
  input: TeamBot,
): Promise<Outcome<Moved, OwnRefusal | "NOT_FOUND" | "NOT_A_MEMBER" | "TEAM_FULL" | Reuse>> {
  const { teamId, botId } = input;
  const request = requestOf(platform, viewer, "addTeamBot", input);
  return transactOnce<Moved, OwnRefusal | "NOT_FOUND" | "NOT_A_MEMBER" | "TEAM_FULL">(
    platform.db,
    request,
    async (tx) => {
      const own = await requireBot(tx, viewer, botId);
      if (!own.ok) return own;
      const team = await lockStanding(tx, teamId, viewer);
      const path = ["input", "teamId"];
      if (!team) return refuse("NOT_FOUND", { path });
      if (team.actor === null) return refuse("NOT_A_MEMBER", { path });
      if (team.bots >= TEAM_BOTS_MAX) return refuse("TEAM_FULL", { path });
      await tx.query(addBot, [teamId, botId, platform.clock.now()]);
      return { ok: true, teamId, botId };
    },
  );
}

/** Takes a bot out of the team: its owner may, and so may who leads the team. */
export function removeTeamBot(
  platform: Platform,
  viewer: SignedIn,
  input: TeamBot,
): Promise<Outcome<Moved, "NOT_FOUND" | "NOT_A_MEMBER" | "NOT_TEAM_ADMIN" | Reuse>> {
  const { teamId, botId } = input;
  const request = requestOf(platform, viewer, "removeTeamBot", input);
  return transactOnce<Moved, "NOT_FOUND" | "NOT_A_MEMBER" | "NOT_TEAM_ADMIN">(platform.db, request, async (tx) => {
    const team = await lockStanding(tx, teamId, viewer);
    if (!team) return refuse("NOT_FOUND", { path: ["input", "teamId"] });
    const [bot] = await tx.query(ownerOfBot, [botId]);
    const mine = bot?.owner_id === viewer.userId;
    if (!reachesBot(viewer, botId)) return refuse("NOT_TEAM_ADMIN", { path: ["input", "botId"] });
    if (team.actor === null && !mine) return refuse("NOT_A_MEMBER", { path: ["input", "teamId"] });
    if (!mine && !leads(team.actor)) return refuse("NOT_TEAM_ADMIN", { path: ["input", "botId"] });
    await tx.query(holdTeamBots, [teamId, null, botId]);
    const removed = await tx.query(removeBot, [teamId, botId]);
    if (removed.length === 0) return refuse("NOT_FOUND", { path: ["input", "botId"] });
    await giveBack(tx, platform, teamId, [botId]);
    tx.afterCommit(() => platform.hub.touch(teamTopic(teamId)));
    return { ok: true, teamId, botId };
  });
}
