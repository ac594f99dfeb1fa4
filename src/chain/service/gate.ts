import type { Tx } from "../../platform/database.ts";
import type { Amount } from "../../platform/money.ts";
import { stoppedByOperator } from "../store/withdrawals.ts";

type Reading = Pick<Tx, "query">;

/** Whether operators hold all withdrawals back: none is taken, none signed, and what was signed and not sent stays here. */
export const withdrawalsFrozen = async (tx: Reading): Promise<boolean> =>
  (await tx.query(stoppedByOperator, [])).length > 0;

/** How much of a user's money may leave; null for all of it. Whoever credits what is not final yet binds it. */
export const withdrawable: { call: (tx: Reading, userId: string) => Promise<Amount | null> } = {
  call: () => Promise.resolve(null),
};
