// What a pool pays: the house keeps its part of all, rounded down, and the rest is shared among the bets on the winner.

/** What lies in a pool, by side, in base units. */
export type Sides = readonly [bigint, bigint];

/** What lies in a pool, and what the house keeps of it in per cent. */
export type Stakes = { sides: Sides; rakePercent: bigint };

const totalOf = ([a, b]: Sides) => a + b;

/** Whether a pool can be paid at all: with bets on one side only everybody gets theirs back. */
export const isTwoSided = ([a, b]: Sides): boolean => a > 0n && b > 0n;

/** What the house keeps of a pool; nothing of one that is given back. */
export const rakeOf = ({ sides, rakePercent }: Stakes): bigint =>
  isTwoSided(sides) ? (totalOf(sides) * rakePercent) / 100n : 0n;

/** What a stake that already lies in the pool gets if its side wins. */
export function paysNow(stakes: Stakes, side: 0 | 1, stake: bigint): bigint {
  const { sides } = stakes;
  if (stake === 0n) return 0n;
  if (!isTwoSided(sides)) return stake;
  return (stake * (totalOf(sides) - rakeOf(stakes))) / sides[side];
}

/** What a stake would get if it were put in now and nobody came after it. */
export function wouldPay({ sides: [a, b], rakePercent }: Stakes, side: 0 | 1, stake: bigint): bigint {
  return paysNow({ sides: side === 0 ? [a + stake, b] : [a, b + stake], rakePercent }, side, stake);
}

/** What one unit on a side pays, with two decimals; null while the pool is not two-sided. */
export function oddsOf(stakes: Stakes, side: 0 | 1): string | null {
  const { sides } = stakes;
  if (!isTwoSided(sides)) return null;
  const hundredths = ((totalOf(sides) - rakeOf(stakes)) * 100n) / sides[side];
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, "0")}`;
}

/** A side's share of the pool in per cent, with one decimal. */
export function shareOf(sides: Sides, side: 0 | 1): string {
  const total = totalOf(sides);
  if (total === 0n) return "–";
  const tenths = (sides[side] * 1_000n) / total;
  return `${tenths / 10n}.${tenths % 10n} %`;
}
