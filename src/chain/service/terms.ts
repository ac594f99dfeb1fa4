import type { Platform } from "../../platform/platform.ts";
import { TYPED_DATA } from "../adapter/typed-data.ts";
import { withdrawalLimits, type WithdrawalLimits } from "../rules/withdrawals.ts";
import { payingFrom } from "../store/withdrawals.ts";
import { withdrawalsFrozen } from "./gate.ts";

/** On which chain and within which limits withdrawals are paid, and what wallets sign under. */
export type WithdrawalTerms = {
  chainId: number;
  tokenAddress: string;
  domainName: string;
  domainVersion: string;
  frozen: boolean;
  limits: WithdrawalLimits;
  perHour: number;
  winningsWaitMs: number;
};

/** The terms now; null where nothing pays. */
export async function withdrawalTerms({ db, settings }: Platform): Promise<WithdrawalTerms | null> {
  const [paying] = await db.query(payingFrom, []);
  if (!paying) return null;
  return {
    chainId: paying.chain_id,
    tokenAddress: paying.token_address,
    domainName: TYPED_DATA.name,
    domainVersion: TYPED_DATA.version,
    frozen: await withdrawalsFrozen(db),
    limits: withdrawalLimits(settings),
    perHour: settings.withdrawalsPerHour,
    winningsWaitMs: settings.withdrawalWinningsWaitMs,
  };
}
