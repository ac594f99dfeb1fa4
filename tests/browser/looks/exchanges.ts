import type { FightAction } from "../../../web/src/generated/graphql.ts";

type Row = [
  round: number,
  number: number,
  actionA: FightAction,
  actionB: FightAction,
  dealtA: number,
  dealtB: number,
  hpA: number,
  hpB: number,
  staminaA: number,
  staminaB: number,
];

/** A fight of RONIN and KNIGHT: one round lost, one open. */
export const EXCHANGES: readonly Row[] = [
  [1, 1, "JAB_HIGH", "BLOCK_LOW", 10, 0, 100, 95, 60, 70],
  [1, 2, "KICK_LOW", "KICK_LOW", 5, 5, 95, 90, 60, 70],
  [1, 3, "RECOVER", "HEAVY_HIGH", 0, 35, 60, 90, 80, 60],
  [1, 4, "SWEEP_LOW", "GRAB", 20, 0, 60, 70, 70, 60],
  [1, 5, "BLOCK_HIGH", "GRAB", 0, 20, 40, 70, 80, 60],
  [1, 6, "RECOVER", "RECOVER", 0, 0, 40, 70, 100, 100],
  [1, 7, "DODGE", "HEAVY_HIGH", 15, 0, 40, 55, 90, 90],
  [1, 8, "PARRY", "SWEEP_LOW", 0, 20, 20, 55, 80, 80],
  [1, 9, "KICK_LOW", "JAB_HIGH", 5, 10, 10, 50, 80, 80],
  [1, 10, "BLOCK_LOW", "RECOVER", 0, 0, 10, 50, 90, 100],
  [1, 11, "GRAB", "SPECIAL", 0, 35, 0, 50, 90, 70],
  [2, 1, "KICK_LOW", "JAB_HIGH", 5, 10, 90, 100, 60, 60],
  [2, 2, "BLOCK_LOW", "HEAVY_HIGH", 0, 30, 60, 100, 70, 50],
  [2, 3, "RECOVER", "KICK_LOW", 0, 10, 50, 100, 90, 50],
  [2, 4, "PARRY", "HEAVY_HIGH", 25, 0, 50, 75, 90, 30],
  [2, 5, "FEINT", "BLOCK_HIGH", 5, 0, 50, 70, 90, 30],
  [2, 6, "SWEEP_LOW", "RECOVER", 25, 0, 50, 45, 80, 40],
  [2, 7, "SWEEP_LOW", "GRAB", 20, 0, 50, 25, 70, 40],
];
