import type { JsonObject } from "../../platform/canonical-json.ts";
import type { Platform } from "../../platform/platform.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { accountRecord } from "../store.ts";

/** Everything that is stored about a user, without secrets, as JSON. */
export async function exportAccount({ db }: Platform, { userId }: SignedIn): Promise<JsonObject> {
  const [found] = await db.query(accountRecord, [userId]);
  return (found?.record ?? {}) as JsonObject;
}
