import { expect, test } from "vitest";
import { north } from "../../shell/amount.ts";
import { oddsOf, paysNow, rakeOf, shareOf, wouldPay, type Stakes } from "./odds.ts";

const pool = (a: number, b: number): Stakes => ({ sides: [north(a), north(b)], rakePercent: 3n });

test.each<[left: number, right: number, rake: number, ...shown: (string | null)[]]>([
  // left, right, rake, odds left, odds right, share left: 8,439,000 + 6,411,000 less 445,500
  [8_439_000, 6_411_000, 445_500, "1.70", "2.24", "56.8 %"],
  [100_000, 100_000, 6_000, "1.94", "1.94", "50.0 %"],
  [50_000, 0, 0, null, null, "100.0 %"],
  [0, 0, 0, null, null, "–"],
])("a pool of %i and %i", (a, b, rake, ...shown) => {
  const stakes = pool(a, b);
  expect(rakeOf(stakes)).toBe(north(rake));
  expect([oddsOf(stakes, 0), oddsOf(stakes, 1), shareOf(stakes.sides, 0)]).toEqual(shown);
});

test("a bet is estimated with itself in the pool, and pays the same once it is in", () => {
  // 100,000 joins 100,000 on the left against 200,000: half of 388,000.
  expect(wouldPay(pool(100_000, 200_000), 0, north(100_000))).toBe(north(194_000));
  expect(paysNow(pool(200_000, 200_000), 0, north(100_000))).toBe(north(194_000));
});

test("shares are rounded down, so that the pool is never overpaid", () => {
  // Ten units less no rake, three bets of 1 on the left: 3 each, and one is dust.
  expect(paysNow({ sides: [3n, 7n], rakePercent: 3n }, 0, 1n)).toBe(3n);
});

test("with bets on one side only a stake comes back", () => {
  expect(wouldPay(pool(0, 0), 1, north(50_000))).toBe(north(50_000));
  expect(paysNow(pool(0, 50_000), 1, north(50_000))).toBe(north(50_000));
});

test("another rake is reckoned with as the server gives it", () => {
  // 200 less 10 for 100 on the winner.
  expect(wouldPay({ sides: [0n, 100n], rakePercent: 5n }, 0, 100n)).toBe(190n);
});
