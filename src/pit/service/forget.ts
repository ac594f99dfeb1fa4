import type { Tx } from "../../platform/database.ts";
import { forgetCallouts, forgetMessages, forgetTold } from "../store.ts";

/** Takes away, in the caller's transaction, what the bots of a person who is gone said in the Pit: its stream keeps that somebody spoke. */
export async function forgetSaid(tx: Tx, userId: string): Promise<void> {
  await tx.query(forgetMessages, [userId]);
  await tx.query(forgetCallouts, [userId]);
  await tx.query(forgetTold, [userId]);
}
