import type { Body } from "./exchange.ts";
import { ACTIONS, CHARACTERS, type Action } from "./pit-rules-1.ts";

/** The coarse grid on which the game was solved: HP of either side and what stamina pays for at least. */
export const HP_GRID = [5, 15, 30, 45, 60, 75, 90, 105] as const;
export const STAMINA_GRID = [0, 10, 20, 30, 40, 50, 60, 80, 100] as const;

/** Weights 0 to 255 of the twelve actions, for each pair of characters and each point of the grid. */
export type StrategyTable = Uint8Array;

const SIDES = HP_GRID.length * STAMINA_GRID.length;
export const POINTS_PER_PAIRING = SIDES * SIDES;
export const TABLE_BYTES = CHARACTERS.length ** 2 * POINTS_PER_PAIRING * ACTIONS.length;

/** The grid's index of the HP nearest to one. */
export function hpIndex(hp: number): number {
  let nearest = 0;
  for (const [index, point] of HP_GRID.entries())
    if (Math.abs(point - hp) < Math.abs((HP_GRID[nearest] ?? 0) - hp)) nearest = index;
  return nearest;
}

/** The grid's index of the most stamina that a side surely has, so that what the grid may play can be paid for. */
export function staminaIndex(stamina: number): number {
  return STAMINA_GRID.findLastIndex((point) => point <= stamina);
}

/** Where a point's weights begin, from the view of `me`. */
export function offsetOf(me: Body, opponent: Body): number {
  const side = ({ hp, stamina }: Body) => hpIndex(hp) * STAMINA_GRID.length + staminaIndex(stamina);
  const pairing = CHARACTERS.indexOf(me.character) * CHARACTERS.length + CHARACTERS.indexOf(opponent.character);
  return (pairing * POINTS_PER_PAIRING + side(me) * SIDES + side(opponent)) * ACTIONS.length;
}

/** Draws an action by the table's weights; `draw` in [0, 1). */
export function drawAction(table: StrategyTable, me: Body, opponent: Body, draw: number): Action {
  const offset = offsetOf(me, opponent);
  const weights = table.subarray(offset, offset + ACTIONS.length);
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, action] of ACTIONS.entries()) {
    left -= weights[index] ?? 0;
    if (left < 0) return action;
  }
  return "BLOCK_HIGH";
}
