import type { Platform } from "../../platform/platform.ts";
import { keptSince } from "../rules/frames.ts";
import { pruneReplays } from "../store/replays.ts";
import { matchStream } from "./steps.ts";

/** Each statement is short, however many have become old. */
const AT_ONCE_MAX = 100;

/** Forgets what matches looked like after 90 days; their events stay, and their records still verify. Gives how many. */
export async function pruneFrames({ db, clock, hub }: Platform): Promise<number> {
  const now = clock.now();
  for (let gone = 0; ; ) {
    const pruned = await db.query(pruneReplays, [keptSince(now), now, AT_ONCE_MAX]);
    for (const { match_id } of pruned) hub.touch(matchStream(match_id));
    gone += pruned.length;
    if (pruned.length < AT_ONCE_MAX) return gone;
  }
}
