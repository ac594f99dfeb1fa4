import type { Platform } from "../../platform/platform.ts";
import { readArtifacts, votesOf } from "../store.ts";

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

/** Votes for many entries, in their order, in one statement. */
export async function votesFor({ db }: Pick<Platform, "db">, entryIds: readonly string[]): Promise<number[]> {
  const rows = new Map((await db.query(votesOf, [entryIds])).map(({ entry_id, votes }) => [entry_id, votes]));
  return entryIds.map((id) => rows.get(id) ?? 0);
}
