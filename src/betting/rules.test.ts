import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AMOUNT_MAX, amountOf, north } from "../platform/money.ts";
import { estimateOf, isBet, oddsOf, payoutOf, poolOf, refuseStake, shareOut } from "./rules.ts";

const bet = (botId: string, amount: bigint) => ({ botId, amount: amountOf(amount) });
const conflicted = (botId: string, amount: bigint) => ({ ...bet(botId, amount), conflicted: true });

// Computed by hand: the rake is 3 % rounded down, shares are rounded down, what is left over is the house's.
test.each<[string, ReturnType<typeof bet>[], string | null, bigint[], bigint]>([
  ["two sides of 100: the winner gets 194", [bet("a", 100n), bet("b", 100n)], "a", [194n, 0n], 6n],
  ["3 + 3 + 4 against 0: one-sided", [bet("a", 3n), bet("a", 3n), bet("a", 4n)], "a", [3n, 3n, 4n], 0n],
  [
    "thirds leave dust: 970 / 3 = 323",
    [bet("a", 1n), bet("a", 1n), bet("a", 1n), bet("b", 997n)],
    "a",
    [323n, 323n, 323n, 0n],
    31n,
  ],
  ["nobody backed the winner", [bet("a", 5n), bet("b", 7n)], "c", [5n, 7n], 0n],
  ["a draw", [bet("a", 5n), bet("b", 7n)], null, [5n, 7n], 0n],
  [
    "the whole supply on one side, one unit on the other",
    [bet("a", 10n ** 29n), bet("b", 1n)],
    "b",
    [0n, 97_000_000_000_000_000_000_000_000_001n],
    3_000_000_000_000_000_000_000_000_000n,
  ],
  [
    "an interest on the winner is given back, and the others share 200",
    [bet("a", 100n), conflicted("a", 900n), bet("b", 100n)],
    "a",
    [194n, 900n, 0n],
    6n,
  ],
  [
    "one on the loser does not pay the winner",
    [bet("a", 100n), bet("b", 100n), conflicted("b", 900n)],
    "a",
    [194n, 0n, 900n],
    6n,
  ],
  ["only an interest backed the winner", [conflicted("a", 5n), bet("b", 7n)], "a", [5n, 7n], 0n],
  ["only an interest was against it", [bet("a", 5n), conflicted("b", 7n)], "a", [5n, 7n], 0n],
])("%s", (_sentence, bets, winner, payouts, rake) => {
  expect(shareOut(bets, winner)).toMatchObject({ payouts, rake });
});

const bets = fc.array(
  fc.record({
    botId: fc.constantFrom("a", "b", "c"),
    amount: fc.bigInt({ min: 1n, max: 10n ** 29n }).map(amountOf),
    conflicted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, each) => total + each, 0n);

describe("whatever was bet and whoever won", () => {
  test("payouts and the house's part are the pool, exactly, and the house's part is the rake and less than a unit a winner", () => {
    fc.assert(
      fc.property(bets, fc.constantFrom("a", "b", "c", null), (placed, winner) => {
        const total = sum(placed.map(({ amount }) => amount));
        const { outcome, payouts, rake } = shareOut(placed, winner);
        expect(sum(payouts) + rake).toBe(total);
        const counted = outcome === "REFUNDED" ? [] : placed.filter((each) => !each.conflicted);
        const winners = counted.filter(({ botId }) => botId === winner).length;
        const exact = (sum(counted.map(({ amount }) => amount)) * 3n) / 100n;
        expect(rake).toBeGreaterThanOrEqual(exact);
        expect(rake).toBeLessThanOrEqual(exact + BigInt(winners));
      }),
    );
  });

  test("the estimate of a bet is what it gets when nobody bets after it", () => {
    fc.assert(
      fc.property(bets, (all) => {
        const placed = all.map(({ botId, amount }) => ({ botId, amount }));
        const last = placed.at(-1);
        if (!last) return;
        const before = placed.slice(0, -1);
        const pool = {
          total: amountOf(sum(before.map(({ amount }) => amount))),
          backed: amountOf(sum(before.filter(({ botId }) => botId === last.botId).map(({ amount }) => amount))),
        };
        expect(estimateOf(pool, last.amount)).toBe(shareOut(placed, last.botId).payouts.at(-1));
      }),
    );
  });
});

test.each([
  [200n, 100n, "1.94"],
  [300n, 100n, "2.91"],
  [100n, 100n, "1.00"],
  [1_000n, 3n, "323.33"],
  [100n, 0n, null],
])("in a pool of %i with %i on a bot its odds are %s", (total, backed, odds) => {
  expect(oddsOf({ total: amountOf(total), backed: amountOf(backed) })).toBe(odds);
});

test("odds are those of one base unit at any size", () => {
  expect(payoutOf({ total: amountOf(2n * 10n ** 29n), backed: amountOf(10n ** 29n) }, amountOf(10n ** 29n))).toBe(
    194n * 10n ** 27n,
  );
});

test.each([
  ["less than 50,000 NORTH", north(50_000) - 1n, "BET_TOO_SMALL"],
  ["50,000 NORTH", north(50_000), null],
  ["10,000,000 NORTH", north(10_000_000), null],
  ["more than 10,000,000 NORTH", north(10_000_000) + 1n, "BET_TOO_LARGE"],
  ["nothing", 0n, "BET_TOO_SMALL"],
])("%s", (_sentence, amount, refusal) => expect(refuseStake(amountOf(amount))).toBe(refusal));

test.each([
  ["nothing", 0n, false, false],
  ["less than 50,000 NORTH", north(50_000) - 1n, false, false],
  ["50,000 NORTH", north(50_000), true, true],
  ["more than 500,000 NORTH", north(500_000) + 1n, true, false],
  ["all that 78 digits hold", AMOUNT_MAX, false, false],
])("%s is a bet: %s, in an exhibition: %s", (_sentence, amount, rated, exhibition) => {
  expect([isBet(amountOf(amount), false), isBet(amountOf(amount), true)]).toEqual([rated, exhibition]);
});

test.each([
  ["RATED_QUEUE", true, false, true, "RATED"],
  ["RATED_QUEUE", true, false, false, "RATED"],
  ["RATED_QUEUE", false, false, true, null],
  ["TOURNAMENT", true, false, false, "RATED"],
  ["CALLOUT", false, false, true, "EXHIBITION"],
  ["CALLOUT", false, false, false, null],
  ["PRACTICE_QUEUE", false, false, true, null],
  ["RATED_QUEUE", true, true, true, null],
  ["CALLOUT", false, true, true, null],
] as const)("%s, rated: %s, with a house bot: %s, exhibitions: %s", (origin, rated, withHouse, exhibitions, pool) => {
  expect(poolOf({ origin, rated, withHouse }, exhibitions)).toBe(pool);
});
