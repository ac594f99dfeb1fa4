import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Logger } from "./logging.ts";
import { repeat } from "./repeat.ts";
import { statement } from "./statement.ts";

const LOOK_MS = 1_000;
/** By how much machines' clocks may drift apart: 1 ms in 2 s is more than any does. */
const DRIFT = 1 / 2_000;

const databaseTime = statement("clock.now", `SELECT clock_timestamp() AS at`, { at: "timestamptz" });

/** By how much the database's clock is ahead of this machine's, how wrong that may be, and when it was known; milliseconds. */
export type Offset = { aheadMs: number; errorMs: number; atMs: number };

/** What one look says: the database's clock was read somewhere between `askedMs` and `answeredMs` of this machine's. */
export function offsetOf(askedMs: number, databaseMs: number, answeredMs: number): Offset {
  // The database's instant is cut to whole milliseconds.
  const errorMs = (answeredMs - askedMs) / 2 + 1;
  return { aheadMs: databaseMs - (askedMs + answeredMs) / 2, errorMs, atMs: answeredMs };
}

/**
 * The better of what was known and what is seen now: the one that may be less wrong, as old as it is. What contradicts
 * what was known is believed: one of the clocks was set.
 */
export function betterOf(known: Offset, seen: Offset): Offset {
  const agedMs = known.errorMs + Math.abs(seen.atMs - known.atMs) * DRIFT;
  const apartMs = Math.abs(seen.aheadMs - known.aheadMs);
  return seen.errorMs <= agedMs || apartMs > agedMs + seen.errorMs ? seen : known;
}

/** What is corrected by more was set, and is followed at once. */
const CORRECTION_MAX_MS = 1_000;

/** What a clock says that said `lastMs` before: corrected back it stands until that has passed, so that what is later never seems earlier. */
export const forwards = (lastMs: number, ms: number): number =>
  ms < lastMs && lastMs - ms <= CORRECTION_MAX_MS ? lastMs : ms;

/**
 * The database's time, read from this machine's clock and what that is off by: all nodes judge deadlines by the same
 * clock, however wrong their own are. Looks once a second; while the database is away the last offset holds.
 */
export async function openDatabaseClock(
  db: Database,
  log: Logger,
  machine: Clock,
): Promise<Clock & { stop(): Promise<void> }> {
  const look = async (): Promise<Offset> => {
    const asked = machine.now().getTime();
    const [row] = await db.query(databaseTime, []);
    if (!row) throw new Error("the database did not say what time it is");
    return offsetOf(asked, row.at.getTime(), machine.now().getTime());
  };
  let offset = await look();
  const looking = repeat(LOOK_MS, async () => {
    try {
      offset = betterOf(offset, await look());
    } catch (error) {
      log.warn({ error }, "the database's time could not be read; the next look tries again");
    }
  });
  let lastMs = 0;
  return {
    now: () => {
      lastMs = forwards(lastMs, machine.now().getTime() + Math.round(offset.aheadMs));
      return new Date(lastMs);
    },
    stop: () => looking.stop(),
  };
}
