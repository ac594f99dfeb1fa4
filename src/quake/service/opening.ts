import type { Database } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { missingFiles, PACKAGE, type Installation } from "../adapter/installation.ts";
import { liveHosts } from "../store.ts";

/** A node that has the game says so twice a second. */
const SILENT_MS = 10_000;
/** How long an answer holds: whoever asks often shares it. */
const FRESH_MS = 2_000;

const DRAINED =
  "QUAKE is closed because its game servers are being drained: no new round begins until an operator resumes one.";

const SILENT =
  "QUAKE is closed because no game server elsewhere can be played on: operators see at gameServers why each is down.";

type Known = { untilMs: number; why: Promise<string | null> };
const known = new WeakMap<Platform, Known>();

/** Why bots cannot wait for a Quake round now, as a sentence for people; null while a node has the game, and a server for it here or elsewhere. */
export function whyQuakeIsClosed(platform: Platform, installation: Installation): Promise<string | null> {
  const nowMs = platform.clock.now().getTime();
  const last = known.get(platform);
  if (last && nowMs < last.untilMs) return last.why;
  const why = lookForHosts(platform, installation, nowMs);
  known.set(platform, { untilMs: nowMs + FRESH_MS, why });
  // An answer that failed is none.
  why.catch(() => known.delete(platform));
  return why;
}

/** Whether a node has a server for a match now, here or elsewhere. */
export async function hasHost(db: Database, now: Date): Promise<boolean> {
  const [counted] = await db.query(liveHosts, [new Date(now.getTime() - SILENT_MS)]);
  return counted !== undefined && counted.nodes > 0 && (counted.hosts > 0 || counted.answering > 0);
}

async function lookForHosts({ db }: Platform, installation: Installation, nowMs: number): Promise<string | null> {
  const [counted] = await db.query(liveHosts, [new Date(nowMs - SILENT_MS)]);
  if (!counted || counted.nodes === 0) return whyNoHost(installation);
  if (counted.hosts > 0 || counted.answering > 0) return null;
  if (counted.elsewhere > 0) return SILENT;
  return counted.drained ? DRAINED : whyNoHost(installation);
}

/** Why no node has the game, as far as this one can tell. */
export function whyNoHost(installation: Installation): string {
  return missingFiles(installation).length > 0
    ? `QUAKE is closed because ${PACKAGE} is not installed here: npm run setup:quake installs it.`
    : "QUAKE is closed because no node with game servers runs: start one with the role quake and AGON_QUAKE_SERVERS above 0.";
}
