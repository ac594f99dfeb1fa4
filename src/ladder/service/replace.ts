import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { areAllied } from "../rules/allies.ts";
import type { LadderKind } from "../rules/ladders.ts";
import { claimReplacement, sidesBeside, swapParticipant } from "../store/replace.ts";
import { spentPairs } from "./rated-pairs.ts";

/** Who takes a place, and whether the contest is still rated with it. */
export type Replacement = { botId: string; name: string; rated: boolean };

/**
 * Puts the bot that waits longest in the same queue into the place of one that cannot come to an announced contest, in the
 * caller's transaction. The other's wait is over. Null where nobody waits.
 */
export async function replaceParticipant(
  tx: Tx,
  { clock, hub, settings }: Platform,
  { contestId, ladder, botId }: { contestId: string; ladder: LadderKind; botId: string },
): Promise<Replacement | null> {
  const at = clock.now();
  const onlineSince = new Date(at.getTime() - settings.presenceMs);
  const [found] = await tx.query(claimReplacement, [contestId, onlineSince]);
  if (!found) return null;
  const others = await tx.query(sidesBeside, [contestId, botId]);
  const groups = others.map(({ id }) => [found.bot_id, id]);
  const perDayMax = settings.ratedPerPairPerDayMax;
  const hasSpentPair = await spentPairs(tx, { ladder, groups, now: at, perDayMax });
  const mayRate = !others.some((other) => areAllied(sideOf(other), sideOf(found))) && !groups.some(hasSpentPair);
  const [swapped] = await tx.query(swapParticipant, [contestId, botId, found.bot_id, found.id, at, mayRate]);
  if (!swapped) throw new Error(`bot ${botId} is not in contest ${contestId}`);
  tx.afterCommit(() => hub.touch(`queue:${ladder}`));
  return { botId: found.bot_id, name: found.name, rated: swapped.rated };
}

const sideOf = ({ owner_id, teams }: { owner_id: string; teams: readonly string[] }) => ({ ownerId: owner_id, teams });
