import type { Platform } from "../../platform/platform.ts";
import { rest } from "../../platform/rest.ts";
import { openFeed } from "../../platform/subscribe.ts";
import { changesOf, type BoardChange, type Standing } from "../rules/board.ts";

/** How long a board rests between two looks: however much moves on it, it costs so many reads. */
const LOOK_EVERY_MS = 250;

/**
 * A board that somebody looks at: the feeds that move it, what stands on it, null when one may not look any more, and what a
 * look costs: it gives how long one has to wait for the points of the next minute.
 */
export type Board = {
  topics: readonly string[];
  look: () => Promise<Standing[] | null>;
  pay: () => Promise<{ retryAfterMs: number }>;
};
/** A board as one look found it, with what changed since the look before; nothing at the first. */
export type Look = { taskIds: readonly string[]; changes: readonly BoardChange[] };

/**
 * Looks at a board at once, and whenever it moved, four times a second at most and as long as there are points; ends when one
 * may not look any more.
 */
export function openBoard(platform: Platform, { topics, look, pay }: Board): AsyncIterableIterator<Look> {
  const moves = openFeed(platform, ...topics);
  const leaving = new AbortController();
  let before: Standing[] | null = null;
  let restUntil = 0;
  const end = async (): Promise<IteratorResult<Look>> => {
    leaving.abort();
    await moves.return?.();
    return { done: true, value: undefined };
  };
  const iterator: AsyncIterableIterator<Look> = {
    next: async () => {
      await rest(restUntil - performance.now(), leaving.signal);
      const isOver = (await moves.next()).done;
      // The operation that opened it has paid for the first look.
      if (!isOver && before !== null) await afford(pay, leaving.signal);
      const after = isOver ? null : await look();
      if (after === null) return end();
      restUntil = performance.now() + LOOK_EVERY_MS;
      const changes = before === null ? [] : changesOf(before, after);
      before = after;
      return { done: false, value: { taskIds: after.map(({ id }) => id), changes } };
    },
    return: end,
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

/** Pays for a look, as soon as there are points for it. */
async function afford(pay: Board["pay"], signal: AbortSignal): Promise<void> {
  for (;;) {
    const { retryAfterMs } = await pay();
    if (retryAfterMs === 0 || signal.aborted) return;
    await rest(retryAfterMs, signal);
  }
}
