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
  const [counters, unlocked] = crowned(ladder, person.counters as Counters, person.xp, knows.unlocked);
  const [publicCounters, inPublic] = crowned(
    ladder,
    person.public_counters as Counters,
    person.public_xp,
    knows.public_unlocked,
  );
  const texts = [JSON.stringify(counters), JSON.stringify(publicCounters)];
  await tx.query(countUnlocked, [userId, ...texts, unlocked, inPublic, botId, platform.clock.now()]);
  await tellUnlocked(tx, platform, userId, unlocked, botId);
}

/** A champion's counters, and what these unlock. */
function crowned(ladder: LadderKind, before: Counters, xp: number, had: readonly string[]): [Counters, string[]] {
  const counters = { ...before, [championOn(ladder)]: (before[championOn(ladder)] ?? 0) + 1 };
  return [counters, newlyUnlocked({ counters, level: levelNumber(xp), unlocked: new Set(had) })];
}
