import { eachAlone } from "../platform/each.ts";
import type { Platform } from "../platform/platform.ts";
import { repeat, type Repeated } from "../platform/repeat.ts";
import { timePasses } from "./rules/commitment.ts";
import type { FightCommand } from "./rules/fight-state.ts";
import { lock, step, write, type LockedFight } from "./service/steps.ts";
import { beat, claimOutage, dueFights, lastBeat, openFights } from "./store.ts";

const SWEEP_MS = 100;
const BEAT_MS = 1_000;
const OUTAGE_MIN_MS = 3_000;
const VOID_AFTER_MS = 10 * 60_000;

/**
 * Fires what time alone changes: every 100 ms on every engine node, whichever node set the deadline. At the start, and
 * whenever all engines were away, running deadlines move by the outage; after ten minutes fights are void.
 */
export function startDeadlines(platform: Platform, node: string): Repeated {
  let beatAtMs = 0;
  const sweep = async (): Promise<void> => {
    if (platform.clock.now().getTime() - beatAtMs >= BEAT_MS) {
      await mendOutage(platform);
      beatAtMs = platform.clock.now().getTime();
      await platform.db.query(beat, [node, new Date(beatAtMs)]);
    }
    await fireDue(platform);
  };
  return repeat(SWEEP_MS, () =>
    sweep().catch((error: unknown) =>
      platform.log.warn({ error }, "a sweep of deadlines failed; the next one tries again"),
    ),
  );
}

/** Applies time to every fight whose deadline has passed; the row's lock makes each fire once. */
export async function fireDue(platform: Platform): Promise<number> {
  const due = await platform.db.query(dueFights, [platform.clock.now()]);
  await eachAlone(platform, due, {
    work: ({ id }) => apply(platform, id, ({ state, seed }) => timePasses(state, seed)),
    failed: "time did not pass for a fight; the next sweep tries again",
    atOnce: 1,
  });
  return due.length;
}

async function mendOutage(platform: Platform): Promise<void> {
  const now = platform.clock.now();
  const [last] = await platform.db.query(lastBeat, []);
  const gapMs = last?.at ? now.getTime() - last.at.getTime() : 0;
  if (!last?.at || gapMs < OUTAGE_MIN_MS) return;
  // Only one node finds the old beat still there.
  const mine = await platform.db.query(claimOutage, [last.at, now]);
  if (mine.length === 0) return;
  const command: FightCommand = gapMs >= VOID_AFTER_MS ? { type: "VOID" } : { type: "EXTEND", byMs: gapMs };
  platform.log.info({ gapMs, command: command.type }, "no engine was up; running fights are mended");
  for (const { id } of await platform.db.query(openFights, [])) await apply(platform, id, () => command);
}

async function apply(
  platform: Platform,
  fightId: string,
  commandFor: (fight: LockedFight) => FightCommand,
): Promise<void> {
  await platform.db.transact(async (tx) => {
    const fight = await lock(tx, fightId);
    const decided = fight && step(fight, commandFor(fight), platform.clock.now().getTime());
    if (fight && decided?.ok && decided.step.state !== fight.state) await write(tx, platform, fight, decided.step);
  });
}
