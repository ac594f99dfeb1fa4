import { encodeNodeId } from "../../platform/graphql/node-ids.ts";
import type { JsonObject } from "../../platform/canonical-json.ts";
import type { Platform } from "../../platform/platform.ts";
import { readEvents } from "../../platform/streams.ts";
import { contestHeader } from "../store.ts";
import { fightStream } from "./steps.ts";

/** A contest's record before it is signed. `finalHash` is the stored one, so that a changed row shows. */
export type ContestRecord = { contest: JsonObject; stream: string; events: string[]; finalHash: string };

/** Signs a record; `verify.ts` says the form. */
export type SealReplay = (record: ContestRecord) => JsonObject;

const EVENTS_MAX = 1_000;

/** The replay of a fight that has ended, as JSON text; null for one that has not, or that does not exist. */
export async function replayOf(platform: Platform, seal: SealReplay, fightId: string): Promise<string | null> {
  const [header] = await platform.db.query(contestHeader, [fightId]);
  if (!header) return null;
  const stream = fightStream(fightId);
  const stored = await readEvents(platform.db, stream, 0, EVENTS_MAX);
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
  const finalHash = stored.at(-1)?.hash?.toString("hex") ?? "";
  return JSON.stringify(seal({ contest, stream, events: stored.map(({ text }) => text), finalHash }));
}
