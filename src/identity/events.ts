import type { Tx } from "../platform/database.ts";
import type { Platform } from "../platform/platform.ts";
import { port } from "../platform/port.ts";
import type { Append } from "../platform/streams.ts";

/** Ends, in the caller's transaction, what the bots of a suspended or deleted user wait for; gives what is to be told of it. */
export type BarUser = (tx: Tx, platform: Platform, userId: string) => Promise<Append[]>;

/** The port by which a user's end reaches its bots. */
export const barUser = port<BarUser>("identity.barUser");

/** Gives a wallet's owner, in the caller's transaction, what waits for whoever proves that wallet. Its address is in lower case. */
export type WalletProved = (tx: Tx, platform: Platform, proved: { userId: string; address: string }) => Promise<void>;

/** The port by which a proved wallet reaches what it sent before. */
export const walletProved = port<WalletProved>("identity.walletProved");

/** Ends and takes away, in the caller's transaction, what a person who deletes the account published, wanted and took part in. */
export type PersonGone = (tx: Tx, platform: Platform, userId: string) => Promise<void>;

/** The port by which a deleted account reaches what it said, its teams and its work. */
export const personGone = port<PersonGone>("identity.personGone");

/** Why a person's money keeps the account: it is at stake or on its way out, or it is real and would be nobody's. */
export type WhyMoneyStays = (
  tx: Tx,
  platform: Platform,
  userId: string,
) => Promise<"MONEY_IN_PLAY" | "MONEY_LEFT" | null>;

/** The port by which whoever deletes the account learns what would be lost with it. */
export const whyMoneyStays = port<WhyMoneyStays>("identity.whyMoneyStays");
