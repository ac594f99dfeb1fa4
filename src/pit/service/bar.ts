import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Append } from "../../platform/streams.ts";
import { barCallouts } from "./callouts.ts";
import { barPresences } from "./lobby.ts";

/** Takes bots that may not play any more out of the Pit, and ends their callouts. */
export async function barFromPit(tx: Tx, platform: Platform, botIds: readonly string[]): Promise<Append[]> {
  return [...(await barPresences(tx, botIds)), ...(await barCallouts(tx, platform, botIds))];
}
