import type { Command } from "./sandbox.ts";

/** Calls `end` when a program's time is over or it is told to stop, and remembers why. */
export function watch({ timeMaxMs, stop }: Pick<Command, "timeMaxMs" | "stop">, end: () => void) {
  const marks = { timedOut: false, stopped: false };
  const late = () => {
    marks.timedOut = true;
    end();
  };
  const told = () => {
    marks.stopped = true;
    end();
  };
  const timer = setTimeout(late, timeMaxMs);
  stop?.addEventListener("abort", told, { once: true });
  if (stop?.aborted) told();
  const close = () => {
    clearTimeout(timer);
    stop?.removeEventListener("abort", told);
  };
  return { marks, close };
}
