/** Versions of a bot's strategy. */
export const VERSIONS_MAX = 100;
/** Rounds of which a strategy's log is kept. */
export const RUNS_KEPT = 20;
export const TRIALS_AT_ONCE_MAX = 2;
export const TRIALS_WAITING_MAX = 16;

export const STRATEGY_REFUSALS = [
  "STRATEGY_TOO_LARGE",
  "STRATEGY_SYNTAX",
  "STRATEGY_IMPORT",
  "STRATEGY_NO_TICK",
  "STRATEGY_FAILED",
  "STRATEGY_BUSY",
  "STRATEGY_LIMIT",
  "STRATEGY_NOT_ACTIVE",
] as const;
export type StrategyRefusal = (typeof STRATEGY_REFUSALS)[number];

/** What a fault of source is called in the API. */
export const STRATEGY_CODES = {
  SOURCE_TOO_LARGE: "STRATEGY_TOO_LARGE",
  SYNTAX_ERROR: "STRATEGY_SYNTAX",
  IMPORT_FORBIDDEN: "STRATEGY_IMPORT",
  NO_TICK: "STRATEGY_NO_TICK",
  TOP_LEVEL_FAILED: "STRATEGY_FAILED",
} as const;
