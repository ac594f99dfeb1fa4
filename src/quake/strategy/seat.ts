import type { StrategyAction } from "./contract.ts";
import {
  LOG_CHARACTERS_MAX,
  DEBT_TICKS_MAX,
  OVERTIME_MS_MAX,
  type Fault,
  type LoadRefusal,
  type Miss,
} from "./limits.ts";

/** How a strategy fares in a match. */
export type Seat = {
  /** What it does until it says something else. */
  action: StrategyAction;
  ticks: number;
  misses: number;
  /** Ticks that gave no action, less one for each that did. */
  debt: number;
  /** Milliseconds of a processor that its ticks took beyond what they may. */
  overMs: number;
  lastMiss: Fault<Miss> | null;
  /** Set for good once it plays no more. */
  forfeit: Fault<Miss | LoadRefusal> | null;
  log: string;
};

export const NEW_SEAT: Seat = {
  action: {},
  ticks: 0,
  misses: 0,
  debt: 0,
  overMs: 0,
  lastMiss: null,
  forfeit: null,
  log: "",
};

/** After these there is nothing left that could tick. */
const ENDING: readonly Miss[] = ["NEVER_ENDED", "SANDBOX_BROKEN", "TOO_MUCH_MEMORY"];
const LOG_IS_FULL = "[the log is full]\n";

/** After a tick that gave an action: that takes off one of those that gave none. */
export function acted(seat: Seat, action: StrategyAction): Seat {
  return { ...seat, action, ticks: seat.ticks + 1, debt: Math.max(0, seat.debt - 1) };
}

/**
 * After a tick that gave none: the last action goes on, and too many of them end it. So does too much processor time beyond
 * what its ticks may take, which no action pays for. The owner's log says why, once a kind.
 */
export function missed(seat: Seat, miss: Miss, message: string, tickOverMs = 0): Seat {
  const [debt, overMs] = [seat.debt + 1, seat.overMs + tickOverMs];
  const fault = { reason: miss, message, line: null };
  const isNews = seat.lastMiss?.reason !== miss || seat.debt === 0;
  const noted = isNews ? logged(seat, `[${miss}] ${message}`) : seat;
  const after = { ...noted, ticks: seat.ticks + 1, misses: seat.misses + 1, debt, overMs, lastMiss: fault };
  if (ENDING.includes(miss)) return forfeited(after, fault);
  if (overMs >= OVERTIME_MS_MAX) return forfeited(after, overtimeOf(overMs));
  return debt >= DEBT_TICKS_MAX ? forfeited(after, fault) : after;
}

function overtimeOf(overMs: number): Fault<Miss> {
  const message = `its ticks took ${Math.round(overMs)} ms more than they may, of ${OVERTIME_MS_MAX} in a round`;
  return { reason: "TOO_SLOW", message, line: null };
}

/** It plays no more, and stands still. */
export function forfeited(seat: Seat, fault: Fault<Miss | LoadRefusal>): Seat {
  if (seat.forfeit) return seat;
  const at = fault.line === null ? "" : ` (line ${fault.line})`;
  return { ...logged(seat, `[FORFEIT] ${fault.reason}${at}: ${fault.message}`), action: {}, forfeit: fault };
}

/** With a line more in its log, while that has room. */
export function logged(seat: Seat, line: string): Seat {
  if (seat.log.endsWith(LOG_IS_FULL)) return seat;
  const log = `${seat.log}${line}\n`;
  if (log.length <= LOG_CHARACTERS_MAX - LOG_IS_FULL.length) return { ...seat, log };
  return { ...seat, log: seat.log + LOG_IS_FULL };
}
