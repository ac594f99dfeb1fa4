import { Money } from "../../shell/money.tsx";
import { paysNow } from "./odds.ts";
import type { Bet, Corner, Pool } from "./pool.ts";

const sideClass = (side: number) => (side === 0 ? "ta" : "tb");

/** What one has in a pool, by side, and what it pays or paid. */
export function MyBets({ bets, pool, corners }: { bets: readonly Bet[]; pool: Pool; corners: readonly Corner[] }) {
  return ([0, 1] as const).map((side) => {
    const mine = bets.filter((bet) => bet.side === side);
    if (mine.length === 0) return null;
    const staked = mine.reduce((sum, { amount }) => sum + amount, 0n);
    const paid = mine.reduce((sum, { payout }) => sum + (payout ?? 0n), 0n);
    const [says, amount] = outcomeOf(mine, pool, paid);
    return (
      <div key={side} className="mine">
        <div className="between">
          <span className="sm">
            <b>{mine.length === 1 ? "Your bet" : `Your ${mine.length} bets`}</b> on{" "}
            <span className={sideClass(side)}>{corners[side]?.bot.name}</span>
          </span>
          <Money units={staked} className="" />
        </div>
        <div className="between" role="status">
          <span className="sm dim">{says}</span>
          <Money units={amount ?? paysNow(pool, side, staked)} />
        </div>
      </div>
    );
  });
}

/** What became of bets on a side; while that is open the amount is what the pool would pay. */
function outcomeOf(bets: readonly Bet[], pool: Pool, paid: bigint): [says: string, amount: bigint | null] {
  const [first] = bets;
  if (first?.status === "WON") return ["Won: paid", paid];
  if (first?.status === "LOST") return ["Lost: paid", 0n];
  if (first?.status === "REFUNDED") return ["Given back", paid];
  return [pool.status === "OPEN" ? "Pays now if it wins" : "Pays if it wins", null];
}
