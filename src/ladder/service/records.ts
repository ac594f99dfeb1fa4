import type { JsonObject } from "../../platform/canonical-json.ts";
import type { Platform } from "../../platform/platform.ts";
import { readTexts } from "../../platform/streams.ts";

/** A contest's record before it is signed. `finalHash` is the stored one, so that a changed row shows. */
export type ContestRecord = { contest: JsonObject; stream: string; events: string[]; finalHash: string };

/** Signs a record; `verify.ts` says the forms. */
export type SealRecord = (record: ContestRecord) => JsonObject;

/** More than any contest tells. */
const EVENTS_MAX = 10_000;

/** The record of a contest that has ended: its header over all that its stream tells, signed, as JSON text. */
export async function sealedRecord(
  { db }: Platform,
  seal: SealRecord,
  { contest, stream }: Pick<ContestRecord, "contest" | "stream">,
): Promise<string> {
  const stored = await readTexts(db, stream, EVENTS_MAX);
  const finalHash = stored.at(-1)?.hash?.toString("hex") ?? "";
  return JSON.stringify(seal({ contest, stream, events: stored.map(({ text }) => text), finalHash }));
}
