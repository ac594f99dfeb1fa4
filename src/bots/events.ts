import type { Tx } from "../platform/database.ts";
import type { Platform } from "../platform/platform.ts";
import { port } from "../platform/port.ts";
import type { Append } from "../platform/streams.ts";

/** Ends, in the caller's transaction, what bots that may not play any more wait for; gives what is to be told of it. */
export type BarBots = (tx: Tx, platform: Platform, botIds: readonly string[]) => Promise<Append[]>;

/** The port by which archiving and suspending reach queues, callouts and the Pit. */
export const barBots = port<BarBots>("bots.barBots");
