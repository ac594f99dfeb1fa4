import { UUID_LOWEST } from "../platform/keyset.ts";
import type { Platform } from "../platform/platform.ts";
import { fireDue, pushTasks, releaseSilent } from "./service/scheduling.ts";

const SWEEP_MS = 100;
const PUSH_MS = 250;
const SILENCE_MS = 1_000;

/** What time alone changes in tasks, on every engine node: the rows' locks make each change happen once. */
export function startWork(platform: Platform): { stop(): Promise<void> } {
  let pushedTo = UUID_LOWEST;
  const loops = [
    repeat(platform, SWEEP_MS, () => fireDue(platform)),
    repeat(platform, SILENCE_MS, () => releaseSilent(platform)),
    repeat(platform, PUSH_MS, async () => void (pushedTo = await pushTasks(platform, pushedTo))),
  ];
  return { stop: async () => void (await Promise.all(loops.map(({ stop }) => stop()))) };
}

function repeat({ log }: Platform, pauseMs: number, work: () => Promise<unknown>): { stop(): Promise<void> } {
  const ended = new AbortController();
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await work().catch((error: unknown) => log.warn({ error }, "a sweep of tasks failed; the next one tries again"));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = loop();
  return {
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}
