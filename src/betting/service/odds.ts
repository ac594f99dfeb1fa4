import type { Platform } from "../../platform/platform.ts";
import { rest } from "../../platform/rest.ts";
import { openFeed } from "../../platform/subscribe.ts";
import { oddsTopic } from "../events.ts";

/** How long the odds of a pool rest between two movements: however many bet, they are read so often. */
const ODDS_EVERY_MS = 250;

/**
 * Movements of a pool: one at once, then one whenever somebody has bet or the pool itself moved, four a second at most. What
 * moves during a rest is one movement behind it, so that the last state is always told.
 */
export function openOdds(platform: Platform, contestId: string): AsyncIterableIterator<null> {
  const moves = openFeed(platform, oddsTopic(contestId));
  const leaving = new AbortController();
  let restUntil = 0;
  const iterator: AsyncIterableIterator<null> = {
    next: async () => {
      await rest(restUntil - performance.now(), leaving.signal);
      const moved = await moves.next();
      restUntil = performance.now() + ODDS_EVERY_MS;
      return moved;
    },
    return: async () => {
      leaving.abort();
      await moves.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
