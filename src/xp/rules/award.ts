import type { LadderKind } from "../../ladder/rules/ladders.ts";
import { newlyUnlocked, streakOn, UPSET_ELO, upsetsOn, winsOn, type Counters } from "./achievements.ts";
import {
  bonusesOf,
  capped,
  COMPLEXITIES,
  HISTORY_MAX,
  xpOfBout,
  xpOfWork,
  type Bonus,
  type Bout,
  type Complexity,
  type Work,
} from "./formula.ts";
import { levelNumber } from "./levels.ts";

/** What a bot did. A bout that is not rated gives XP, and neither a streak nor a place on public boards. */
export type Deed = Work | (Bout & { ladder: LadderKind; rated: boolean });

/** Three sums of one history: all of it, what counts on public boards, and what of that comes from contests. */
export type Totals = { xp: number; publicXp: number; contestXp: number };
/** Whether a deed counts on public boards: never what was reported, or made by the bot's owner. */
export type Counts = { publicly: boolean };

/** A bot before a deed, its row locked. `recent` are its newest durations by complexity, `runs` what it did in a row. */
export type BotState = Totals & {
  addedToday: number;
  recent: Readonly<Partial<Record<Complexity, readonly number[]>>>;
  runs: Counters;
};
/** A person before a deed, the row locked; `uses` and `successes` are those of this very bot. */
export type PersonState = Totals & Reach & { inPublic: Reach };
/** What achievements are unlocked by: by everything, or by what counts publicly alone. */
type Reach = { counters: Counters; unlocked: ReadonlySet<string>; uses: number; successes: number };
type Reached = { counters: Counters; unlocked: string[] };

/** What a person becomes: only owners gain XP, who asked for a task merely gets to know bots. */
export type PersonChange = Totals & Reached & { inPublic: Reached; levels: Rise };
/** The levels before and after. */
export type Rise = { from: number; to: number };
export type Award = {
  computed: number;
  added: number;
  /** What of that counts on public boards. */
  publicAdded: number;
  bonuses: Bonus[];
  bot: Totals & { recent: BotState["recent"]; runs: Counters; levels: Rise };
  people: PersonChange[];
};

/** What a deed gives to its bot and to the people: `people[0]` owns the bot, another one asked for the work. */
export function award(deed: Deed, counts: Counts, bot: BotState, people: readonly PersonState[]): Award {
  const bonuses = deed.kind === "WORK" ? bonusesOf(deed, bot.recent[deed.complexity] ?? []) : [];
  const computed = deed.kind === "WORK" ? xpOfWork(deed, bonuses) : xpOfBout(deed);
  const added = capped(computed, bot.addedToday);
  const gained = gainOf(deed, counts, added);
  const totals = plus(bot, gained);
  const levels = riseOf(bot.xp, totals.xp);
  const runs = runsAfter(deed, counts, bot.runs);
  return {
    computed,
    added,
    publicAdded: gained.publicXp,
    bonuses,
    bot: { ...totals, recent: recentAfter(deed, bot.recent), runs, levels },
    people: people.map((person, index) => {
      const owns = index === 0;
      const after = owns ? plus(person, gained) : plus(person, NOTHING);
      const rise = riseOf(person.xp, after.xp);
      const all = { runs, botLevel: levels.to, level: rise.to };
      const inPublic = {
        runs: publicRuns(runs),
        botLevel: levelNumber(totals.publicXp),
        level: levelNumber(after.publicXp),
      };
      return {
        ...after,
        ...reach(person, deed, owns, all),
        inPublic: counts.publicly ? reach(person.inPublic, deed, owns, inPublic) : unmoved(person.inPublic),
        levels: rise,
      };
    }),
  };
}

type Standing = { runs: Counters; botLevel: number; level: number };

function reach(before: Reach, deed: Deed, owns: boolean, { runs, botLevel, level }: Standing): Reached {
  const counters = known(before, deed, owns ? counted(before.counters, deed, runs, botLevel) : before.counters);
  return { counters, unlocked: newlyUnlocked({ counters, level, unlocked: before.unlocked }) };
}
const unmoved = ({ counters }: Reach): Reached => ({ counters, unlocked: [] });

const NOTHING: Totals = { xp: 0, publicXp: 0, contestXp: 0 };

