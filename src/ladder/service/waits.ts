import type { Platform } from "../../platform/platform.ts";
import { estimateWaitMs, OBSERVED_WAITS } from "../rules/queue.ts";
import { longestWaits, observedWaits, placesInQueue, waitingOn } from "../store/waits.ts";

const LONGEST_MAX = 50;

/** One queue of a ladder. */
export type Queue = { ladder: string; mode: string };

/** How many wait on each of these ladders. */
export async function waitingCounts({ db }: Platform, ladders: readonly string[]): Promise<number[]> {
  const rows = new Map((await db.query(waitingOn, [ladders])).map(({ ladder, bots }) => [ladder, bots]));
  return ladders.map((ladder) => rows.get(ladder) ?? 0);
}

/** The ids of the 50 longest waits of each of these ladders, oldest first. */
export async function longestWaiting({ db }: Platform, ladders: readonly string[]): Promise<string[][]> {
  const grouped = Map.groupBy(await db.query(longestWaits, [ladders, LONGEST_MAX]), ({ ladder }) => ladder);
  return ladders.map((ladder) => (grouped.get(ladder) ?? []).map(({ id }) => id));
}

/** Places of queue entries in their queues, 1 is next by wait; null for those that do not wait. */
export async function positionsOf({ db }: Platform, entryIds: readonly string[]): Promise<(number | null)[]> {
  const places = new Map((await db.query(placesInQueue, [entryIds])).map(({ id, place }) => [id, place]));
  return entryIds.map((id) => places.get(id) ?? null);
}

/** What one may expect to wait in each of these queues, by what was observed; null where nobody was matched yet. */
export async function estimatesOf({ db }: Platform, queues: readonly Queue[]): Promise<(number | null)[]> {
  const [ladders, modes] = [queues.map(({ ladder }) => ladder), queues.map(({ mode }) => mode)];
  const rows = await db.query(observedWaits, [ladders, modes, OBSERVED_WAITS]);
  const grouped = Map.groupBy(rows, ({ place }) => place);
  return queues.map((_queue, index) =>
    estimateWaitMs((grouped.get(index + 1) ?? []).map(({ waited_ms }) => Math.round(waited_ms))),
  );
}
