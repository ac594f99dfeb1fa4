// The tables of PIT RULES 1. They were balanced by solving the stochastic game; tuning one by feel unbalances them.

/** The twelve actions; their order is the order of the tables' rows and columns. */
export const ACTIONS = [
  "JAB_HIGH",
  "KICK_LOW",
  "HEAVY_HIGH",
  "SWEEP_LOW",
  "GRAB",
  "SPECIAL",
  "BLOCK_HIGH",
  "BLOCK_LOW",
  "DODGE",
  "PARRY",
  "FEINT",
  "RECOVER",
] as const;
export type Action = (typeof ACTIONS)[number];

/** The five characters. */
export const CHARACTERS = ["RONIN", "KNIGHT", "CYBORG", "DEMON", "PHANTOM"] as const;
export type Character = (typeof CHARACTERS)[number];

export const RULES = "PIT RULES 1";
export const STAMINA_MAX = 100;
export const STAMINA_START = 60;
export const STAMINA_REGAIN = 10;
export const RECOVER_GAIN = 30;
export const RECOVER_GAIN_WHEN_HIT = 10;
export const EXCHANGES_MAX = 20;
export const ROUNDS_MAX = 5;
export const ROUND_WINS_NEEDED = 2;
export const TIMEOUTS_IN_A_ROW_LOSE_ROUND = 3;
export const TIMEOUTS_LOSE_FIGHT = 6;
export const SILENT_EXCHANGES_END_FIGHT = 3;
export const DEFAULT_ACTION: Action = "BLOCK_HIGH";

const HP_MAX = 100;

/** Damage that the row's action does to the column's. */
export const DAMAGE: readonly (readonly number[])[] = [
  [10, 10, 10, 0, 10, 5, 0, 10, 5, 0, 10, 10], // JAB_HIGH
  [5, 5, 0, 10, 0, 5, 5, 0, 5, 5, 10, 10], // KICK_LOW
  [0, 30, 30, 30, 30, 0, 5, 30, 0, 0, 30, 35], // HEAVY_HIGH
  [20, 0, 20, 20, 20, 0, 20, 0, 0, 20, 20, 25], // SWEEP_LOW
  [0, 20, 0, 0, 0, 0, 20, 20, 0, 15, 20, 20], // GRAB
  [30, 30, 35, 35, 35, 35, 15, 15, 0, 0, 0, 35], // SPECIAL
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // BLOCK_HIGH
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // BLOCK_LOW
  [0, 0, 15, 15, 20, 25, 0, 0, 0, 0, 0, 0], // DODGE
  [15, 0, 25, 0, 0, 30, 0, 0, 0, 0, 0, 0], // PARRY
  [0, 0, 0, 0, 0, 0, 5, 5, 15, 15, 0, 10], // FEINT
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // RECOVER
];

/** Stamina that the row's action drains from who plays the column's. */
export const DRAIN: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // JAB_HIGH
  [0, 0, 0, 10, 0, 0, 10, 0, 10, 10, 0, 0], // KICK_LOW
  [0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0], // HEAVY_HIGH
  [10, 0, 0, 0, 0, 0, 10, 20, 0, 10, 10, 10], // SWEEP_LOW
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // GRAB
  [0, 0, 0, 0, 0, 0, 20, 20, 0, 0, 0, 0], // SPECIAL
  [20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0], // BLOCK_HIGH
  [0, 20, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0], // BLOCK_LOW
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // DODGE
  [10, 0, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0], // PARRY
  [0, 0, 0, 0, 0, 0, 10, 10, 20, 20, 0, 0], // FEINT
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // RECOVER
];

const COST: Readonly<Record<Action, number>> = {
  JAB_HIGH: 10,
  KICK_LOW: 10,
  HEAVY_HIGH: 20,
  SWEEP_LOW: 20,
  GRAB: 10,
  SPECIAL: 40,
  BLOCK_HIGH: 0,
  BLOCK_LOW: 0,
  DODGE: 20,
  PARRY: 20,
  FEINT: 10,
  RECOVER: 0,
};

type Difference = { hpMax?: number; cost?: Partial<Record<Action, number>>; bonus?: Partial<Record<Action, number>> };

const DIFFERENCES: Readonly<Record<Character, Difference>> = {
  RONIN: { cost: { SPECIAL: 50, PARRY: 10 } },
  KNIGHT: { hpMax: 105, cost: { FEINT: 20 } },
  CYBORG: { cost: { HEAVY_HIGH: 30, SPECIAL: 30, PARRY: 30, FEINT: 20 } },
  DEMON: { hpMax: 95, cost: { PARRY: 30 }, bonus: { HEAVY_HIGH: 5, SWEEP_LOW: 5 } },
  PHANTOM: { hpMax: 95, cost: { JAB_HIGH: 20, DODGE: 10, PARRY: 30 } },
};

/** HP at the start of each round. */
export function hpMaxOf(character: Character): number {
  return DIFFERENCES[character].hpMax ?? HP_MAX;
}

/** Stamina that an action costs this character. */
export function costOf(character: Character, action: Action): number {
  return DIFFERENCES[character].cost?.[action] ?? COST[action];
}

/** Damage that this character adds to an action that lands. */
export function bonusOf(character: Character, action: Action): number {
  return DIFFERENCES[character].bonus?.[action] ?? 0;
}
