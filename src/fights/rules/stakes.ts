import { available, emptiedKey, escrow, platformAccount, type Journal, type Posting } from "../../ledger/rules.ts";
import { amountOf, shareOf, type Amount } from "../../platform/money.ts";

/** What both sides of a fight put in, where it lies, and whose bots they are, by side. */
export type Stakes = { escrowId: string; each: Amount; sides: readonly [Staker, Staker] };
export type Staker = { botId: string; ownerId: string };

/** What the house keeps of both stakes of a fight that somebody won, in per cent. */
export const FIGHT_RAKE_PERCENT = 3n;

/** What one side gets out of the stakes. */
export type Payout = { botId: string; amount: Amount };
/** How the stakes of a fight end: the one journal that empties its escrow, and what each side gets by it. */
export type Settlement = { journal: Journal; payouts: Payout[] };

/** The winner takes both stakes less the rake, rounded down; without a winner both get theirs back whole. */
export function settle(fightId: string, { escrowId, each, sides }: Stakes, winnerBotId: string | null): Settlement {
  const both = amountOf(2n * each);
  const winner = sides.find(({ botId }) => botId === winnerBotId);
  const rake = winner ? shareOf(both, FIGHT_RAKE_PERCENT, 100n) : amountOf(0n);
  const payouts = sides.map(({ botId }): Payout => {
    if (!winner) return { botId, amount: each };
    return { botId, amount: botId === winnerBotId ? amountOf(both - rake) : amountOf(0n) };
  });
  const paid = payouts.flatMap(({ amount }, side): Posting[] => {
    const staker = sides[side];
    return staker && amount > 0n ? [{ ...available(staker.ownerId), amount }] : [];
  });
  const postings = [
    { ...escrow(escrowId), amount: 0n - both },
    ...paid,
    ...(rake > 0n ? [{ ...platformAccount("house:rake"), amount: rake }] : []),
  ];
  const kind = winner ? "STAKE_SETTLED" : "STAKE_REFUNDED";
  return { journal: { kind, reference: `Fight:${fightId}`, key: emptiedKey(escrowId), postings }, payouts };
}
