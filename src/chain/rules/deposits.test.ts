import fc from "fast-check";
import { expect, test } from "vitest";
import { available } from "../../ledger/rules.ts";
import { amountOf } from "../../platform/money.ts";
import {
  confirmationsOf,
  creditedTo,
  creditHeight,
  cutRange,
  judgeObservation,
  nextChunk,
  nextRange,
  parseCreditTag,
  refuseDeposit,
  reversalPostings,
  stateOfCursor,
  refuseRest,
  withdrawableOf,
  withPast,
} from "./deposits.ts";

test.each([
  ["finalized", { kind: "finalized" }],
  ["safe", { kind: "safe" }],
  ["latest-0", { kind: "latest", minus: 0 }],
  ["latest-12", { kind: "latest", minus: 12 }],
  ["latest-10000", { kind: "latest", minus: 10_000 }],
  ["latest-10001", null],
  ["latest", null],
  ["latest--1", null],
  ["latest-1.5", null],
  ["Finalized", null],
  ["", null],
])("the credit tag %j is read", (text, tag) => expect(parseCreditTag(text)).toEqual(tag));

const heads = { latest: 100, safe: 90, finalized: 80 };

test.each([
  ["at the finalized block", { kind: "finalized" }, heads, 80],
  ["at the safe block", { kind: "safe" }, heads, 90],
  ["so many blocks behind the newest", { kind: "latest", minus: 3 }, heads, 97],
  ["nowhere while the endpoint knows no such tag", { kind: "finalized" }, { ...heads, finalized: null }, null],
  ["nowhere on a chain that is too short", { kind: "latest", minus: 101 }, heads, null],
  ["at block 0 when that is just deep enough", { kind: "latest", minus: 100 }, heads, 0],
  ["never past the newest block", { kind: "safe" }, { ...heads, safe: 105 }, 100],
] as const)("credit is given %s", (_sentence, tag, given, height) => expect(creditHeight(tag, given)).toBe(height));

test.each([
  [2_000, "refused", 1_000],
  [1_000, "refused", 500],
  [3, "refused", 1],
  [1, "refused", 1],
  [1, "answered", 2],
  [1_500, "answered", 2_000],
  [2_000, "answered", 2_000],
] as const)("after a chunk of %i blocks that was %s comes one of %i", (blocks, outcome, next) =>
  expect(nextChunk(blocks, outcome)).toBe(next),
);

const cursor = { number: 10, hash: "0xa" };

test.each([
  ["without a cursor begins with the first block", [null, 5, 100, 20], { from: 5, to: 24 }],
  ["goes on behind the cursor", [cursor, 5, 100, 20], { from: 11, to: 30 }],
  ["ends at the head", [cursor, 5, 15, 20], { from: 11, to: 15 }],
  ["may be one block", [cursor, 5, 11, 20], { from: 11, to: 11 }],
  ["is none at the head", [cursor, 5, 10, 20], null],
  ["is none above a head that fell back", [cursor, 5, 7, 20], null],
  ["is none before the token's first block", [null, 5, 4, 20], null],
] as const)("the next range %s", (_sentence, [at, first, head, chunk], range) =>
  expect(nextRange(at, first, head, chunk)).toEqual(range),
);

test.each([
  ["as far back as lag is to be feared", [{ from: 101, to: 200 }, 0, 2_000], { from: 71, to: 200 }],
  ["not before the first block", [{ from: 11, to: 20 }, 5, 2_000], { from: 5, to: 20 }],
  ["half of what the endpoint answers", [{ from: 101, to: 110 }, 0, 10], { from: 96, to: 105 }],
  ["nothing when it answers one block at a time", [{ from: 101, to: 101 }, 0, 1], { from: 101, to: 101 }],
] as const)("with the next blocks are read again %s", (_sentence, [range, first, chunk], wanted) =>
  expect(withPast(range, first, chunk)).toEqual(wanted),
);

test.each([
  ["few deposits", 500, [1, 2, 3], 500],
  ["a hundred", 500, Array.from({ length: 100 }, (_, index) => index + 1), 100],
  ["more than a hundred", 500, Array.from({ length: 250 }, (_, index) => index + 1), 100],
  ["more than a hundred in one block", 500, Array.from({ length: 250 }, () => 7), 7],
] as const)("a range with %s ends where one transaction can credit it", (_sentence, to, heights, cut) =>
  expect(cutRange(to, heights)).toBe(cut),
);

