/** The first levels have names of their own; the last one goes on with its number. */
const NAMES = ["Recruit", "Specialist", "Expert", "Master", "Elite", "Legend"] as const;
const STARS_MAX = 5;
const STEP = 50;

/** A level: its number from 1, what it is called, its stars, from how much XP it is held, and at how much the next one is. */
export type Level = { number: number; name: string; stars: number; from: number; next: number };

/** The XP that a level needs: 50·n·(n−1). */
export const xpForLevel = (level: number): number => STEP * level * (level - 1);

/** The level that so much XP holds. */
export function levelNumber(xp: number): number {
  // The root of 50·n·(n−1) = xp; a whole step is mended where the floating root misses it.
  let level = Math.max(1, Math.floor((1 + Math.sqrt(1 + (4 * Math.max(0, xp)) / STEP)) / 2));
  while (xpForLevel(level + 1) <= xp) level++;
  while (level > 1 && xpForLevel(level) > xp) level--;
  return level;
}

/** The level that so much XP holds, with its name and stars. */
export function levelOf(xp: number): Level {
  const number = levelNumber(xp);
  return {
    number,
    name: levelName(number),
    stars: starsOf(number),
    from: xpForLevel(number),
    next: xpForLevel(number + 1),
  };
}

const starsOf = (level: number): number => Math.min(STARS_MAX, level - 1);

function levelName(level: number): string {
  const last = NAMES.length;
  return level <= last ? (NAMES[level - 1] ?? NAMES[0]) : `${NAMES[last - 1]} ${level}`;
}
