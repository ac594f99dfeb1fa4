import { ACHIEVEMENTS, progressOf, streakOn, UPSET_ELO, upsetsOn, winsOn, type Counters } from "./achievements.ts";
import { wentWell, type Deed, type PersonState, type Totals } from "./award.ts";
import { levelNumber } from "./levels.ts";

/** A contest as it was counted, with what it added. */
export type Counted = { deed: Deed & { kind: "BOUT" }; added: number; publicly: boolean };
/** What is left without it: rated wins in a row on its ladder, of the bot now and of any bot of the owner ever, and the XP of the owner's best bot, all of it and what counts publicly. */
export type Left = { running: number; longest: number; bestBotXp: number; bestPublicXp: number };

export type TakenBack = {
  bot: Totals & { runs: Counters };
  owner: Totals & { counters: Counters; publicCounters: Counters; lost: string[] };
};

/**
 * What a bot and its owner are without a contest that was voided. Totals, counters and runs become what they would be had it
 * never been; of the achievements those of its ladder go whose own condition holds no more. All others, which work or
 * levels brought, were reached in good faith and stay.
 */
export function takeBack(
  counted: Counted,
  bot: Totals & { runs: Counters },
  owner: PersonState,
  left: Left,
): TakenBack {
  const { deed, added, publicly } = counted;
  const gave = { xp: added, publicXp: publicly ? added : 0, contestXp: publicly ? added : 0 };
  const after = minus(bot, gave);
  const counters = countersWithout(deed, owner, left.longest, left.bestBotXp);
  const { inPublic } = owner;
  const publicCounters = publicly
    ? countersWithout(deed, inPublic, left.longest, left.bestPublicXp)
    : inPublic.counters;
  const level = levelNumber(owner.xp - added);
  const lost = ACHIEVEMENTS.filter(
    (each) =>
      each.ladder === deed.ladder &&
      owner.unlocked.has(each.key) &&
      progressOf({ counters, level, unlocked: owner.unlocked }, each).some(({ value, target }) => value < target),
  );
  return {
    bot: { ...after, runs: deed.rated ? { ...bot.runs, [streakOn(deed.ladder)]: left.running } : bot.runs },
    owner: { ...minus(owner, gave), counters, publicCounters, lost: lost.map(({ key }) => key) },
  };
}

const minus = (before: Totals, { xp, publicXp, contestXp }: Totals): Totals => ({
  xp: before.xp - xp,
  publicXp: before.publicXp - publicXp,
  contestXp: before.contestXp - contestXp,
});

type Reach = PersonState["inPublic"];

function countersWithout(deed: Counted["deed"], owner: Reach, longest: number, bestBotXp: number): Counters {
  const after: Record<string, number> = { ...owner.counters };
  const lower = (counter: string, by: boolean) => {
    if (by) after[counter] = Math.max(0, (after[counter] ?? 0) - 1);
  };
  const atMost = (counter: string, value: number) => {
    if (value < (after[counter] ?? 0)) after[counter] = value;
  };
  atMost("bestBotLevel", levelNumber(bestBotXp));
  lower("bots", owner.uses === 1);
  lower("goodBots", owner.successes === 1 && wentWell(deed));
  if (!deed.rated) return after;
  const won = deed.result === "WIN";
  lower(winsOn(deed.ladder), won);
  lower(upsetsOn(deed.ladder), won && deed.advantage >= UPSET_ELO);
  atMost(streakOn(deed.ladder), longest);
  return after;
}
