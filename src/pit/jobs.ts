import type { JsonObject } from "../platform/canonical-json.ts";
import type { Platform } from "../platform/platform.ts";
import { append } from "../platform/streams.ts";
import { toPit, type PitEvent } from "./events.ts";
import { expireCallouts } from "./service/callouts.ts";
import { sweepSilent } from "./service/lobby.ts";
import { contestResult, tellOnce } from "./store.ts";

const SWEEP_MS = 500;

/** Twice a second on every engine node: silent bots leave, old callouts expire. The rows' locks make each happen once. */
export function startPitSweep(platform: Platform): { stop(): Promise<void> } {
  let running: Promise<unknown> | null = null;
  const sweep = () => {
    running ??= Promise.all([sweepSilent(platform), expireCallouts(platform)])
      .catch((error: unknown) => platform.log.warn({ error }, "a sweep of the Pit failed; the next one tries again"))
      .finally(() => (running = null));
  };
  const timer = setInterval(sweep, SWEEP_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Job: tells the Pit that a fight began. */
export function tellStarted(platform: Platform, { contestId }: JsonObject): Promise<void> {
  const id = String(contestId);
  return tell(platform, id, "STARTED", { type: "PitFightAnnounced", contestId: id });
}

/** Job: tells the Pit how a fight ended. */
export async function tellEnded(platform: Platform, { contestId }: JsonObject): Promise<void> {
  const id = String(contestId);
  const [result] = await platform.db.query(contestResult, [id]);
  if (!result) return;
  const { voided, winner_id: winnerBotId } = result;
  await tell(platform, id, "ENDED", { type: "PitFightEnded", contestId: id, winnerBotId, voided });
}

function tell(platform: Platform, contestId: string, kind: "STARTED" | "ENDED", event: PitEvent): Promise<void> {
  return platform.db.transact(async (tx) => {
    const first = await tx.query(tellOnce, [contestId, kind]);
    if (first.length > 0) await append(tx, platform.hub.publish, [toPit(event)], platform.clock.now());
  });
}
