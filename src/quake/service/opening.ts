import type { Platform } from "../../platform/platform.ts";
import { missingFiles, PACKAGE, type Installation } from "../adapter/installation.ts";
import { liveHosts } from "../store.ts";

/** A node that has the game says so each second. */
const SILENT_MS = 10_000;

/** Why bots cannot wait for a Quake round now, as a sentence for people; null while a node has the game. */
export async function whyQuakeIsClosed(
  { db, clock }: Pick<Platform, "db" | "clock">,
  installation: Installation,
): Promise<string | null> {
  const [counted] = await db.query(liveHosts, [new Date(clock.now().getTime() - SILENT_MS)]);
  return (counted?.hosts ?? 0) > 0 ? null : whyNoHost(installation);
}

/** Why no node has the game, as far as this one can tell. */
export function whyNoHost(installation: Installation): string {
  return missingFiles(installation).length > 0
    ? `QUAKE is closed because ${PACKAGE} is not installed here: npm run setup:quake installs it.`
    : "QUAKE is closed because no node with game servers runs: start one with the role quake and AGON_QUAKE_SERVERS above 0.";
}
