import {
  ACTIONS,
  type Action,
  bonusOf,
  type Character,
  costOf,
  DAMAGE,
  DRAIN,
  RECOVER_GAIN,
  RECOVER_GAIN_WHEN_HIT,
  STAMINA_MAX,
  STAMINA_REGAIN,
} from "./pit-rules-1.ts";

/** One side as an exchange finds or leaves it. */
export type Body = { character: Character; hp: number; stamina: number };

/** What an exchange does to one side. */
export type Effect = { hp: number; stamina: number; dealt: number; taken: number };

const INDEX = Object.fromEntries(ACTIONS.map((action, index) => [action, index])) as Record<Action, number>;
const at = (table: readonly (readonly number[])[], row: Action, column: Action) =>
  table[INDEX[row]]?.[INDEX[column]] ?? 0;
const clamp = (value: number) => Math.max(0, Math.min(STAMINA_MAX, value));

/** Whether a side can pay for an action. */
export function isLegal({ character, stamina }: Body, action: Action): boolean {
  return stamina >= costOf(character, action);
}

/** The actions that a side can pay for, in table order; never empty. */
export function legalActions(body: Body): Action[] {
  return ACTIONS.filter((action) => isLegal(body, action));
}

function damage(character: Character, action: Action, against: Action): number {
  const base = at(DAMAGE, action, against);
  return base === 0 ? 0 : Math.max(0, base + bonusOf(character, action));
}

function staminaAfter({ character, stamina }: Body, action: Action, against: Action, taken: number): number {
  const recovered = action === "RECOVER" ? (taken > 0 ? RECOVER_GAIN_WHEN_HIT : RECOVER_GAIN) : 0;
  return clamp(stamina - costOf(character, action) - at(DRAIN, against, action) + STAMINA_REGAIN + recovered);
}

/** PIT RULES 1, one exchange: both sides at once, integers, no randomness. */
export function resolveExchange(a: Body, b: Body, actionA: Action, actionB: Action): readonly [Effect, Effect] {
  const dealtA = damage(a.character, actionA, actionB);
  const dealtB = damage(b.character, actionB, actionA);
  return [
    {
      hp: Math.max(0, a.hp - dealtB),
      stamina: staminaAfter(a, actionA, actionB, dealtB),
      dealt: dealtA,
      taken: dealtB,
    },
    {
      hp: Math.max(0, b.hp - dealtA),
      stamina: staminaAfter(b, actionB, actionA, dealtA),
      dealt: dealtB,
      taken: dealtA,
    },
  ];
}
