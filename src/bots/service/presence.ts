import { Batching, BatchingFull } from "../../platform/batching.ts";
import type { Database } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { markSeenBatch } from "../store.ts";

/** A bot was seen; `ownerId` is null where it is known already that the caller may say so. */
type Sighting = { botId: string; ownerId: string | null; at: Date };
type Seen = Row<typeof markSeenBatch>;

const SIGHTINGS_PER_STATEMENT_MAX = 500;
const SIGHTINGS_WAITING_MAX = 10_000;
const RETRY_AFTER_MS = 1_000;

const batches = new WeakMap<Database, Batching<Sighting, Seen>>();

/** Signs of life come in bursts: what arrives while two statements are in flight is written by the next. */
function batchOf(db: Database): Batching<Sighting, Seen> {
  const known = batches.get(db);
  if (known) return known;
  const made = new Batching((sightings: readonly Sighting[]) => writeSeen(db, sightings), {
    itemsMax: SIGHTINGS_PER_STATEMENT_MAX,
    waitingMax: SIGHTINGS_WAITING_MAX,
  });
  batches.set(db, made);
  return made;
}

function writeSeen(db: Database, sightings: readonly Sighting[]): Promise<Seen[]> {
  const column = <K extends keyof Sighting>(key: K) => sightings.map((sighting) => sighting[key]);
  return db.query(markSeenBatch, [column("botId"), column("ownerId"), column("at")]);
}

/** A sign of life: the bot is online for 45 seconds from now. */
export async function heartbeat(
  { db, clock }: Platform,
  viewer: SignedIn,
  { botId }: { botId: string },
): Promise<Outcome<{ botId: string }, "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED" | "RATE_LIMITED">> {
  const path = ["input", "botId"];
  if (!reachesBot(viewer, botId)) return refuse("NOT_YOUR_BOT", { path });
  try {
    const bot = await batchOf(db).add({ botId, ownerId: viewer.userId, at: clock.now() });
    if (!bot.found) return refuse("NOT_YOUR_BOT", { path });
    if (bot.suspended) return refuse("BOT_SUSPENDED", { path });
    if (bot.archived) return refuse("BOT_ARCHIVED", { path });
    return { ok: true, botId };
  } catch (error) {
    if (error instanceof BatchingFull) return refuse("RATE_LIMITED", { retryAfterMs: RETRY_AFTER_MS });
    throw error;
  }
}

/** Writes that a bot was seen now. */
export async function markSeen({ db, clock }: Platform, botId: string): Promise<void> {
  await batchOf(db).add({ botId, ownerId: null, at: clock.now() });
}
