import { eachAlone } from "../platform/each.ts";
import type { Platform } from "../platform/platform.ts";
import { repeat, type Repeated } from "../platform/repeat.ts";
import { timePasses } from "./rules/commitment.ts";
import { OUTAGE_VOIDS_MS } from "./rules/fight.ts";
import { lockFree, step, write } from "./service/steps.ts";
import { beat, claimOutage, dueFights, lastBeat } from "./store.ts";

const SWEEP_MS = 100;
const BEAT_MS = 1_000;
const OUTAGE_MIN_MS = 3_000;

/**
 * Fires what time alone changes: every 100 ms on every engine node, whichever node set the deadline. At the start, before
 * anybody is served, and whenever all engines were away, running fights are owed the outage.
 */
export async function startDeadlines(platform: Platform, node: string): Promise<Repeated> {
  await oweOutage(platform);
  let beatAtMs = 0;
  const sweep = async (): Promise<void> => {
    if (platform.clock.now().getTime() - beatAtMs >= BEAT_MS) {
      await oweOutage(platform);
      beatAtMs = platform.clock.now().getTime();
      await platform.db.query(beat, [node, new Date(beatAtMs)]);
    }
    // What fell due meanwhile does not wait for the next sweep.
    while ((await fireDue(platform)) > 0);
  };
  return repeat(SWEEP_MS, () =>
    sweep().catch((error: unknown) =>
      platform.log.warn({ error }, "a sweep of deadlines failed; the next one tries again"),
    ),
  );
}

/** Applies time to every fight that it changes, and says to how many; the row's lock makes each deadline fire once. */
export async function fireDue(platform: Platform): Promise<number> {
  const due = await platform.db.query(dueFights, [platform.clock.now()]);
  let changed = 0;
  await eachAlone(platform, due, {
    work: async ({ id }) => {
      if (await letTimePass(platform, id)) changed++;
    },
    failed: "time did not pass for a fight; the next sweep tries again",
  });
  return changed;
}

async function oweOutage(platform: Platform): Promise<void> {
  const now = platform.clock.now();
  const [last] = await platform.db.query(lastBeat, []);
  const gapMs = last?.at ? now.getTime() - last.at.getTime() : 0;
  if (!last?.at || gapMs < OUTAGE_MIN_MS) return;
  const owed = await platform.db.query(claimOutage, [last.at, now, Math.min(gapMs, OUTAGE_VOIDS_MS)]);
  if (owed.length > 0) platform.log.info({ gapMs }, "no engine was up; running fights are owed the outage");
}

async function letTimePass(platform: Platform, fightId: string): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    const fight = await lockFree(tx, fightId);
    if (!fight) return false;
    const decided = step(fight, timePasses(fight.state, fight.seed), platform.clock.now().getTime());
    if (!decided.ok || decided.step.state === fight.state) return false;
    await write(tx, platform, fight, decided.step);
    return true;
  });
}
