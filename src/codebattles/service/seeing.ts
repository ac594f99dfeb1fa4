import type { Tx } from "../../platform/database.ts";
import { isSignedIn, type Viewer } from "../../platform/viewer.ts";
import { hasEntryIn } from "../store.ts";

/** Whether a viewer may see a battle: everybody a public one, else its owner and those whose gladiators are in it. */
export async function isSeenBy(
  db: Pick<Tx, "query">,
  viewer: Viewer,
  { id, isPublic, ownerId }: { id: string; isPublic: boolean; ownerId: string },
): Promise<boolean> {
  if (isPublic) return true;
  if (!isSignedIn(viewer)) return false;
  return ownerId === viewer.userId || (await db.query(hasEntryIn, [id, viewer.userId])).length > 0;
}