const ANN = "11111111-1111-7111-8111-111111111111";
const account = (kind: string, subjectId = "00000000-0000-0000-0000-000000000000") => ({ account: kind, subjectId });

test.each([
  ["a wallet that somebody has proved is its owner's", "0xu", ANN, account("user:available", ANN)],
  ["a wallet that nobody has proved is nobody's", "0xu", null, account("chain:unattributed")],
  ["who funds play money gives to the faucet", "0xf", null, account("house:faucet")],
] as const)("what comes from %s", (_sentence, from, owner, wanted) =>
  expect(creditedTo(from, owner, "0xf")).toEqual(wanted),
);

test.each([
  // credited, left on the account, taken from it, lost
  [100n, 100n, 100n, 0n],
  [100n, 250n, 100n, 0n],
  [100n, 40n, 40n, 60n],
  [100n, 0n, 0n, 100n],
  [100n, null, 100n, 0n],
] as const)(
  "of a deposit of %d that vanished, with %d left, %d are taken back and %d are lost",
  (amount, left, taken, lost) => {
    const moved = reversalPostings(available(ANN), amountOf(amount), left === null ? null : amountOf(left));
    const on = (kind: string) => moved.find((posting) => posting.account === kind)?.amount ?? 0n;
    expect([on("user:available"), on("chain:loss"), on("chain:custody")]).toEqual([-taken, -lost, amount]);
  },
);

test.each([
  // has, not final, won, can leave
  [100n, 0n, 0n, 100n],
  [100n, 30n, 0n, 70n],
  [30n, 30n, 0n, 0n],
  [20n, 30n, 0n, 0n],
  [100n, 0n, 40n, 60n],
  [100n, 30n, 40n, 30n],
  [100n, 70n, 40n, 0n],
  [100n, 0n, -40n, 100n],
  [100n, 30n, -40n, 70n],
] as const)(
  "of %d with %d that are not final and %d that were just won, %d can be withdrawn",
  (has, notFinal, won, free) => expect(withdrawableOf({ has, notFinal, won })).toBe(free),
);

test.each([
  [60n, { has: 100n, notFinal: 0n, won: 40n }, null],
  [61n, { has: 100n, notFinal: 0n, won: 40n }, "WINNINGS_TOO_NEW"],
  [70n, { has: 100n, notFinal: 30n, won: 40n }, "WINNINGS_TOO_NEW"],
  [71n, { has: 100n, notFinal: 30n, won: 40n }, "FUNDS_NOT_FINAL"],
  [100n, { has: 100n, notFinal: 0n, won: 100n }, "WINNINGS_TOO_NEW"],
  // Who has too little hears of that from the ledger.
  [101n, { has: 100n, notFinal: 100n, won: 100n }, null],
] as const)("%d of %o is refused as %s", (amount, rests, refusal) => expect(refuseRest(amount, rests)).toBe(refusal));

test.each([
  ["PENDING", 50, 50, 1],
  ["CREDITED", 50, 61, 12],
  ["CREDITED", 50, null, 1],
  ["ORPHANED", 50, 61, null],
  ["REVERSED", 50, 61, null],
] as const)(
  "a %s deposit in block %i has, when block %i is the newest, %i confirmations",
  (state, height, latest, wanted) => expect(confirmationsOf(state, height, latest)).toBe(wanted),
);

test("whatever is refused, every block up to the head is asked about once and in order", () => {
  const heights = fc.record({ first: fc.nat(50), blocks: fc.nat(9_000), refusals: fc.array(fc.boolean()) });
  fc.assert(
    fc.property(heights, ({ first, blocks, refusals }) => {
      const head = first + blocks;
      let chunk = 2_000;
      let at: { number: number; hash: string } | null = null;
      for (let range = nextRange(at, first, head, chunk); range; range = nextRange(at, first, head, chunk)) {
        expect(range.from).toBe(at ? at.number + 1 : first);
        expect(range.to - range.from).toBeLessThan(2_000);
        const refused = refusals.pop() ?? false;
        if (!refused) at = { number: range.to, hash: "0x" };
        chunk = nextChunk(chunk, refused ? "refused" : "answered");
      }
      expect(at?.number).toBe(head);
    }),
  );
});

