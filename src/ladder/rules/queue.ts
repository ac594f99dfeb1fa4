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
