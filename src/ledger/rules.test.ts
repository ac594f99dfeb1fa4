import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AMOUNT_MAX, amountOf, north } from "../platform/money.ts";
import {
  ACCOUNTS,
  available,
  dayOf,
  escrow,
  faucetGrant,
  faultOf,
  held,
  move,
  openFrom,
  platformAccount,
  pool,
  prize,
  reversed,
  totalsIn,
  untilNextDayMs,
  type Moved,
  type Posting,
} from "./rules.ts";

const [ANN, BOB] = ["00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"] as const;
const rake = platformAccount("house:rake");
const on = (account: ReturnType<typeof available>, amount: bigint): Posting => ({ ...account, amount });

test.each<[string, Posting[], ReturnType<typeof faultOf>]>([
  ["no posting moves nothing", [], "TOO_FEW_POSTINGS"],
  ["one posting makes money, even of 0", [on(available(ANN), 0n)], "TOO_FEW_POSTINGS"],
  ["an account stands in it once", [on(available(ANN), 1n), on(available(ANN), -1n)], "ACCOUNT_TWICE"],
  ["two accounts of a user are two", [on(available(ANN), -1n), on(held(ANN), 1n)], null],
  ["the same kind of two users is two", [on(available(ANN), -1n), on(available(BOB), 1n)], null],
  ["a posting of 0 is none", [on(available(ANN), -1n), on(rake, 0n), on(held(ANN), 1n)], "MOVES_NOTHING"],
  ["more than a column holds", [on(available(ANN), AMOUNT_MAX + 1n), on(rake, -AMOUNT_MAX - 1n)], "TOO_LARGE"],
  ["as much as a column holds", [on(available(ANN), AMOUNT_MAX), on(rake, -AMOUNT_MAX)], null],
  ["what one gives another gets", [on(available(ANN), -3n), on(rake, 2n)], "NOT_BALANCED"],
  ["one unit at 10^29 counts", [on(available(ANN), -(10n ** 29n)), on(rake, 10n ** 29n + 1n)], "NOT_BALANCED"],
  ["three may share", [on(available(ANN), -100n), on(available(BOB), 97n), on(rake, 3n)], null],
])("%s", (_sentence, postings, fault) => expect(faultOf(postings)).toBe(fault));

test("accounts are named by what they are about", () => {
  const named = [available(ANN), held(ANN), pool(ANN), escrow(ANN), prize(ANN), rake];
  expect(named.map(({ account }) => account)).toEqual([
    "user:available",
    "user:held",
    "pool",
    "escrow",
    "prize",
    "house:rake",
  ]);
  expect(new Set(ACCOUNTS).size).toBe(10);
});

test("a move takes from one what it gives to another", () => {
  expect(move(available(ANN), escrow(BOB), amountOf(7n))).toEqual([
    { account: "user:available", subjectId: ANN, amount: -7n },
    { account: "escrow", subjectId: BOB, amount: 7n },
  ]);
});

test.each([
  ["2026-11-26T00:00:00.000Z", "2026-11-26", 86_400_000],
  ["2026-11-26T18:30:00.000Z", "2026-11-26", 19_800_000],
  ["2026-11-26T23:59:59.999Z", "2026-11-26", 1],
])("at %s the day is %s and the next one comes in %i ms", (at, day, wait_ms) => {
  expect(dayOf(new Date(at))).toBe(day);
  expect(untilNextDayMs(new Date(at))).toBe(wait_ms);
});

test.each([
  ["2026-11-26T03:00:00.000Z", "2026-11-26T00:00:00.000Z"],
  ["2026-11-26T01:00:00.000Z", "2026-11-26T00:00:00.000Z"],
  ["2026-11-26T00:59:59.999Z", "2026-11-25T00:00:00.000Z"],
])("at %s everything before %s may be closed", (now, from) => {
  expect(openFrom(new Date(now)).toISOString()).toBe(from);
});

test("a grant of a day has the same key all day and another one the next", () => {
  const key = (at: string) => faucetGrant(ANN, north(1), new Date(at)).key;
  expect(key("2026-11-26T00:00:00Z")).toBe(key("2026-11-26T23:59:59.999Z"));
  expect(key("2026-11-27T00:00:00Z")).not.toBe(key("2026-11-26T23:59:59.999Z"));
});

const MOVED: Moved[] = [
  { account: "user:available", kind: "FAUCET", amount: 1_000n },
  { account: "user:available", kind: "DEPOSIT", amount: 500n },
  { account: "user:available", kind: "STAKE", amount: -200n },
  { account: "user:available", kind: "STAKE_REFUNDED", amount: 50n },
  { account: "user:available", kind: "STAKE_SETTLED", amount: 291n },
  { account: "user:available", kind: "BET", amount: -30n },
  { account: "user:available", kind: "POOL_SETTLED", amount: 44n },
  { account: "user:available", kind: "WITHDRAWAL_RESERVED", amount: -100n },
  { account: "user:held", kind: "WITHDRAWAL_RESERVED", amount: 100n },
  { account: "user:held", kind: "WITHDRAWAL_PAID", amount: -60n },
];

test("totals are net of refunds, and the faucet is no deposit", () => {
  expect(totalsIn(MOVED)).toEqual({ deposited: 500n, withdrawn: 60n, wagered: 180n, won: 335n });
  expect(totalsIn([])).toEqual({ deposited: 0n, withdrawn: 0n, wagered: 0n, won: 0n });
});

describe("whatever is moved", () => {
  const accounts = [available(ANN), held(ANN), available(BOB), escrow(ANN), pool(BOB), rake];
  const journals = fc
    .array(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n }), { minLength: 1, maxLength: accounts.length - 1 })
    .map((amounts) => [...amounts, -amounts.reduce((sum, each) => sum + each, 0n)])
    .filter((amounts) => amounts.every((each) => each !== 0n))
    .map((amounts) => amounts.map((amount, index) => ({ ...accounts[index]!, amount })));

  test("what balances has no fault, and one unit more has", () => {
    fc.assert(
      fc.property(journals, ([first, ...rest]) => {
        expect(faultOf([first!, ...rest])).toBeNull();
        const more = first!.amount + 1n;
        expect(faultOf([{ ...first!, amount: more }, ...rest])).toBe(more === 0n ? "MOVES_NOTHING" : "NOT_BALANCED");
      }),
    );
  });

  test("a reversal has no fault and is taken back by what it took back", () => {
    fc.assert(
      fc.property(journals, (postings) => {
        expect(faultOf(reversed(postings))).toBeNull();
        expect(reversed(reversed(postings))).toEqual(postings);
      }),
    );
  });
});
