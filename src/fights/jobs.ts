import { continued } from "../platform/database.ts";
import { eachAlone } from "../platform/each.ts";
import type { Platform } from "../platform/platform.ts";
import { repeat, type Repeated } from "../platform/repeat.ts";
import { timePasses } from "./rules/commitment.ts";
import { OUTAGE_VOIDS_MS } from "./rules/fight.ts";
import { isOver } from "./rules/fight-state.ts";
import { lockFree, step, write, type LockedFight, type Step } from "./service/steps.ts";
import { beat, claimOutage, dueFights, lastBeat } from "./store.ts";

const SWEEP_MS = 50;
const BEAT_MS = 1_000;
/** How many fights one transaction takes along. */
const PORTION = 32;
const OUTAGE_MIN_MS = 3_000;
/** After so long a sweep ends though there is more: whoever stops this node waits for it. */
const CATCH_UP_MS = 2_000;

type Due = { id: string };

/**
 * Fires what time alone changes: every 50 ms on every engine node, whichever node set the deadline. At the start, before
 * anybody is served, and whenever all engines were away, running fights are owed the outage.
 */
export async function startDeadlines(platform: Platform, node: string): Promise<Repeated> {
  await oweOutage(platform);
  let beatAtMs = 0;
  const nowMs = () => platform.clock.now().getTime();
  const beatWhenDue = async (): Promise<void> => {
    if (nowMs() - beatAtMs < BEAT_MS) return;
    await oweOutage(platform);
    beatAtMs = nowMs();
    await platform.db.query(beat, [node, new Date(beatAtMs)]);
  };
  const sweep = async (): Promise<void> => {
    // What fell due meanwhile does not wait for the next sweep. Who catches up with much is up: it beats all the same.
    const untilMs = nowMs() + CATCH_UP_MS;
    do await beatWhenDue();
    while ((await fireDue(platform, beatWhenDue)) > 0 && nowMs() < untilMs);
  };
  return repeat(SWEEP_MS, () =>
    sweep().catch((error: unknown) =>
      platform.log.warn({ error }, "a sweep of deadlines failed; the next one tries again"),
    ),
  );
}

/**
 * Applies time to every fight that it changes, and says to how many; the row's lock makes each deadline fire once.
 * `between` runs again and again meanwhile.
 */
export async function fireDue(platform: Platform, between: () => Promise<void>): Promise<number> {
  const due = await platform.db.query(dueFights, [platform.clock.now()]);
  let changed = 0;
  const alone: Due[] = [];
  // In portions, so that another node finds some that are free.
  for (let from = 0; from < due.length; from += PORTION) {
    const portion = due.slice(from, from + PORTION);
    const outcome = await passTogether(platform, portion).catch((error: unknown) => {
      platform.log.info({ error }, "time did not pass for some fights together; each is tried alone");
      return { changed: 0, alone: portion };
    });
    changed += outcome.changed;
    alone.push(...outcome.alone);
    await between();
  }
  await eachAlone(platform, alone, {
    work: async ({ id }) => {
      if (await passAlone(platform, id)) changed++;
      await between();
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

/** What time makes of a fight; null where it changes nothing. */
function passed(platform: Platform, fight: LockedFight): Step | null {
  const decided = step(fight, timePasses(fight.state, fight.seed), platform.clock.now().getTime());
  return decided.ok && decided.step.state !== fight.state ? decided.step : null;
}

/**
 * Lets time pass for many fights in one transaction. Left to be done alone are those that begin or end by it: they write
 * more than their own rows.
 */
async function passTogether(platform: Platform, due: readonly Due[]): Promise<{ changed: number; alone: Due[] }> {
  return platform.db.transact(async (tx) => {
    const ids = due.map(({ id }) => id);
    const passing = (await lockFree(tx, ids)).flatMap((fight) => {
      const next = passed(platform, fight);
      return next ? [{ fight, next }] : [];
    });
    const { together = [], alone = [] } = Object.groupBy(passing, ({ fight, next }) =>
      isOver(next.state) || fight.state.phase === "ANNOUNCED" ? "alone" : "together",
    );
    await Promise.all(together.map(({ fight, next }) => write(continued(tx), platform, fight, next)));
    return { changed: together.length, alone: alone.map(({ fight }) => fight) };
  });
}

async function passAlone(platform: Platform, fightId: string): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    const [fight] = await lockFree(tx, [fightId]);
    const next = fight && passed(platform, fight);
    if (!next) return false;
    await write(tx, platform, fight, next);
    return true;
  });
}
