import { setTimeout as sleep } from "node:timers/promises";

export type Repeated = { stop(): Promise<void> };

/** Does work again and again, resting `pauseMs` after each time. `stop` cuts a rest short, and waits for work that runs. */
export const repeat = (pauseMs: number, work: () => Promise<unknown>): Repeated =>
  repeatAfter((stopping) => sleep(pauseMs, undefined, { signal: stopping }), work);

/** The same with a rest of its own, which ends or throws when it is told to stop. Failures are the work's own to catch. */
export function repeatAfter(rest: (stopping: AbortSignal) => Promise<unknown>, work: () => Promise<unknown>): Repeated {
  const halt = new AbortController();
  const loop = async (): Promise<void> => {
    while (!halt.signal.aborted) {
      await work();
      if (!halt.signal.aborted) await rest(halt.signal).catch(unlessStopping);
    }
  };
  const unlessStopping = (error: unknown) => {
    if (!halt.signal.aborted) throw error;
  };
  const running = loop();
  return {
    stop: async () => {
      halt.abort();
      await running;
    },
  };
}
