import { expect, test } from "vitest";
import { bumped, isForeign, judgeNonce, nudge, type Nudge, type NonceVerdict, type Receipt } from "./payments.ts";

test.each([
  // dearest so far; what the chain asks; the cap; the next attempt
  ["a quarter more", [100n, 10n], [50n, 1n], 1_000n, [125n, 13n]],
  ["a quarter more, rounded up", [101n, 1n], [0n, 0n], 1_000n, [127n, 2n]],
  ["what the chain asks when that is more", [100n, 10n], [300n, 40n], 1_000n, [300n, 40n]],
  ["up to the cap", [100n, 10n], [0n, 0n], 125n, [125n, 13n]],
  ["nothing above the cap", [100n, 10n], [0n, 0n], 124n, null],
  ["no priority above the whole", [100n, 90n], [0n, 200n], 1_000n, [200n, 200n]],
] as const)("a replacement offers %s", (_sentence, [max, tip], [askedMax, askedTip], cap, offered) => {
  const fees = bumped({ maxFeeWei: max, priorityFeeWei: tip }, { maxFeeWei: askedMax, priorityFeeWei: askedTip }, cap);
  expect(fees && [fees.maxFeeWei, fees.priorityFeeWei]).toEqual(offered);
});

const receipt = (height: number): Receipt => ({ txHash: "0xa", height, blockHash: "0xb", paid: true, feeWei: 1n });

test.each<[string, number, { latest: number; finalized: number }, Receipt[], NonceVerdict["kind"]]>([
  ["that no block has is open", 5, { latest: 5, finalized: 4 }, [], "OPEN"],
  ["that a block has is mined, not final", 5, { latest: 6, finalized: 5 }, [receipt(11)], "MINED"],
  ["in the final block is final", 5, { latest: 6, finalized: 6 }, [receipt(10)], "FINAL"],
  ["below the final block is final", 5, { latest: 9, finalized: 6 }, [receipt(3)], "FINAL"],
  ["that a block has with no receipt of ours is waited for", 5, { latest: 6, finalized: 5 }, [], "MINED"],
  ["that a final block has with no receipt of ours is taken", 5, { latest: 6, finalized: 6 }, [], "TAKEN"],
  [
    "with a receipt above what this endpoint calls final is waited for",
    5,
    { latest: 6, finalized: 6 },
    [receipt(11)],
    "MINED",
  ],
])("a nonce %s", (_sentence, nonce, heads, receipts, kind) => {
  expect(judgeNonce(nonce, heads, receipts, 10).kind).toBe(kind);
});

const NOW_MS = 1_000_000;
const newest = { maxFeeWei: 100n, priorityFeeWei: 1n, openMs: NOW_MS - 60_000, sentMs: NOW_MS };
const chain = { baseFeeWei: 50n, next: false, nowMs: NOW_MS, stuckMs: 60_000 };
const dear = { baseFeeWei: 101n };
test.each<[string, Partial<typeof newest> | { sentMs: null }, Partial<typeof chain>, Nudge]>([
  ["that nobody was given is sent", { sentMs: null }, {}, "SEND"],
  ["that was just sent is waited for", {}, {}, "WAIT"],
  ["that was sent five seconds ago is sent again", { sentMs: NOW_MS - 5_000 }, {}, "SEND"],
  ["that a vanished block had is sent again first", { openMs: NOW_MS, sentMs: NOW_MS - 1 }, { next: true }, "SEND"],
  ["that is next and waits for a minute is replaced", {}, { next: true }, "REPLACE"],
  ["that is next and waits for less is not", { openMs: NOW_MS - 59_999 }, { next: true }, "WAIT"],
  ["that the base fee left behind is, wherever it waits", {}, dear, "REPLACE"],
  ["that the base fee left behind a moment ago is not", { openMs: NOW_MS }, dear, "WAIT"],
])("an attempt %s", (_sentence, given, at, what) => {
  expect(nudge({ ...newest, ...given }, { ...chain, ...at })).toBe(what);
});

test.each([
  ["as many transactions as were signed", 7, 7, false],
  ["fewer", 6, 7, false],
  ["more", 8, 7, true],
])("a chain that has %s", (_sentence, latest, next, foreign) => {
  expect(isForeign(latest, next)).toBe(foreign);
});
