import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../platform/platform.ts";
import { repeat, repeatAfter } from "../platform/repeat.ts";
import { WORKFLOWS_TOPIC } from "./events.ts";
import { advanceDue } from "./service/advance.ts";
import { sweepEndedWork } from "./service/ended-work.ts";
import { restLanes } from "./service/lanes.ts";
import { fireDue, newPushRound, pushTasks, releaseSilent } from "./service/scheduling.ts";

const SWEEP_MS = 100;
/** What ends together is taken in together. */
const GATHER_MS = 20;
const PUSH_MS = 250;
const SILENCE_MS = 1_000;

/** What time alone changes in tasks and workflows, on every engine node: the rows' locks make each change happen once. */
export function startWork(platform: Platform): { stop(): Promise<void> } {
  const round = newPushRound();
  let rested = 0;
  const loops = [
    repeat(
      SWEEP_MS,
      tolerant(platform, () => fireDue(platform)),
    ),
    driveWorkflows(platform),
    ...[
      () => releaseSilent(platform),
      () => sweepEndedWork(platform),
      async () => void (rested = await restLanes(platform, rested)),
    ].map((work) => repeat(SILENCE_MS, tolerant(platform, work))),
    repeat(
      PUSH_MS,
      tolerant(platform, () => pushTasks(platform, round)),
    ),
  ];
  return { stop: async () => void (await Promise.all(loops.map(({ stop }) => stop()))) };
}

/** Runs go on as soon as a task of one ended here; what ended elsewhere, or while nobody listened, is seen by the sweep. */
function driveWorkflows(platform: Platform): { stop(): Promise<void> } {
  let moved = false;
  let wake = () => undefined as void;
  const deliver = () => {
    moved = true;
    wake();
    return true;
  };
  const leave = platform.hub.watch(WORKFLOWS_TOPIC, { deliver, close: () => undefined });
  const pause = async () => {
    await sleep(GATHER_MS);
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (moved) resolve();
      else setTimeout(resolve, SWEEP_MS);
    });
    moved = false;
  };
  const running = repeatAfter(
    pause,
    tolerant(platform, () => advanceDue(platform)),
  );
  return {
    stop: async () => {
      leave();
      await running.stop();
    },
  };
}

/** A failure is logged: the next round tries again. */
const tolerant =
  ({ log }: Platform, work: () => Promise<unknown>) =>
  () =>
    work().catch((error: unknown) => log.warn({ error }, "a sweep of work failed; the next one tries again"));
