import { sealedRecord, type SealRecord } from "../../ladder/service/records.ts";
import type { JsonObject } from "../../platform/canonical-json.ts";
import { encodeNodeId } from "../../platform/graphql/node-ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { contestHeader } from "../store.ts";
import { fightStream } from "./steps.ts";

/** The replay of a fight that has ended, as JSON text; null for one that has not, or that does not exist. */
export async function replayOf(platform: Platform, seal: SealRecord, fightId: string): Promise<string | null> {
  const [header] = await platform.db.query(contestHeader, [fightId]);
  if (!header) return null;
  const contest = {
    id: encodeNodeId("Fight", fightId),
    ladder: header.ladder,
    rated: header.rated,
    rules: header.rules,
    startedAt: header.started_at.toISOString(),
    endedAt: header.ended_at.toISOString(),
    seedHash: header.seed_hash.toString("hex"),
    seed: header.seed.toString("hex"),
    participants: header.participants as JsonObject[],
  };
  return sealedRecord(platform, seal, { contest, stream: fightStream(fightId) });
}
