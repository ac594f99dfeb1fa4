import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from "rate-limiter-flexible";

/** A bucket of points that is full again after its window. */
export type Bucket = { name: string; points: number; windowMs: number };

/** What a bucket says after points were asked for. `retryAfterMs` is 0 when they were there. */
export type Taken = { available: number; retryAfterMs: number; resetAt: Date };

/** Buckets of points by key; shared across nodes when there is a Redis. */
export type Rates = { take(bucket: Bucket, key: string, points?: number): Promise<Taken> };

/** Opens the buckets of a process. */
export function openRates(redis: Redis | null): Rates {
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = ({ name, points, windowMs }: Bucket) => {
    const known = limiters.get(name);
    if (known) return known;
    const options = { keyPrefix: name, points, duration: windowMs / 1_000 };
    const memory = new RateLimiterMemory(options);
    // While Redis is away each node counts alone: a limit that is a little too wide is better than no answer.
    const made = redis ? new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory }) : memory;
    limiters.set(name, made);
    return made;
  };
  return { take: (bucket, key, points = 1) => take(limiterOf(bucket), key, points) };
}

async function take(limiter: RateLimiterAbstract, key: string, points: number): Promise<Taken> {
  try {
    return taken(await limiter.consume(key, points), 0);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return taken(refused, Math.max(1, refused.msBeforeNext));
  }
}

const taken = (state: RateLimiterRes, retryAfterMs: number): Taken => ({
  available: Math.max(0, state.remainingPoints),
  retryAfterMs,
  resetAt: new Date(Date.now() + state.msBeforeNext),
});
