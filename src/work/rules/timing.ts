/** How often and how long a task may be tried, laid down when it is made. */
export type Plan = {
  maxAttempts: number;
  /** How long a lease lives without a sign of life. */
  heartbeatMs: number;
  /** How long a bot that was given a task may take to start it. */
  acceptMs: number;
  /** How long a task may wait for its start from when it is ready; null for ever. */
  scheduleToStartMs: number | null;
  /** How long one attempt may take; null for ever, as long as the heartbeats come. */
  startToCloseMs: number | null;
  /** The pause before the second attempt; each further one doubles. */
  backoffMs: number;
  backoffMaxMs: number;
};

export const ACCEPT_MS = 15_000;
export const HEARTBEAT_DEFAULT_MS = 30_000;
export const BACKOFF_DEFAULT_MS = 1_000;
export const BACKOFF_MAX_DEFAULT_MS = 300_000;
export const ATTEMPTS_DEFAULT = 3;

const DAY_MS = 86_400_000;

/** What each number of a plan may be, both ends included. */
export const PLAN_LIMITS = {
  maxAttempts: [1, 20],
  heartbeatMs: [1_000, 3_600_000],
  acceptMs: [1_000, 600_000],
  scheduleToStartMs: [1_000, 30 * DAY_MS],
  startToCloseMs: [1_000, 7 * DAY_MS],
  backoffMs: [0, 3_600_000],
  backoffMaxMs: [0, DAY_MS],
} as const satisfies Record<keyof Plan, readonly [number, number]>;

/** The first number of a plan that is out of its limits, or null. */
export function refusePlan(plan: Plan): keyof Plan | null {
  const wrong = Object.entries(PLAN_LIMITS).find(([name, [least, most]]) => {
    const value = plan[name as keyof Plan];
    return value !== null && (value < least || value > most);
  });
  return (wrong?.[0] as keyof Plan | undefined) ?? null;
}

/**
 * The pause after the attempt of this number: doubled for each attempt before, bounded, and by chance down to half of it, so
 * that what failed together does not come back together. `jitter` is at least 0 and below 1.
 */
export function backoffMs(plan: Pick<Plan, "backoffMs" | "backoffMaxMs">, attempt: number, jitter: number): number {
  const full = Math.min(plan.backoffMaxMs, plan.backoffMs * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + jitter / 2));
}

const REST_MS = 1_000;
const REST_MAX_MS = 300_000;

/** How long a run rests that could not go on, doubled for each time before this one, and bounded. */
export const restMs = (before: number): number => Math.min(REST_MAX_MS, REST_MS * 2 ** before);
