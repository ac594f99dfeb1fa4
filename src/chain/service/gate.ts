import type { Tx } from "../../platform/database.ts";
import type { Amount } from "../../platform/money.ts";

type Reading = Pick<Tx, "query">;

/** Whether operators, or a doubt about the chain, keep all withdrawals back. */
export const withdrawalsFrozen = (_tx: Reading): Promise<boolean> => Promise.resolve(false);

/** How much of a user's money rests on final deposits; null for all of it. */
export const withdrawable = (_tx: Reading, _userId: string): Promise<Amount | null> => Promise.resolve(null);
