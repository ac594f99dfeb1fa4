import type { Tx } from "../../platform/database.ts";
import { isSignedIn, type Viewer } from "../../platform/viewer.ts";
import { battleSeen } from "../store.ts";

/** Why a viewer may see a battle: it is in it, as its owner or with a gladiator, or everybody may; null when it may not. */
export async function mayBeSeen(
  db: Pick<Tx, "query">,
  viewer: Viewer,
  battleId: string,
): Promise<"INSIDE" | "PUBLIC" | null> {
  const [seen] = await db.query(battleSeen, [battleId, isSignedIn(viewer) ? viewer.userId : null]);
  if (seen?.inside) return "INSIDE";
  return seen?.public ? "PUBLIC" : null;
}
