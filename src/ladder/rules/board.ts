/** Who has played no rated contest for so long leaves the board and keeps the rating. */
export const INACTIVE_AFTER_MS = 30 * 24 * 3_600_000;
export const SEASONS_MAX = 24;
export const AROUND_MAX = 25;
export const RECENT_MAX = 100;

/** The season of an instant: its calendar month in UTC, such as 2026-11. */
export function seasonOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** Whether a text names a season. */
export function isSeason(text: string): boolean {
  return /^\d{4}-(?:0[1-9]|1[0-2])$/.test(text);
}

/** The seasons that a ladder has, newest first: those with rated contests, and the current one. */
export function seasonsWith(played: readonly string[], current: string): string[] {
  return [...new Set([...played, current])].toSorted().toReversed().slice(0, SEASONS_MAX);
}
