import { LADDER_RULES, LADDERS, type LadderKind } from "../../ladder/rules/ladders.ts";

/** What is counted of a person, over all the person's bots; absent is 0. */
export type Counters = Readonly<Record<string, number>>;

type Condition = { counter: string; target: number };
/** Something that is unlocked once: when every condition holds and what it `requires` is unlocked. */
export type Achievement = {
  key: string;
  name: string;
  description: string;
  requires: string | null;
  /** The ladder whose chain it is in; null for what work brings. */
  ladder: LadderKind | null;
  conditions: readonly Condition[];
};

/** What ladders count, by the ladder. */
export const winsOn = (ladder: LadderKind) => `wins:${ladder}`;
export const upsetsOn = (ladder: LadderKind) => `upsets:${ladder}`;
export const streakOn = (ladder: LadderKind) => `streak:${ladder}`;
export const championOn = (ladder: LadderKind) => `champion:${ladder}`;

/** By how much an opponent must stand above for a win to be an upset. */
export const UPSET_ELO = 200;
/** Counters that follow from others and are not stored. */
export const LEVEL = "level";
export const UNLOCKED = "unlocked";

type Steps = [counter: string, target: number, requires?: string];
const single = (key: string, name: string, description: string, [counter, target, requires]: Steps): Achievement => ({
  key,
  name,
  description,
  requires: requires ?? null,
  ladder: null,
  conditions: [{ counter, target }],
});

function chainOf(ladder: LadderKind): Achievement[] {
  const { name } = LADDER_RULES[ladder];
  const on = `on the ${name} ladder`;
  const key = (step: string) => `${ladder}_${step}`;
  const chain = [
    single(key("FIRST_BLOOD"), `${name}: First Blood`, `Win a rated contest ${on}.`, [winsOn(ladder), 1]),
    single(key("TEN_WINS"), `${name}: Ten Down`, `Win 10 rated contests ${on}.`, [
      winsOn(ladder),
      10,
      key("FIRST_BLOOD"),
    ]),
    single(key("GIANT_SLAYER"), `${name}: Giant Slayer`, `Beat a bot ${UPSET_ELO} Elo above yours ${on}.`, [
      upsetsOn(ladder),
      1,
      key("FIRST_BLOOD"),
    ]),
    single(key("UNSTOPPABLE"), `${name}: Unstoppable`, `Win 10 rated contests in a row with one bot ${on}.`, [
      streakOn(ladder),
      10,
      key("TEN_WINS"),
    ]),
    single(key("CHAMPION"), `${name}: Season Champion`, `End a season as the bot that gained most ${on}.`, [
      championOn(ladder),
      1,
      key("TEN_WINS"),
    ]),
  ];
  return chain.map((achievement) => ({ ...achievement, ladder }));
}

/** Every achievement; those that others require come first. */
export const ACHIEVEMENTS: readonly Achievement[] = [
  single("FIRST_STEPS", "First Steps", "Have a bot complete a task.", ["tasks", 1]),
  single("CENTURION", "Centurion", "Have bots complete 100 tasks.", ["tasks", 100, "FIRST_STEPS"]),
  single("AGENT_EXPLORER", "Agent Explorer", "Work with 5 different bots.", ["bots", 5]),
  single("AGENT_WHISPERER", "Agent Whisperer", "Work with 20 different bots that succeeded.", [
    "goodBots",
    20,
    "AGENT_EXPLORER",
  ]),
  single("SPEED_DEMON", "Speed Demon", "Have bots complete 10 tasks in less than 30 seconds each.", ["fast", 10]),
  single("QUALITY_MASTER", "Quality Master", "Have bots complete 20 tasks at a quality of 0.95 or more.", ["fine", 20]),
  single("PERFECTIONIST", "Perfectionist", "Have a bot complete 10 tasks in a row at a quality of 1.", ["perfect", 10]),
  single("BUG_HUNTER", "Bug Hunter", "Have bots resolve 25 errors.", ["errors", 25]),
  single("ELITE_TRAINER", "Elite Trainer", "Bring a bot to level 5.", ["bestBotLevel", 5]),
  ...LADDERS.flatMap(chainOf),
  {
    key: "ARENA_LEGEND",
    name: "Arena Legend",
    description: "Reach level 10 and unlock 15 achievements.",
    requires: null,
    ladder: null,
    conditions: [
      { counter: LEVEL, target: 10 },
      { counter: UNLOCKED, target: 15 },
    ],
  },
];

/** A person as achievements see one. */
export type Standing = { counters: Counters; level: number; unlocked: ReadonlySet<string> };

const valueOf = ({ counters, level, unlocked }: Standing, counter: string): number => {
  if (counter === LEVEL) return level;
  return counter === UNLOCKED ? unlocked.size : (counters[counter] ?? 0);
};

const isDue = (standing: Standing, { requires, conditions }: Achievement): boolean =>
  (requires === null || standing.unlocked.has(requires)) &&
  conditions.every(({ counter, target }) => valueOf(standing, counter) >= target);

/** What a person unlocks now, in order; one that unlocks another by itself takes it along. */
export function newlyUnlocked(standing: Standing): string[] {
  const unlocked = new Set(standing.unlocked);
  const fresh: string[] = [];
  for (;;) {
    const due = ACHIEVEMENTS.find(
      (achievement) => !unlocked.has(achievement.key) && isDue({ ...standing, unlocked }, achievement),
    );
    if (!due) return fresh;
    unlocked.add(due.key);
    fresh.push(due.key);
  }
}

/** How far a person is: of each condition, what is there of what it needs. */
export function progressOf(standing: Standing, { conditions }: Achievement): { value: number; target: number }[] {
  return conditions.map(({ counter, target }) => ({ value: Math.min(target, valueOf(standing, counter)), target }));
}
