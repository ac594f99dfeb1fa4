import { setTimeout as sleep } from "node:timers/promises";
import { holdLease, releaseLease, type Lease } from "./leases.ts";
import type { Platform } from "./platform.ts";

/** Work that one node at a time does, in rounds, while it holds a lease. */
export type LeasedWork = {
  /** The lease's name: who holds it works, everybody else waits for it. */
  lease: string;
  /** One round. True asks for another one at once. */
  round(lease: Lease): Promise<boolean | void>;
  tickMs: number;
  /** Between two rounds, so that what comes meanwhile makes one round together. */
  pauseMs?: number;
  /** Whether a movement of the hub asks for a round. */
  wokenBy?(name: string): boolean;
  /** The error of a round is logged with these words; the next tick tries again. */
  failed: string;
};

export type LeasedLoop = { stop(): Promise<void> };

/**
 * Runs rounds on this node while it holds the lease: at each tick, and at once when something moves. A round that takes
 * long keeps its lease; one that has lost it all the same is refused by the fence of whatever it writes.
 */
export function startLeased(
  { db, hub, log }: Pick<Platform, "db" | "hub" | "log">,
  node: string,
  { lease, round, tickMs, pauseMs = 0, wokenBy, failed }: LeasedWork,
): LeasedLoop {
  let held: Lease | null = null;
  let running: Promise<void> | null = null;
  let wanted = false;
  let stopped = false;
  const once = async (): Promise<void> => {
    held = await holdLease(db, lease, node);
    if (held && (await round(held)) === true) wanted = true;
  };
  const rounds = async (): Promise<void> => {
    while (wanted && !stopped) {
      wanted = false;
      await once().catch((error: unknown) => log.warn({ err: error, lease }, failed));
      if (pauseMs > 0) await sleep(pauseMs);
    }
    running = null;
  };
  const wake = (): void => {
    wanted = true;
    running ??= rounds();
  };
  const renew = () =>
    holdLease(db, lease, node).catch((error: unknown) => log.warn({ err: error, lease }, "a lease was not renewed"));
  const renewal = setInterval(() => {
    if (running && held) void renew();
  }, RENEW_MS);
  const timer = setInterval(wake, tickMs);
  const forget = wokenBy ? hub.onMoved((name) => wokenBy(name) && wake()) : () => undefined;
  wake();
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      clearInterval(renewal);
      forget();
      await running;
      if (held) await releaseLease(db, held);
    },
  };
}

/** Well within a lease's life. */
const RENEW_MS = 1_000;
