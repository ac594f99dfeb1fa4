/** Buckets of points by key; shared across nodes when there is a Redis. */
export type Rates = {
  /** Takes points; `retryAfterMs` is 0 when they were there. */
  take(
    bucket: { name: string; points: number; windowMs: number },
    key: string,
    points?: number,
  ): Promise<{ available: number; retryAfterMs: number; resetAt: Date }>;
};
