/** The ladders; each has its own ratings. */
export const LADDERS = ["QUAKE", "PIT", "PIT_SLOW", "CODE"] as const;
export type LadderKind = (typeof LADDERS)[number];

export const QUEUE_MODES = ["RATED", "PRACTICE"] as const;
export type QueueMode = (typeof QUEUE_MODES)[number];

export const CONTEST_STATUSES = ["ANNOUNCED", "LIVE", "COMPLETED", "VOIDED", "CANCELLED"] as const;

export const CONTEST_ORIGINS = [
  "RATED_QUEUE",
  "PRACTICE_QUEUE",
  "CALLOUT",
  "TOURNAMENT",
  "OPEN_ENTRY",
  "INVITATION",
] as const;
export type ContestOrigin = (typeof CONTEST_ORIGINS)[number];

export const QUEUE_ENTRY_STATUSES = ["WAITING", "MATCHED", "PLAYING", "DONE", "LEFT", "EXPIRED"] as const;

/** What a ladder is; `queue` says whether bots can wait on it, `hosted` that they can only while a node has its game. */
export type LadderRules = { name: string; playersMin: number; playersMax: number; queue: boolean; hosted: boolean };

export const LADDER_RULES: Readonly<Record<LadderKind, LadderRules>> = {
  QUAKE: { name: "Quake", playersMin: 2, playersMax: 4, queue: true, hosted: true },
  PIT: { name: "Pit", playersMin: 2, playersMax: 2, queue: true, hosted: false },
  PIT_SLOW: { name: "Pit slow", playersMin: 2, playersMax: 2, queue: true, hosted: false },
  CODE: { name: "Code", playersMin: 2, playersMax: 8, queue: false, hosted: false },
};

/** The ladders on which bots can wait. */
export const QUEUED_LADDERS: readonly LadderKind[] = LADDERS.filter((ladder) => LADDER_RULES[ladder].queue);

const CONTEST_STREAMS: Readonly<Record<LadderKind, string>> = {
  QUAKE: "match",
  PIT: "fight",
  PIT_SLOW: "fight",
  CODE: "battle",
};

/** The name of a contest's stream, by its ladder. */
export const contestStream = (ladder: LadderKind, contestId: string) => `${CONTEST_STREAMS[ladder]}:${contestId}`;
