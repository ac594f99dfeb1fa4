import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { moneyOfPerson } from "../store.ts";

/** What of a person's money would be lost with the account: what is at stake or on its way out; what is left only where it is real. */
export async function whyMoneyStays(
  tx: Tx,
  { playMoney }: Platform,
  userId: string,
): Promise<"MONEY_IN_PLAY" | "MONEY_LEFT" | null> {
  const [money] = await tx.query(moneyOfPerson, [userId]);
  if (money?.in_play) return "MONEY_IN_PLAY";
  return money?.left && !playMoney ? "MONEY_LEFT" : null;
}
