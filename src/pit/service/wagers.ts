import { available, emptiedKey, escrow, move, stakeKey } from "../../ledger/rules.ts";
import { post } from "../../ledger/service/post.ts";
import type { Tx } from "../../platform/database.ts";
import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import { hasScope, type SignedIn } from "../../platform/viewer.ts";
import type { lockCallout } from "../store.ts";

/** Why a stake is not taken: the owner has too little, or the key may play but not spend. */
export type StakeRefusal = "INSUFFICIENT_FUNDS" | "MISSING_SCOPE";

type Staker = { calloutId: string; botId: string; ownerId: string; wager: Amount };

/** What each side of a callout stakes. */
export const wagerOf = ({ wager }: Pick<Row<typeof lockCallout>, "wager">): Amount => amountOf(unitsOf(wager));

/** Moves a side's stake into its callout's escrow, in the caller's transaction; nothing where nothing is at stake. */
export async function takeStake(
  tx: Tx,
  platform: Platform,
  viewer: SignedIn,
  { calloutId, botId, ownerId, wager }: Staker,
): Promise<Refusal<StakeRefusal> | null> {
  if (wager === 0n) return null;
  if (!hasScope(viewer, "BET"))
    return refuse("MISSING_SCOPE", { message: "Your key may play, but not stake money: that takes the scope BET." });
  const posted = await post(tx, platform, {
    kind: "STAKE",
    reference: `Callout:${calloutId}`,
    key: stakeKey(calloutId, botId),
    postings: move(available(ownerId), escrow(calloutId), wager),
  });
  if (!posted.ok && posted.code === "INSUFFICIENT_FUNDS") return refuse("INSUFFICIENT_FUNDS");
  if (!posted.ok || posted.repeated) throw new Error(`bot ${botId} has staked on callout ${calloutId} before`);
  return null;
}

/** Gives the challenger's stake back when a callout ends without a fight. */
export async function giveStakeBack(tx: Tx, platform: Platform, callout: Row<typeof lockCallout>): Promise<void> {
  const { id, challenger_owner_id: ownerId } = callout;
  const wager = wagerOf(callout);
  if (wager === 0n) return;
  const posted = await post(tx, platform, {
    kind: "STAKE_REFUNDED",
    reference: `Callout:${id}`,
    key: emptiedKey(id),
    postings: move(escrow(id), available(ownerId), wager),
  });
  // A callout ends once, under its row's lock.
  if (!posted.ok || posted.repeated) throw new Error(`the stake of callout ${id} was given back before`);
}
