import { setTimeout as sleep } from "node:timers/promises";
import { holdLease } from "../platform/leases.ts";
import type { Platform } from "../platform/platform.ts";
import { mend, type MatchPhase } from "./rules/match.ts";
import { handBack, lockHeld, makeVoid, matchLease, MatchLost } from "./service/steps.ts";
import { abandonedMatches, forgetLease, rosterOf } from "./store.ts";

const SWEEP_MS = 1_000;
/** A node that comes back from an outage of the database has this long to say that it still runs its matches. */
const GRACE_MS = 4_000;

/** Mends matches whose node is gone, on every engine node: resumed or void by rule, once. */
export function startMatchSweep(platform: Platform, node: string): { stop(): Promise<void> } {
  let stopped = false;
  let since: ReadonlyMap<string, number> = new Map();
  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        since = await sweep(platform, node, since);
      } catch (error) {
        platform.log.warn({ err: error }, "a sweep of matches failed; the next one tries again");
        since = new Map();
      }
      await sleep(SWEEP_MS);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

/** Since when nobody runs which match: kept from one sweep to the next, so that an outage does not count. */
async function sweep(
  platform: Platform,
  node: string,
  since: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const nowMs = platform.clock.now().getTime();
  const rows = await platform.db.query(abandonedMatches, []);
  const seen = new Map(rows.map(({ id }) => [id, since.get(id) ?? nowMs]));
  for (const row of rows) {
    const abandoned = {
      phase: row.phase as MatchPhase,
      attempts: row.attempts,
      waitedMs: nowMs - row.starts_at.getTime(),
    };
    if (mend(abandoned) === "WAIT") continue;
    if (abandoned.phase !== "ANNOUNCED" && nowMs - (seen.get(row.id) ?? nowMs) < GRACE_MS) continue;
    await mendOne(platform, node, row.id);
  }
  return seen;
}

/** The lease makes it once: whoever takes it mends, and a node that ran the match can write nothing any more. */
async function mendOne(platform: Platform, node: string, id: string): Promise<void> {
  const lease = await holdLease(platform.db, matchLease(id), `${node}:sweep`);
  if (!lease) return;
  try {
    await platform.db.transact(async (tx) => {
      const match = await lockHeld(tx, id, lease);
      const waitedMs = platform.clock.now().getTime() - match.starts_at.getTime();
      const decision = mend({ phase: match.phase, attempts: match.attempts, waitedMs });
      if (decision === "RESUME") return handBack(tx, platform, match);
      if (decision === "WAIT") return;
      const roster = await tx.query(rosterOf, [id]);
      const botIds = roster.map(({ bot_id }) => bot_id);
      return makeVoid(tx, platform, match, decision.void, botIds);
    });
    platform.log.warn({ match: id }, "a match whose node is gone was mended");
  } catch (error) {
    if (!(error instanceof MatchLost)) throw error;
    await platform.db.query(forgetLease, [id]);
  }
}
