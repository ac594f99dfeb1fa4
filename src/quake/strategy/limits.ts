/** Characters of a strategy's source. */
export const SOURCE_BYTES_MAX = 128 * 1_024;
export const STACK_BYTES_MAX = 64 * 1_024;
/** All that a strategy makes, its code and its view. */
export const MEMORY_BYTES_MAX = 16 * 2 ** 20;
/** What the engine takes of its memory before that: its stack, and all that it knows of the language. */
export const ENGINE_MEMORY_BYTES = 6 * 2 ** 20;
/** For its top level, and for its first tick. */
export const LOAD_MS_MAX = 250;
export const FIRST_TICK_MS_MAX = 50;
export const TICK_MS_MAX = 8;
/** A tick that took so much longer than it may gives no action, even if it came to an end. */
export const TICK_SLACK_MS = 8;
/** What the ticks of a round may take beyond what each may, all together: the others wait for it. Nothing pays it back. */
export const OVERTIME_MS_MAX = 2_000;
/** Ticks without an action, less those with one, after which a strategy plays no more. */
export const DEBT_TICKS_MAX = 40;
export const ACTION_CHARACTERS_MAX = 4_096;
export const LOG_CHARACTERS_MAX = 64 * 1_024;
export const LOG_LINE_CHARACTERS_MAX = 1_000;
/** What a strategy may keep for its next round, as JSON. */
export const KEPT_CHARACTERS_MAX = 16 * 1_024;
/** A worker that has not answered by then is ended: something in it does not stop. */
export const SILENT_MS_MAX = 1_000;

/** Why there is no action of a tick. */
export const MISSES = [
  "TOO_SLOW",
  "TOO_MUCH_MEMORY",
  "TOO_DEEP",
  "THREW",
  "NOT_AN_ACTION",
  "TOO_MUCH_OUTPUT",
  "SANDBOX_BROKEN",
  "NEVER_ENDED",
] as const;
export type Miss = (typeof MISSES)[number];

/** Why a strategy cannot be played at all. */
export const LOAD_REFUSALS = [
  "SOURCE_TOO_LARGE",
  "SYNTAX_ERROR",
  "IMPORT_FORBIDDEN",
  "NO_TICK",
  "TOP_LEVEL_FAILED",
] as const;
export type LoadRefusal = (typeof LOAD_REFUSALS)[number];

/** A refusal with what is wrong, and where as far as it is known. */
export type Fault<Reason> = { reason: Reason; message: string; line: number | null };
