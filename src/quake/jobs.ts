import { holdLease } from "../platform/leases.ts";
import type { Platform } from "../platform/platform.ts";
import { repeat, type Repeated } from "../platform/repeat.ts";
import type { Row } from "../platform/statement.ts";
import { missingArchives, missingFiles, type Installation } from "./adapter/installation.ts";
import { mend, type Abandoned, type MatchPhase } from "./rules/match.ts";
import { Elsewhere } from "./service/elsewhere.ts";
import { limitsOf, startHosting } from "./service/hosting.ts";
import { startKeeper } from "./service/keeper.ts";
import { openPool } from "./service/pool.ts";
import { hasHost } from "./service/opening.ts";
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

/** What a sweep leaves to the next: since when nobody runs which match, and when a node last had a server for one. */
type Seen = { since: ReadonlyMap<string, number>; hostAtMs: number | null };
/** When a node starts, and after an outage of the database: nobody could say until then that it has servers. */
const NOTHING_SEEN: Seen = { since: new Map(), hostAtMs: null };

/** Mends matches whose node is gone, on every engine node: resumed or void by rule, once. */
export function startMatchSweep(platform: Platform, node: string): Repeated {
  let seen = NOTHING_SEEN;
  return repeat(SWEEP_MS, async () => {
    try {
      seen = await sweep(platform, node, seen);
    } catch (error) {
      platform.log.warn({ err: error }, "a sweep of matches failed; the next one tries again");
      seen = NOTHING_SEEN;
    }
  });
}

/** An outage does not count: what was not seen before it is begun to be watched. */
async function sweep(platform: Platform, node: string, before: Seen): Promise<Seen> {
  const now = platform.clock.now();
  const nowMs = now.getTime();
  const rows = await platform.db.query(abandonedMatches, []);
  const since = new Map(rows.map(({ id }) => [id, before.since.get(id) ?? nowMs]));
  const hostAtMs = rows.length > 0 && (await hasHost(platform.db, now)) ? nowMs : (before.hostAtMs ?? nowMs);
  for (const row of rows) {
    const abandoned = abandonedOf(row, nowMs, hostAtMs);
    if (mend(abandoned) === "WAIT") continue;
    if (abandoned.phase !== "ANNOUNCED" && nowMs - (since.get(row.id) ?? nowMs) < GRACE_MS) continue;
    await mendOne(platform, node, row.id, hostAtMs);
  }
  return { since, hostAtMs };
}

function abandonedOf(
  { phase, attempts, starts_at }: Pick<Row<typeof abandonedMatches>, "phase" | "attempts" | "starts_at">,
  nowMs: number,
  hostAtMs: number,
): Abandoned {
  const waitedMs = nowMs - starts_at.getTime();
  return { phase: phase as MatchPhase, attempts, waitedMs, aloneMs: Math.min(waitedMs, nowMs - hostAtMs) };
}

/** The lease makes it once: whoever takes it mends, and a node that ran the match can write nothing any more. */
async function mendOne(platform: Platform, node: string, id: string, hostAtMs: number): Promise<void> {
  const lease = await holdLease(platform.db, matchLease(id), `${node}:sweep`);
  if (!lease) return;
  try {
    await platform.db.transact(async (tx) => {
      const match = await lockHeld(tx, id, lease);
      const decision = mend(abandonedOf(match, platform.clock.now().getTime(), hostAtMs));
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
