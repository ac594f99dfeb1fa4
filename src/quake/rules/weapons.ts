/** The game's weapons by their numbers in a player's state. */
export const WEAPONS = {
  GAUNTLET: 1,
  MACHINEGUN: 2,
  SHOTGUN: 3,
  GRENADE_LAUNCHER: 4,
  ROCKET_LAUNCHER: 5,
  LIGHTNING_GUN: 6,
  RAILGUN: 7,
  PLASMA_GUN: 8,
  BFG: 9,
} as const;
export type WeaponName = keyof typeof WEAPONS;
