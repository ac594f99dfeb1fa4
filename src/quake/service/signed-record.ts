import { sealedRecord, type SealRecord } from "../../ladder/service/records.ts";
import { encodeNodeId } from "../../platform/node-id.ts";
import type { Platform } from "../../platform/platform.ts";
import type { RecordHeader } from "../rules/record.ts";
import { recordHeader } from "../store/replays.ts";
import { matchStream } from "./steps.ts";

/** The signed record of a match that has ended, as JSON text; null for one that has not, or that does not exist. */
export async function recordOf(platform: Platform, seal: SealRecord, matchId: string): Promise<string | null> {
  const [row] = await platform.db.query(recordHeader, [matchId]);
  if (!row) return null;
  const contest: RecordHeader = {
    id: encodeNodeId("QuakeMatch", matchId),
    ladder: row.ladder,
    rated: row.rated,
    status: row.status,
    map: row.map,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at.toISOString(),
    seedHash: row.seed_hash.toString("hex"),
    seed: row.seed.toString("hex"),
    participants: row.participants as RecordHeader["participants"],
    results: row.status === "COMPLETED" ? (row.results as RecordHeader["results"]) : null,
    framesSha256: row.frames_sha256?.toString("hex") ?? null,
  };
  return sealedRecord(platform, seal, { contest, stream: matchStream(matchId) });
}
