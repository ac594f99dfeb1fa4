import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "./sandbox.ts";

/** How long a flooding program waits for each chunk to be thrown away: some 16 MB a second, so that a flood costs the host little. */
const DROP_PAUSE_MS = 4;

/** Hands on what a program writes until it is too much, and then reads slowly; `dropped` counts what was thrown away. */
export function boundOutput({ outputBytesMax, onOutput }: Pick<Command, "outputBytesMax" | "onOutput">) {
  let left = outputBytesMax;
  let dropped = 0;
  const take = async (bytes: Buffer, from: "stdout" | "stderr"): Promise<void> => {
    const kept = bytes.subarray(0, left);
    left -= kept.length;
    dropped += bytes.length - kept.length;
    if (kept.length > 0) await onOutput(kept, from);
    if (kept.length < bytes.length) await sleep(DROP_PAUSE_MS);
  };
  return { take, dropped: () => dropped };
}
