import { WEAPONS, type WeaponName } from "./weapons.ts";

/** Shots of one weapon that left, and those that hit somebody: one that hits many, or with many pellets, is one. */
export type WeaponAim = { weapon: number; shots: number; hits: number };

export const AWARDS = ["excellent", "impressive", "gauntlet"] as const;
/** How often a bot earned each of the game's awards. */
export type Awards = Readonly<Record<(typeof AWARDS)[number], number>>;

/** What a bot did beside its score; the aim is null where the game did not tell it. */
export type Feats = { aim: WeaponAim[] | null; awards: Awards };

export const NO_AWARDS: Awards = { excellent: 0, impressive: 0, gauntlet: 0 };

/** The weapons of which the game tells, in its order. */
export const AIMED = [
  "MACHINEGUN",
  "SHOTGUN",
  "GRENADE_LAUNCHER",
  "ROCKET_LAUNCHER",
  "LIGHTNING_GUN",
  "RAILGUN",
  "PLASMA_GUN",
  "BFG",
] as const satisfies readonly WeaponName[];

/** The command by which a player asks the game for its own shots and hits. */
export const ASK_AIM = "acc";
const AIM = /^accs((?: \d{1,5}){16,32})\s*$/;

/** Reads the game's answer: weapons that were shot at all. Null of any other command. */
export function readAim(command: string): WeaponAim[] | null {
  const told = AIM.exec(command)?.[1];
  if (told === undefined) return null;
  const numbers = told.trim().split(" ").map(Number);
  return AIMED.flatMap((name, place) => {
    const [shots = 0, hits = 0] = numbers.slice(2 * place, 2 * place + 2);
    return shots > 0 ? [{ weapon: WEAPONS[name], shots, hits }] : [];
  });
}

/** Awards with one more of those that the log names; others are for games of teams. */
export function withAward(awards: Awards, told: string): Awards {
  const name = AWARDS.find((award) => award === told.toLowerCase());
  return name ? { ...awards, [name]: awards[name] + 1 } : awards;
}

/** Shots and hits of all weapons together. */
export const totalOf = (aim: readonly WeaponAim[]): { shots: number; hits: number } => ({
  shots: aim.reduce((sum, { shots }) => sum + shots, 0),
  hits: aim.reduce((sum, { hits }) => sum + hits, 0),
});

/** The share of shots that hit; null without a shot. */
export const accuracyOf = (shots: number | null, hits: number | null): number | null =>
  shots === null || hits === null || shots === 0 ? null : hits / shots;
