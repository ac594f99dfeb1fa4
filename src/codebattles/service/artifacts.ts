import type { Platform } from "../../platform/platform.ts";
import type { Report } from "../rules/judging.ts";
import { readArtifacts, reportParts } from "../store.ts";

/** Artifacts of many entries as text, in their order, in one statement; null where there is none. */
export async function artifactsOf(
  { db }: Pick<Platform, "db">,
  entryIds: readonly string[],
  kind: "DIFF" | "LOG",
): Promise<(string | null)[]> {
  const rows = Map.groupBy(await db.query(readArtifacts, [entryIds, kind]), ({ entry_id }) => entry_id);
  return entryIds.map((id) => {
    const chunks = rows.get(id);
    return chunks ? Buffer.concat(chunks.map(({ bytes }) => bytes)).toString() : null;
  });
}

/** One part of what came of many entries, in their order, in one statement; null before they are judged. */
export async function partsOf<Part extends keyof Report>(
  { db }: Pick<Platform, "db">,
  entryIds: readonly string[],
  part: Part,
): Promise<(Report[Part] | null)[]> {
  const parts = new Map((await db.query(reportParts, [entryIds, part])).map((row) => [row.id, row.part]));
  return entryIds.map((id) => (parts.get(id) ?? null) as Report[Part] | null);
}
