import type { Database, Tx } from "../../platform/database.ts";
import { handBackLease, holdLease, type Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import type { CreateContests, Pairing } from "../events.ts";
import { QUEUED_LADDERS, type LadderKind, type QueueMode } from "../rules/ladders.ts";
import { pair, type Waiting } from "../rules/pairing.ts";
import { claimWaiting, expireWaiting, houseBots, ratedToday, waitingEntries } from "../store.ts";

const TICK_MS = 1_000;
const PRACTICE_PATIENCE_MS = 5_000;
const DAY_MS = 24 * 3_600_000;

/** Runs the matchmakers of all queued ladders on this node: each under a lease, woken by joins and each second. */
export function startMatchmakers(
  platform: Platform,
  createContests: CreateContests,
  node: string,
): { stop(): Promise<void> } {
  const running = QUEUED_LADDERS.map((ladder) => startMatchmaker(platform, createContests, ladder, node));
  return { stop: () => Promise.all(running.map((each) => each.stop())).then(() => undefined) };
}

function startMatchmaker(
  platform: Platform,
  createContests: CreateContests,
  ladder: LadderKind,
  node: string,
): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<void> | null = null;
  let again = false;
  const tick = (): void => {
    again = true;
    running ??= rounds().finally(() => (running = null));
  };
  const rounds = async (): Promise<void> => {
    while (again && !stopped) {
      again = false;
      await matchOnce(platform, createContests, ladder, node).catch((error: unknown) =>
        platform.log.warn({ error, ladder }, "a matchmaking round failed; the next tick tries again"),
      );
    }
  };
  const timer = setInterval(tick, TICK_MS);
  const forget = platform.hub.onMoved((name) => name === `queue:${ladder}` && tick());
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      forget();
      await running;
      await handBackLease(platform.db, `matchmaker:${ladder}`, node);
    },
  };
}

/** One round of a ladder's matchmaker; nothing while another node holds the lease. */
export async function matchOnce(
  platform: Platform,
  createContests: CreateContests,
  ladder: LadderKind,
  node: string,
): Promise<number> {
  const { db, clock, hub, settings } = platform;
  const lease = await holdLease(db, `matchmaker:${ladder}`, node);
  if (!lease) return 0;
  const now = clock.now();
  const expired = await db.query(expireWaiting, [ladder, now, new Date(now.getTime() - settings.presenceMs)]);
  const pairings = await choosePairings(platform, ladder, now);
  const made = pairings.length > 0 ? await db.transact((tx) => claim(tx, lease, pairings, createContests)) : 0;
  // Touching only on a change: the matchmaker itself wakes on this topic.
  if (expired.length + made > 0) hub.touch(`queue:${ladder}`);
  return made;
}

async function choosePairings(platform: Platform, ladder: LadderKind, now: Date): Promise<Pairing[]> {
  const rows = await platform.db.query(waitingEntries, [ladder]);
  const sealed = new Set(rows.filter((row) => row.sealed).map((row) => row.id));
  const waiting = (mode: QueueMode) =>
    rows
      .filter((row) => row.mode === mode)
      .map(
        (row): Waiting => ({
          entryId: row.id,
          botId: row.bot_id,
          ownerId: row.owner_id,
          elo: row.elo,
          joinedAtMs: row.joined_at.getTime(),
          lastOpponentId: row.last_opponent_id,
        }),
      );
  const isSealed = (...entries: Waiting[]) => entries.some(({ entryId }) => sealed.has(entryId));
  const pairingOf = (first: Waiting, second: Waiting, mode: QueueMode, rated: boolean): Pairing => ({
    ladder,
    origin: `${mode}_QUEUE`,
    rated,
    sealed: isSealed(first, second),
    botIds: [first.botId, second.botId],
    entryIds: [first.entryId, second.entryId],
  });
  const rated = pair(waiting("RATED"), now.getTime()).map(({ first, second, sameOwner }) =>
    pairingOf(first, second, "RATED", !sameOwner),
  );
  const practice = pair(waiting("PRACTICE"), now.getTime());
  const met = new Set(practice.flatMap(({ first, second }) => [first.entryId, second.entryId]));
  const lonely = waiting("PRACTICE").filter(
    ({ entryId, joinedAtMs }) => !met.has(entryId) && now.getTime() - joinedAtMs >= PRACTICE_PATIENCE_MS,
  );
  const withHouse = await houseFor(platform.db, lonely);
  return [
    ...(await limitRated(platform, ladder, rated, now)),
    ...practice.map(({ first, second }) => pairingOf(first, second, "PRACTICE", false)),
    ...withHouse.map(
      ({ waiter, houseId }): Pairing => ({
        ladder,
        origin: "PRACTICE_QUEUE",
        rated: false,
        sealed: false,
        botIds: [waiter.botId, houseId],
        entryIds: [waiter.entryId],
      }),
    ),
  ];
}

async function houseFor(db: Database, lonely: readonly Waiting[]): Promise<{ waiter: Waiting; houseId: string }[]> {
  if (lonely.length === 0) return [];
  const house = await db.query(houseBots, []);
  return lonely.flatMap((waiter) => {
    // Whom a bot meets follows from its entry, so that a repeated round chooses the same.
    const chosen = house[Number.parseInt(waiter.entryId.slice(-6), 16) % Math.max(1, house.length)];
    return chosen ? [{ waiter, houseId: chosen.id }] : [];
  });
}

/** Pairs that met rated too often today play on, unrated. */
async function limitRated(
  { db, settings }: Platform,
  ladder: LadderKind,
  pairings: readonly Pairing[],
  now: Date,
): Promise<Pairing[]> {
  const rated = pairings.filter((pairing) => pairing.rated);
  if (rated.length === 0) return [...pairings];
  const since = new Date(now.getTime() - DAY_MS);
  const counts = await db.query(ratedToday, [
    rated.map(({ botIds }) => botIds[0]),
    rated.map(({ botIds }) => botIds[1]),
    ladder,
    since,
  ]);
  const often = new Set(
    counts.filter(({ contests }) => contests >= settings.ratedPerPairPerDayMax).map(({ a, b }) => `${a} ${b}`),
  );
  return pairings.map((pairing) => ({ ...pairing, rated: pairing.rated && !often.has(pairing.botIds.join(" ")) }));
}

/** Claims the entries that still wait, under the lease's fence, and creates their contests. */
async function claim(
  tx: Tx,
  lease: Lease,
  pairings: readonly Pairing[],
  createContests: CreateContests,
): Promise<number> {
  const ids = pairings.flatMap(({ entryIds }) => entryIds);
  const claimed = new Set(
    (await tx.query(claimWaiting, [ids, lease.name, lease.holder, lease.fence])).map(({ id }) => id),
  );
  const whole = pairings.filter(({ entryIds }) => entryIds.every((id) => claimed.has(id)));
  if (whole.length > 0) await createContests(tx, whole);
  return whole.length;
}
