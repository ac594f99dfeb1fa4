/** What an event is about first: it is one of these. */
export const PRIMARY_ACTIONS = ["TASK_COMPLETION", "ERROR_RESOLUTION"] as const;
export type PrimaryAction = (typeof PRIMARY_ACTIONS)[number];

/** What an event may earn on top, by rule. */
export const BONUSES = ["SPEED", "QUALITY", "COMPLEXITY"] as const;
export type Bonus = (typeof BONUSES)[number];

export const COMPLEXITIES = ["SIMPLE", "MEDIUM", "COMPLEX", "EXPERT"] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

export const EVIDENCE_KINDS = ["SPEED_IMPROVEMENT", "BUG_RESOLUTION", "CODE_QUALITY", "INNOVATION"] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export const BASE: Readonly<Record<PrimaryAction, number>> = { TASK_COMPLETION: 10, ERROR_RESOLUTION: 20 };
export const BONUS: Readonly<Record<Bonus, number>> = { SPEED: 5, QUALITY: 15, COMPLEXITY: 25 };
/** In hundredths. */
export const COMPLEXITY_FACTOR: Readonly<Record<Complexity, number>> = {
  SIMPLE: 100,
  MEDIUM: 150,
  COMPLEX: 200,
  EXPERT: 300,
};
const SUCCESS_FACTOR = { yes: 100, no: 25 };

export const XP_PER_EVENT_MAX = 500;
export const XP_PER_BOT_DAY_MAX = 5_000;
/** Custom multipliers, in hundredths. */
export const CUSTOM_MIN = 10;
export const CUSTOM_MAX = 300;
/** How many of a bot's own earlier durations say what is fast for it. */
export const HISTORY_MAX = 20;
const FAST_MS = 30_000;
const QUALITY_FULL = 1_000;
const QUALITY_BONUS_MIN = 900;

/** What was seen of a piece of work. `quality` is in thousandths, null when nobody gave a score; `custom` in hundredths. */
export type Work = {
  kind: "WORK";
  action: PrimaryAction;
  complexity: Complexity;
  success: boolean;
  /** Of the attempt that ended it. */
  durationMs: number | null;
  /** Which attempt that was, from 1. */
  attempt: number;
  quality: number | null;
  custom: number;
};

export const RESULTS = ["WIN", "DRAW", "LOSS"] as const;
export type Result = (typeof RESULTS)[number];
const RESULT_BASE: Readonly<Record<Result, number>> = { WIN: 20, DRAW: 10, LOSS: 5 };
/** The rating advantage from which an opponent counts double. */
const ADVANTAGE_MAX = 400;

/** What was seen of a contest: `advantage` is by how much the opponents stood above, in Elo. */
export type Bout = { kind: "BOUT"; result: Result; advantage: number; quality: number | null };

/** A score of 0 to 1 in thousandths, floored; null when it is no score. What binary fractions add is not cut off. */
export function thousandthsOf(score: number): number | null {
  return score >= 0 && score <= 1 ? Math.floor(score * 1_000 + 1e-9) : null;
}

/** The mean of the given scores in thousandths, floored; null without any. */
export function meanQuality(scores: readonly number[]): number | null {
  return scores.length === 0 ? null : Math.floor(scores.reduce((sum, score) => sum + score, 0) / scores.length);
}

/** Whether work was fast: by half of the bot's own median for that complexity, or by 30 s where it has none yet. */
export function isFast(durationMs: number, history: readonly number[]): boolean {
  if (history.length === 0) return durationMs < FAST_MS;
  const sorted = history.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const twice = sorted.length % 2 ? 2 * (sorted[middle] ?? 0) : (sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0);
  return 4 * durationMs <= twice;
}

/** The bonuses of a piece of work. What failed, or had to be begun again, was not fast: giving up at once must not pay. */
export function bonusesOf(work: Work, history: readonly number[]): Bonus[] {
  const { durationMs, attempt, success, quality, complexity } = work;
  const earned: Bonus[] = [];
  if (success && attempt === 1 && durationMs !== null && isFast(durationMs, history)) earned.push("SPEED");
  if (quality !== null && quality >= QUALITY_BONUS_MIN) earned.push("QUALITY");
  if (success && complexity === "EXPERT") earned.push("COMPLEXITY");
  return earned;
}

/** 100 to 200 hundredths, by the opponents' advantage of 0 to 400 Elo. */
const advantageFactor = (advantage: number): number =>
  100 + Math.floor((Math.min(ADVANTAGE_MAX, Math.max(0, advantage)) * 100) / ADVANTAGE_MAX);

/** The XP of a piece of work: round((base × complexity × success + bonuses) × (0.5 + 0.5 × quality) × custom), half up. */
export function xpOfWork(work: Work, bonuses: readonly Bonus[]): number {
  const success = work.success ? SUCCESS_FACTOR.yes : SUCCESS_FACTOR.no;
  const base = BASE[work.action] * COMPLEXITY_FACTOR[work.complexity] * success;
  const extra = bonuses.reduce((sum, bonus) => sum + BONUS[bonus], 0);
  return roundHalfUp((base + extra * 10_000) * (QUALITY_FULL + (work.quality ?? QUALITY_FULL)) * work.custom, 2e9);
}

/** The XP of a contest: by its result and the opponents' rating advantage, and by quality where the game has a score. */
export function xpOfBout({ result, advantage, quality }: Bout): number {
  return roundHalfUp(
    RESULT_BASE[result] * advantageFactor(advantage) * (QUALITY_FULL + (quality ?? QUALITY_FULL)),
    200_000,
  );
}

/** Exact for what is below 2^52: one product, rounded once. */
const roundHalfUp = (product: number, divisor: number): number => Math.floor((2 * product + divisor) / (2 * divisor));

/** What of an event's XP is added: at most 500 an event, and what is left of the bot's 5,000 of that day. */
export function capped(xp: number, addedToday: number): number {
  return Math.max(0, Math.min(xp, XP_PER_EVENT_MAX, XP_PER_BOT_DAY_MAX - addedToday));
}