/** Work that failed is tried, not done: were it worth something publicly, who gives up at once would climb the boards. */
function gainOf(deed: Deed, { publicly }: Counts, added: number): Totals {
  const publicXp = publicly && (deed.kind === "BOUT" || deed.success) ? added : 0;
  return { xp: added, publicXp, contestXp: deed.kind === "BOUT" ? publicXp : 0 };
}

const plus = (before: Totals, { xp, publicXp, contestXp }: Totals): Totals => ({
  xp: before.xp + xp,
  publicXp: before.publicXp + publicXp,
  contestXp: before.contestXp + contestXp,
});

const riseOf = (before: number, after: number): Rise => ({ from: levelNumber(before), to: levelNumber(after) });

/** Whether a deed went well: a contest that is not lost did. */
export const wentWell = (deed: Deed): boolean => (deed.kind === "WORK" ? deed.success : deed.result !== "LOSS");

function recentAfter(deed: Deed, recent: BotState["recent"]): BotState["recent"] {
  if (deed.kind !== "WORK" || deed.durationMs === null || !deed.success) return recent;
  const before = recent[deed.complexity] ?? [];
  return { ...recent, [deed.complexity]: [...before, deed.durationMs].slice(-HISTORY_MAX) };
}

const PERFECT = "perfect";
const PERFECT_IN_PUBLIC = "perfectInPublic";

/** What a bot does in a row, of which contests are everybody's to see, and of work what counts publicly. */
const publicRuns = (runs: Counters): Counters => ({ ...runs, [PERFECT]: runs[PERFECT_IN_PUBLIC] ?? 0 });

/** What a bot does in a row: work at full quality (unscored work breaks no row), and rated wins on each ladder. */
function runsAfter(deed: Deed, { publicly }: Counts, runs: Counters): Counters {
  if (deed.kind === "BOUT") {
    if (!deed.rated) return runs;
    const name = streakOn(deed.ladder);
    return { ...runs, [name]: deed.result === "WIN" ? (runs[name] ?? 0) + 1 : 0 };
  }
  if (deed.success && deed.quality === null) return runs;
  const perfect = deed.success && deed.quality === 1_000;
  const after = (name: string) => ({ [name]: perfect ? (runs[name] ?? 0) + 1 : 0 });
  return { ...runs, ...after(PERFECT), ...(publicly ? after(PERFECT_IN_PUBLIC) : {}) };
}

const FAST_BELOW_MS = 30_000;
const FINE = 950;

/** What an owner's counters become; a row is the best that any bot ever had. */
function counted(before: Counters, deed: Deed, runs: Counters, botLevel: number): Counters {
  const after: Record<string, number> = { ...before };
  const raise = (counter: string, by: boolean) => {
    if (by) after[counter] = (after[counter] ?? 0) + 1;
  };
  const best = (counter: string, value: number) => {
    if (value > (after[counter] ?? 0)) after[counter] = value;
  };
  best("bestBotLevel", botLevel);
  if (deed.kind === "BOUT") {
    const won = deed.rated && deed.result === "WIN";
    raise(winsOn(deed.ladder), won);
    raise(upsetsOn(deed.ladder), won && deed.advantage >= UPSET_ELO);
    best(streakOn(deed.ladder), runs[streakOn(deed.ladder)] ?? 0);
    return after;
  }
  raise("tasks", deed.success);
  raise("errors", deed.success && deed.action === "ERROR_RESOLUTION");
  raise("fast", deed.success && deed.attempt === 1 && deed.durationMs !== null && deed.durationMs < FAST_BELOW_MS);
  raise("fine", deed.success && deed.quality !== null && deed.quality >= FINE);
  best(PERFECT, runs[PERFECT] ?? 0);
  return after;
}

/** Counts a bot that a person works with for the first time, and one that succeeds for the person for the first time. */
function known(person: Reach, deed: Deed, counters: Counters): Counters {
  const first = person.uses === 0 ? 1 : 0;
  const firstSuccess = person.successes === 0 && wentWell(deed) ? 1 : 0;
  if (first + firstSuccess === 0) return counters;
  return { ...counters, bots: (counters["bots"] ?? 0) + first, goodBots: (counters["goodBots"] ?? 0) + firstSuccess };
}

/** Where a complexity stands in counts by complexity, from 1. */
export const complexityPlace = (complexity: Complexity): number => COMPLEXITIES.indexOf(complexity) + 1;
