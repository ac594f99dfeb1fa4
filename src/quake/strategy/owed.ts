import type { StrategyView } from "./contract.ts";

/** What was said in views that did not reach whom they were for. */
export type Owed = Pick<StrategyView, "facts" | "sounds" | "deaths">;

export const NOTHING_OWED: Owed = { facts: null, sounds: [], deaths: [] };
const OWED_MAX = 64;

export const owedOf = ({ facts, sounds, deaths }: StrategyView): Owed => ({ facts, sounds, deaths });

/** What was missed comes with the next view, as far as it is bounded. */
export function withOwed(view: StrategyView, owed: Owed): StrategyView {
  if (owed === NOTHING_OWED) return view;
  return {
    ...view,
    facts: view.facts ?? owed.facts,
    sounds: [...owed.sounds, ...view.sounds].slice(-OWED_MAX),
    deaths: [...owed.deaths, ...view.deaths].slice(-OWED_MAX),
  };
}

/** Lets so many views a second through; what was said in others comes with the next one. */
export class Thinner {
  private readonly intervalMs: number;
  private owed = NOTHING_OWED;
  private dueMs = 0;

  constructor(perSecond: number) {
    this.intervalMs = 1_000 / perSecond;
  }

  /** A view that was let through has not arrived: what it said comes with the next one. */
  owe(view: StrategyView): void {
    this.owed = owedOf(view);
  }

  /** The view that is due now, or null. */
  take(view: StrategyView, nowMs: number): StrategyView | null {
    const whole = withOwed(view, this.owed);
    if (nowMs < this.dueMs) {
      this.owed = owedOf(whole);
      return null;
    }
    this.owed = NOTHING_OWED;
    // One that came a little late does not put off those behind it.
    const isLate = nowMs - this.dueMs > this.intervalMs;
    this.dueMs = (isLate ? nowMs : this.dueMs) + this.intervalMs;
    return whole;
  }
}
