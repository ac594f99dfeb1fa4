import fc from "fast-check";
import { expect, test } from "vitest";
import {
  creditHeight,
  judgeObservation,
  nextChunk,
  nextRange,
  parseCreditTag,
  refuseDeposit,
  stateOfCursor,
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
