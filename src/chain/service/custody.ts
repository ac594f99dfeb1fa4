import { amountOf, north, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { countAt, fundFrom } from "../adapter/payments.ts";
import { openTransferReader } from "../adapter/transfers.ts";
import { DEVELOPMENT_ADDRESSES, LOCAL_CHAIN_ID } from "../rules/chain.ts";
import {
  depositingTo,
  isWatched,
  openWatch,
  pendingOf,
  registerMaster,
  retireMaster,
  watchState,
} from "../store/deposits.ts";
import { faucetFunds } from "../store/solvency.ts";

/** Where deposits go to: the account, the chain with its token, and when they count. */
export type Custody = { address: string; chainId: number; tokenAddress: string; creditTag: string };

/**
 * Makes an account the one that deposits go to. What comes to earlier ones counts, too. Reading begins with the first block of
 * a local chain; of any other with the block that is final when the first account is registered.
 */
export async function registerCustody(platform: Platform, rpcUrl: string, custody: Custody): Promise<void> {
  const { address, chainId, tokenAddress, creditTag } = custody;
  const { db, clock } = platform;
  const [watched] = await db.query(isWatched, []);
  const first = watched || chainId === LOCAL_CHAIN_ID ? 0 : await finalHeight(rpcUrl, tokenAddress);
  await db.transact(async (tx) => {
    await tx.query(retireMaster, [address]);
    await tx.query(registerMaster, [address, clock.now()]);
    await tx.query(openWatch, [creditTag, first]);
  });
}

async function finalHeight(rpcUrl: string, token: string): Promise<number> {
  const { finalized } = await openTransferReader(rpcUrl, token).heads();
  if (finalized === null) throw new Error("the endpoint does not say which block is final");
  return finalized;
}

/** Where deposits go to now. */
export type DepositTerms = Row<typeof depositingTo>;

/** Where deposits go to now; null where none are taken. */
export async function depositTerms({ db }: Pick<Platform, "db">): Promise<DepositTerms | null> {
  const [terms] = await db.query(depositingTo, []);
  return terms ?? null;
}

/** What is on its way to a user, and may still vanish. */
export async function pendingFor({ db }: Pick<Platform, "db">, userId: string): Promise<Amount> {
  const [row] = await db.query(pendingOf, [userId]);
  return amountOf(unitsOf(row?.amount ?? "0"));
}

/** Who funds play money on the local chain, and where its tokens go. */
export type Funding = { address: string; tokenAddress: string; funder: string };

/** The newest block that the watcher has seen; null before its first look. */
export async function newestBlock({ db }: Pick<Platform, "db">): Promise<number | null> {
  const [watch] = await db.query(watchState, []);
  return watch?.latest_height ?? null;
}

const FAUCET_TOKENS = north(1_000_000_000);

/**
 * Play money is somebody's money, too: on the local chain a thousand days' grants are sent to the custody wallet whenever
 * less than half of that is left. They come from an account of their own, by which they are known, and are booked when they are seen.
 */
export async function fundFaucet(
  { db }: Pick<Platform, "db">,
  rpcUrl: string,
  { address, tokenAddress, funder }: Funding,
): Promise<void> {
  const [faucet] = await db.query(faucetFunds, [funder]);
  if (!faucet || unitsOf(faucet.unspent) >= FAUCET_TOKENS / 2n) return;
  // What it has sent and was not booked yet is on its way.
  if ((await countAt(rpcUrl, funder)) > faucet.funded) return;
  const [distributor] = DEVELOPMENT_ADDRESSES;
  await fundFrom(rpcUrl, { distributor, by: funder, to: address, tokenAddress, tokens: FAUCET_TOKENS });
}
