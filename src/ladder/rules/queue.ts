export const JOIN_REFUSALS = ["LADDER_CLOSED", "BOT_OFFLINE", "IN_CONTEST", "ALREADY_WAITING"] as const;
export type JoinRefusal = (typeof JOIN_REFUSALS)[number];

/** Why a bot may not wait on a ladder, in the order of precedence, or null. ALREADY_WAITING is said by an index. */
export function refuseJoin(
  bot: { offline: boolean; inContest: boolean },
  ladderOpen: boolean,
): Exclude<JoinRefusal, "ALREADY_WAITING"> | null {
  if (!ladderOpen) return "LADDER_CLOSED";
  if (bot.offline) return "BOT_OFFLINE";
  if (bot.inContest) return "IN_CONTEST";
  return null;
}

/** A wait: since when, and when it ended by a contest or without one; both null while it lasts. */
export type Wait = { joinedAt: Date; matchedAt: Date | null; endedAt: Date | null };

/** For how long a bot has waited, or had waited when it was matched or left, in milliseconds. */
export function waitedMs({ joinedAt, matchedAt, endedAt }: Wait, now: Date): number {
  return Math.max(0, (matchedAt ?? endedAt ?? now).getTime() - joinedAt.getTime());
}

/** How many of the newest waits of a queue an estimate looks at. */
export const OBSERVED_WAITS = 20;

/** What a bot may expect to wait: the median of the observed waits, the lower of two; null without any. */
export function estimateWaitMs(observedMs: readonly number[]): number | null {
  return observedMs.toSorted((a, b) => a - b)[Math.ceil(observedMs.length / 2) - 1] ?? null;
}