test.each([
  ["goes on when the block is the same", 12, "0xa", "CONTINUES"],
  ["goes on at the very head", 10, "0xa", "CONTINUES"],
  ["stops when another block is there", 12, "0xb", "REPLACED"],
  ["waits for an endpoint that is behind", 9, null, "ENDPOINT_BEHIND"],
  ["waits for an endpoint that is behind, whatever it says", 9, "0xb", "ENDPOINT_BEHIND"],
  ["waits for an endpoint that does not know the block", 12, null, "ENDPOINT_BEHIND"],
] as const)("the watcher %s", (_sentence, head, found, state) =>
  expect(stateOfCursor(cursor, head, found)).toBe(state),
);

const NOBODY = "0x0000000000000000000000000000000000000000";
const watched = { token: "0xt", masters: ["0xm", "0xn"], own: ["0xh", "0xs"] };
const deposit = { token: "0xt", from: "0xu", to: "0xm", amount: 1n };

test.each([
  ["one unit to the master is a deposit", {}, null],
  ["so is the whole supply", { amount: 10n ** 29n }, null],
  ["one to an earlier master is, too", { to: "0xn" }, null],
  ["a move from an earlier master is none", { from: "0xn" }, "OWN_MOVE"],
  ["another token is none", { token: "0xe" }, "OTHER_TOKEN"],
  ["a transfer to somebody else is none", { to: "0xu" }, "OTHER_RECEIVER"],
  ["a transfer to the token itself is none", { to: "0xt" }, "OTHER_RECEIVER"],
  ["nothing is none", { amount: 0n }, "NOTHING"],
  ["a mint is none", { from: NOBODY }, "MINT"],
  ["a move from the hot wallet is none", { from: "0xh" }, "OWN_MOVE"],
  ["a move from the master to itself is none", { from: "0xm" }, "OWN_MOVE"],
  ["another token is named before all else", { token: "0xe", to: "0xu", amount: 0n, from: NOBODY }, "OTHER_TOKEN"],
] as const)("%s", (_sentence, change, refusal) =>
  expect(refuseDeposit({ ...deposit, ...change }, watched)).toBe(refusal),
);

const block = { number: 50, hash: "0xa" };
const at = (credit: number | null, latest = 60) => ({ credit, latest });

test.each([
  ["waits above the credit head", "PENDING", "0xa", at(49), "WAIT"],
  ["is credited at the credit head", "PENDING", "0xa", at(50), "CREDIT"],
  ["waits while there is no credit head", "PENDING", "0xa", at(null), "WAIT"],
  ["is an orphan when its block was replaced", "PENDING", "0xb", at(49), "ORPHAN"],
  ["is an orphan, not credited, when the replacement is deep", "PENDING", "0xb", at(55), "ORPHAN"],
  ["is reversed when it was credited and its block was replaced", "CREDITED", "0xb", at(55), "REVERSE"],
  ["is credited once", "CREDITED", "0xa", at(55), "NOTHING"],
  ["is not gone because an endpoint is behind", "CREDITED", null, at(40, 45), "WAIT"],
  ["is not gone because an endpoint behind has something else to say", "CREDITED", "0xb", at(40, 45), "WAIT"],
  ["is not gone because an endpoint does not know its block", "PENDING", null, at(55), "WAIT"],
  ["stays an orphan while its block is another", "ORPHANED", "0xb", at(55), "NOTHING"],
  ["is credited when the chain comes back to its block", "ORPHANED", "0xa", at(55), "CREDIT"],
  ["waits again when the chain comes back to its block", "ORPHANED", "0xa", at(49), "WAIT"],
  ["that was reversed is for an operator to look at", "REVERSED", "0xa", at(55), "NOTHING"],
] as const)("a deposit %s", (_sentence, state, found, head, judgement) =>
  expect(judgeObservation({ state, block }, found, head)).toBe(judgement),
);
