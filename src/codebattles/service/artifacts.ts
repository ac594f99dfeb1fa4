import type { Platform } from "../../platform/platform.ts";
import type { Report } from "../rules/judging.ts";
import { readArtifacts, scoresOf } from "../store.ts";

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

/** What came of many entries, in their order, in one statement; null before they are judged. */
export async function reportsOf({ db }: Pick<Platform, "db">, entryIds: readonly string[]): Promise<(Report | null)[]> {
  const scores = new Map((await db.query(scoresOf, [entryIds])).map(({ id, score }) => [id, score as Report | null]));
  return entryIds.map((id) => scores.get(id) ?? null);
}
