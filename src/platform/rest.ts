import { setTimeout as pause } from "node:timers/promises";

/** Waits until something may be looked at again, or somebody leaves it. */
export async function rest(forMs: number, signal: AbortSignal): Promise<void> {
  if (forMs <= 0 || signal.aborted) return;
  await pause(forMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
