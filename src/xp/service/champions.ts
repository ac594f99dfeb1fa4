import { LADDERS, type LadderKind } from "../../ladder/rules/ladders.ts";
import { seasonOf } from "../../ladder/rules/board.ts";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { championOn, newlyUnlocked, type Counters } from "../rules/achievements.ts";
import { levelNumber } from "../rules/levels.ts";
import { countUnlocked, crown, seasonChampion } from "../store/reads.ts";
import { ensureRows, knownOf, lockPeople } from "../store/record.ts";
import { tellUnlocked } from "./record.ts";

/** Crowns who gained most on each ladder in the season that ended last: once, however often it is asked for. */
export async function crownChampions(platform: Platform): Promise<void> {
  const season = seasonBefore(platform.clock.now());
  for (const ladder of LADDERS) await platform.db.transact((tx) => crownOne(tx, platform, ladder, season));
}

/** The calendar month before that of an instant. */
function seasonBefore(at: Date): string {
  return seasonOf(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1, 1)));
}

async function crownOne(tx: Tx, platform: Platform, ladder: LadderKind, season: string): Promise<void> {
  const [best] = await tx.query(seasonChampion, [ladder, season]);
  if (!best) return;
  const { bot_id: botId, owner_id: userId } = best;
  // One champion a ladder and season: the primary key of xp_champion.
  if ((await tx.query(crown, [ladder, season, botId])).length === 0) return;
  await tx.query(ensureRows, [botId, [userId], userId]);
  const [[person], [knows]] = await Promise.all([
    tx.query(lockPeople, [[userId]]),
    tx.query(knownOf, [[userId], botId]),
  ]);
  if (!person || !knows) throw new Error(`user ${userId} has no XP row`);
  const before = person.counters as Counters;
  const counters = { ...before, [championOn(ladder)]: (before[championOn(ladder)] ?? 0) + 1 };
  const unlocked = newlyUnlocked({ counters, level: levelNumber(person.xp), unlocked: new Set(knows.unlocked) });
  const values = [userId, JSON.stringify(counters), unlocked, botId, platform.clock.now()];
  await tx.query(countUnlocked, values);
  await tellUnlocked(tx, platform, userId, unlocked, botId);
}
