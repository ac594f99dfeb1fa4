import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { append, inOnePiece } from "../../platform/streams.ts";
import { barFromTeam } from "../events.ts";
import { holdTeamBots, removeMember } from "../store.ts";

/** What bots hold of a team that they are taken out of goes back, in the transaction that takes them out. */
export async function giveBack(tx: Tx, platform: Platform, teamId: string, botIds: readonly string[]): Promise<void> {
  if (botIds.length === 0) return;
  const appends = await barFromTeam.call(tx, platform, teamId, botIds);
  await append(tx, platform.hub.publish, inOnePiece(appends), platform.clock.now());
}

/** Takes a person out of a team: who leaves takes the own bots along, and these give back what they hold of the team's. */
export async function takeOut(tx: Tx, platform: Platform, teamId: string, userId: string): Promise<void> {
  const bots = await tx.query(holdTeamBots, [teamId, userId, null]);
  await tx.query(removeMember, [teamId, userId, platform.clock.now()]);
  const ids = bots.map(({ id }) => id);
  await giveBack(tx, platform, teamId, ids);
}
