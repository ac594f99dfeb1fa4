import fc from "fast-check";
import { expect, test } from "vitest";
import { faultOf } from "../../ledger/rules.ts";
import { amountOf } from "../../platform/money.ts";
import { settle, type Stakes } from "./stakes.ts";

const NORTH = 10n ** 18n;
const [ANN, BOB] = [
  { botId: "a", ownerId: "ann" },
  { botId: "b", ownerId: "bob" },
] as const;
const stakesOf = (each: bigint): Stakes => ({ escrowId: "e", each: amountOf(each), sides: [ANN, BOB] });

test.each<[string, bigint, string | null, [bigint, bigint, bigint]]>([
  // each stake, winner, what a, b and the house get: by hand
  ["the winner takes both less 3 %", 100n, "a", [194n, 0n, 6n]],
  ["whichever side it is on", 100n, "b", [0n, 194n, 6n]],
  ["50,000 NORTH win 97,000", 50_000n * NORTH, "a", [97_000n * NORTH, 0n, 3_000n * NORTH]],
  ["the rake is rounded down: 3 % of 34 is 1", 17n, "a", [33n, 0n, 1n]],
  ["3 % of 32 is nothing", 16n, "b", [0n, 32n, 0n]],
  ["a draw gives each its own", 100n, null, [100n, 100n, 0n]],
  ["also one unit", 1n, null, [1n, 1n, 0n]],
])("%s", (_sentence, each, winner, wanted) => {
  const { journal, payouts } = settle("f", stakesOf(each), winner);
  const got = (name: string) =>
    journal.postings.find(({ account, subjectId }) => `${account} ${subjectId}`.startsWith(name))?.amount ?? 0n;
  expect([got("user:available ann"), got("user:available bob"), got("house:rake")]).toEqual(wanted);
  expect(got("escrow e")).toBe(-2n * each);
  expect(payouts.map(({ amount }) => amount)).toEqual(wanted.slice(0, 2));
});

test("whatever was staked, the escrow is emptied to the last unit and a refund has no rake", () => {
  const anyStake = fc.oneof(fc.bigInt({ min: 1n, max: 200n }), fc.bigInt({ min: 10n ** 29n, max: 10n ** 30n }));
  fc.assert(
    fc.property(anyStake, fc.constantFrom("a", "b", null), (each, winner) => {
      const { journal, payouts } = settle("f", stakesOf(each), winner);
      expect(faultOf(journal.postings)).toBeNull();
      const paid = payouts.reduce((sum, { amount }) => sum + amount, 0n);
      expect(2n * each - paid).toBe(winner === null ? 0n : (6n * each) / 100n);
      expect(journal.key).toBe("escrow:e:emptied");
    }),
  );
});
