import type { Tx } from "../../platform/database.ts";
import { startLeased, type LeasedLoop } from "../../platform/leased-loop.ts";
import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import { append } from "../../platform/streams.ts";
import { createContests, queueLeft, type Pairing } from "../events.ts";
import { QUEUED_LADDERS, type LadderKind, type QueueMode } from "../rules/ladders.ts";
import { claimWaiting, expireWaiting, houseBots, waitingEntries } from "../store/queue.ts";
import { housePairing, practicePairings, ratedPairings, type Entry } from "./pairings.ts";
import { spentPairs } from "./rated-pairs.ts";

const TICK_MS = 1_000;
const PAUSE_MS = 20;
const WAITING_READ_MAX = 100_000;
const PAIRINGS_PER_TRANSACTION_MAX = 250;

/** Runs the matchmakers of all queued ladders on this node: each under a lease, woken by joins and each second. */
export function startMatchmakers(platform: Platform, node: string): LeasedLoop {
  const running = QUEUED_LADDERS.map((ladder) => startMatchmaker(platform, ladder, node));
  return { stop: () => Promise.all(running.map((each) => each.stop())).then(() => undefined) };
}

const startMatchmaker = (platform: Platform, ladder: LadderKind, node: string): LeasedLoop =>
  startLeased(platform, node, {
    lease: `matchmaker:${ladder}`,
    round: async (lease) => void (await matchOnce(platform, ladder, lease)),
    tickMs: TICK_MS,
    // Joins that arrive during a round or the pause after it make one round together.
    pauseMs: PAUSE_MS,
    wokenBy: (name) => name === `queue:${ladder}`,
    failed: "a matchmaking round failed; the next tick tries again",
  });

/** One round of a ladder's matchmaker under its lease: who is offline leaves, the others meet. Gives the contests made. */
export async function matchOnce(platform: Platform, ladder: LadderKind, lease: Lease): Promise<number> {
  const { db, clock, hub, settings } = platform;
  const now = clock.now();
  const onlineSince = new Date(now.getTime() - settings.presenceMs);
  const entries = await db.query(waitingEntries, [ladder, WAITING_READ_MAX]);
  const isOffline = ({ last_seen_at }: Entry) => last_seen_at === null || last_seen_at < onlineSince;
  const offline = entries.filter(isOffline);
  const expired = offline.length > 0 ? await expire(platform, ladder, lease, offline, onlineSince) : 0;
  const online = entries.filter((entry) => !isOffline(entry));
  const pairings = await choosePairings(platform, ladder, online, now);
  let made = 0;
  for (const part of parts(pairings)) made += await db.transact((tx) => claim(tx, platform, lease, part));
  // Touching only on a change: the matchmaker itself wakes on this topic.
  if (expired + made > 0) hub.touch(`queue:${ladder}`);
  return made;
}

function* parts(pairings: readonly Pairing[]): Generator<readonly Pairing[]> {
  for (let from = 0; from < pairings.length; from += PAIRINGS_PER_TRANSACTION_MAX)
    yield pairings.slice(from, from + PAIRINGS_PER_TRANSACTION_MAX);
}

/** Ends the waits of bots that are still offline; their streams hear of it. */
function expire(
  { db, clock, hub }: Platform,
  ladder: LadderKind,
  lease: Lease,
  offline: readonly Entry[],
  onlineSince: Date,
): Promise<number> {
  const at = clock.now();
  return db.transact(async (tx) => {
    const ids = offline.map(({ id }) => id);
    const expired = await tx.query(expireWaiting, [ids, at, onlineSince, lease.name, lease.fence]);
    const events = expired.map(({ id, bot_id, mode }) =>
      queueLeft(bot_id, { queueEntryId: id, ladder, mode: mode as QueueMode, reason: "EXPIRED" }),
    );
    await append(tx, hub.publish, events, at);
    return expired.length;
  });
}

async function choosePairings(
  platform: Platform,
  ladder: LadderKind,
  entries: readonly Entry[],
  now: Date,
): Promise<Pairing[]> {
  if (entries.length === 0) return [];
  const rated = ratedPairings(ladder, entries, now.getTime());
  const { pairings, lonely } = practicePairings(ladder, entries, now.getTime());
  const house = lonely.length > 0 ? await platform.db.query(houseBots, []) : [];
  const houseIds = house.map(({ id }) => id);
  return [
    ...(await limitRated(platform, ladder, rated, now)),
    ...pairings,
    ...lonely.flatMap((entry) => housePairing(ladder, entry, houseIds) ?? []),
  ];
}

/** Those among whom two met rated too often in the last 24 hours play on, unrated. */
async function limitRated(
  { db, settings }: Platform,
  ladder: LadderKind,
  pairings: readonly Pairing[],
  now: Date,
): Promise<Pairing[]> {
  const groups = pairings.filter((pairing) => pairing.rated).map(({ botIds }) => botIds);
  const hasSpentPair = await spentPairs(db, { ladder, groups, now, perDayMax: settings.ratedPerPairPerDayMax });
  return pairings.map((pairing) => ({ ...pairing, rated: pairing.rated && !hasSpentPair(pairing.botIds) }));
}

/** Claims the entries that still wait, under the lease's fence, and creates their contests. */
async function claim(tx: Tx, platform: Platform, lease: Lease, pairings: readonly Pairing[]): Promise<number> {
  const ids = pairings.flatMap(({ entryIds }) => entryIds);
  const claimed = new Set((await tx.query(claimWaiting, [ids, lease.name, lease.fence])).map(({ id }) => id));
  const whole = pairings.filter(({ entryIds }) => entryIds.every((id) => claimed.has(id)));
  if (whole.length > 0) await createContests.call(tx, platform, whole);
  return whole.length;
}
