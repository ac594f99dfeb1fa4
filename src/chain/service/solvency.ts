import { startLeased, type LeasedLoop } from "../../platform/leased-loop.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { openTransferReader } from "../adapter/transfers.ts";
import { custodyOf, lastSolvency, liabilitiesAt, noteSolvency } from "../store/solvency.ts";
import { fundFaucet, type Funding } from "./custody.ts";
import { freezeWithdrawals } from "./gate.ts";

/** What is owed as of a final block, and what the chain has for it there, in base units. */
export type Solvency = { height: number; custody: bigint; liabilities: bigint };

const BEFORE_ALL = new Date(0);

/** Each minute compares what is owed with what the chain has; on play money it also sees to what the faucet grants. */
export function startSolvency(
  platform: Platform,
  rpcUrl: string,
  { funding, node }: { funding: Funding | null; node: string },
): LeasedLoop {
  return startLeased(platform, node, {
    lease: "solvency",
    round: async () => {
      if (funding) await fundFaucet(platform, rpcUrl, funding);
      await checkSolvency(platform, rpcUrl);
    },
    tickMs: platform.settings.solvencyCheckMs,
    failed: "the chain could not be asked what it has; the next look tries again",
  });
}

/**
 * Looks at the final block: what all of our wallets have there must cover what was owed then. A shortfall holds withdrawals
 * back until an operator lifts it. Null where the endpoint knows no final block, or nothing is in custody.
 */
export async function checkSolvency(platform: Platform, rpcUrl: string): Promise<Solvency | null> {
  const { db, clock, log } = platform;
  const [custody] = await db.query(custodyOf, []);
  if (!custody) return null;
  const reader = openTransferReader(rpcUrl, custody.token_address);
  const { finalized: height } = await reader.heads();
  if (height === null) return null;
  // The chain first: what is booked after this look can only lower what is owed.
  const { hot_address: hot, addresses } = custody;
  const [has, paid] = await Promise.all([
    reader.balances(addresses, height),
    hot === null ? 0 : reader.count(hot, height),
  ]);
  const [owed] = await db.query(liabilitiesAt, [height, paid, custody.open_at ?? BEFORE_ALL]);
  const found = { height, custody: has, liabilities: unitsOf(owed?.liabilities ?? "0") };
  await db.transact(async (tx) => {
    await tx.query(noteSolvency, [height, has.toString(), found.liabilities.toString(), clock.now()]);
    if (found.liabilities <= has) return;
    const words = `at block ${height} the chain has ${formatAmount(amountOf(has))} for ${formatAmount(amountOf(found.liabilities))} that are owed`;
    tx.afterCommit(() => log.error({ alarm: "SHORTFALL", ...textOf(found) }, words));
    await freezeWithdrawals(tx, platform, { reason: "SHORTFALL", detail: words });
  });
  return found;
}

const textOf = ({ custody, liabilities, height }: Solvency) => ({
  height,
  custody: custody.toString(),
  liabilities: liabilities.toString(),
});

/** What the last look found; null before the first. */
export async function solvencyNow({ db }: Pick<Platform, "db">): Promise<(Solvency & { checkedAt: Date }) | null> {
  const [row] = await db.query(lastSolvency, []);
  if (!row) return null;
  const { height, custody, liabilities, checked_at: checkedAt } = row;
  return { height, custody: unitsOf(custody), liabilities: unitsOf(liabilities), checkedAt };
}
