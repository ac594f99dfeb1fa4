import { holdLease } from "../platform/leases.ts";
import type { Platform } from "../platform/platform.ts";
import { repeat, type Repeated } from "../platform/repeat.ts";
import { missingArchives, missingFiles, type Installation } from "./adapter/installation.ts";
import { mend, type MatchPhase } from "./rules/match.ts";
import { Elsewhere } from "./service/elsewhere.ts";
import { limitsOf, startHosting } from "./service/hosting.ts";
import { startKeeper } from "./service/keeper.ts";
import { openPool } from "./service/pool.ts";
import { adoptConfigured } from "./service/remotes.ts";
import { handBack, lockHeld, makeVoid, matchLease, MatchLost, rosterBut } from "./service/steps.ts";
import { Ways } from "./service/ways.ts";
import { abandonedMatches, forgetLease } from "./store.ts";
import { Grounds } from "./strategy/grounds.ts";

/**
 * The game servers of a node: where their game lies, how many, from which port on, where they write, for how long a round
 * lasts and how fast it passes.
 */
export type QuakeTerms = {
  installation: Installation;
  servers: number;
  firstPort: number;
  root: string;
  round_min: number;
  timescale: number;
};

/** Looks after servers elsewhere, and plays matches on this node where it has the game. Gives what stops it, in order. */
export async function startQuake(
  platform: Platform,
  node: string,
  terms: QuakeTerms,
): Promise<(() => Promise<void>)[]> {
  await adoptConfigured(platform);
  const ways = new Ways(platform);
  const keeper = startKeeper(platform, node, ways);
  const closing = [keeper.stop, async () => ways.close()];
  const { installation, round_min, timescale, ...given } = terms;
  if (missingArchives(installation).length > 0) return closing;
  // Without the engine rounds are played elsewhere alone.
  const places = { ...given, servers: missingFiles(installation).length > 0 ? 0 : given.servers };
  const pool = openPool({ ...places, installation, timeLimit_min: round_min, timescale, log: platform.log });
  const limits = limitsOf(round_min, timescale);
  const grounds = new Grounds(installation);
  if (places.servers > 0 || platform.quake.servers.length > 0)
    grounds.readAll().catch((err: unknown) => platform.log.error({ err }, "a map of Quake cannot be read"));
  const elsewhere = new Elsewhere(platform, node, ways, round_min);
  const hosting = startHosting(platform, node, { pool, elsewhere, limits, timescale, grounds });
  return [hosting.stop, pool.stop, ...closing];
}

const SWEEP_MS = 1_000;
/** A node that comes back from an outage of the database has this long to say that it still runs its matches. */
const GRACE_MS = 4_000;

/** Mends matches whose node is gone, on every engine node: resumed or void by rule, once. */
export function startMatchSweep(platform: Platform, node: string): Repeated {
  let since: ReadonlyMap<string, number> = new Map();
  return repeat(SWEEP_MS, async () => {
    try {
      since = await sweep(platform, node, since);
    } catch (error) {
      platform.log.warn({ err: error }, "a sweep of matches failed; the next one tries again");
      since = new Map();
    }
  });
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
      return makeVoid(tx, platform, match, decision.void, await rosterBut(tx, id, []));
    });
    platform.log.warn({ match: id }, "a match whose node is gone was mended");
  } catch (error) {
    if (!(error instanceof MatchLost)) throw error;
    await platform.db.query(forgetLease, [id]);
  }
}
