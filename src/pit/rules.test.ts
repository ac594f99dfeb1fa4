import { expect, test } from "vitest";
import { decideCallout, refuseChallenge, refuseText, waitMs, type Challenge, type StandingCallout } from "./rules.ts";

test.each([
  ["one character is enough", "x", null],
  ["blanks around it are not counted", `  ${"x".repeat(280)}  `, null],
  ["280 characters of two code units are 280", "😀".repeat(280), null],
  ["281 are refused, not cut", "x".repeat(281), "MESSAGE_TOO_LONG"],
  ["only blanks are nothing", " \u00a0 ", "EMPTY_MESSAGE"],
  ["nothing is nothing", "", "EMPTY_MESSAGE"],
  ["a line break is a control", "one\ntwo", "FORBIDDEN_CHARACTERS"],
  ["a null byte is a control", "a\u0000b", "FORBIDDEN_CHARACTERS"],
  ["right-to-left override turns text", "a\u202Eb", "FORBIDDEN_CHARACTERS"],
  ["isolates turn text", "a\u2066b", "FORBIDDEN_CHARACTERS"],
  ["half of a pair is no character", "a\uD83Db", "FORBIDDEN_CHARACTERS"],
  ["Arabic and Hebrew may be said", "سلام שלום", null],
  ["joined emoji may be said", "👩‍👩‍👧", null],
] as const)("%s", (_sentence, text, refusal) => expect(refuseText(text)).toBe(refusal));

const at = (ms: number) => new Date(Date.UTC(2026, 10, 24) + ms);

test.each([
  ["who never spoke may speak", null, 0],
  ["a second after the last one, two remain", at(-1_000), 2_000],
  ["after the interval nothing remains", at(-3_000), 0],
  ["the last one by a clock that is an hour ahead", at(3_600_000), 3_000],
] as const)("%s", (_sentence, last, wait) => expect(waitMs(last, 3_000, at(0))).toBe(wait));

const challenge: Challenge = {
  challengerId: "a",
  targetId: "b",
  ladder: "PIT",
  wager: 0n,
  wagerMax: 2_000_000_000_000_000_000_000_000n,
  sealed: null,
  targetOwner: "ANOTHER",
  message: null,
  challengerPresent: true,
  targetPresent: true,
  muted: false,
  pending: false,
};

test.each([
  ["a plain callout may be made", {}, null],
  ["also at the slow pace", { ladder: "PIT_SLOW" }, null],
  ["nobody calls itself out", { targetId: "a", ladder: "CODE" }, "CALLOUT_ONESELF"],
  ["only duels are called for", { ladder: "QUAKE", wager: 1n }, "LADDER_CLOSED"],
  ["one unit is no wager", { wager: 1n, message: "" }, "WAGER_TOO_SMALL"],
  ["one unit less than 50,000 NORTH is too small", { wager: 49_999_999_999_999_999_999_999n }, "WAGER_TOO_SMALL"],
  ["50,000 NORTH may be staked", { wager: 50_000_000_000_000_000_000_000n }, null],
  ["one unit less than a million NORTH may, too", { wager: 999_999_999_999_999_999_999_999n }, null],
  ["a million may be staked where nothing is said of the seal", { wager: 1_000_000_000_000_000_000_000_000n }, null],
  ["or where it is asked for", { wager: 1_000_000_000_000_000_000_000_000n, sealed: true }, null],
  ["but not openly", { wager: 1_000_000_000_000_000_000_000_000n, sealed: false, message: "" }, "WAGER_NEEDS_SEALED"],
  ["less may be staked openly", { wager: 999_999_999_999_999_999_999_999n, sealed: false }, null],
  ["as much as there may be at stake is taken", { wager: 2_000_000_000_000_000_000_000_000n }, null],
  [
    "one unit more is too much, sealed or not",
    { wager: 2_000_000_000_000_000_000_000_001n, sealed: false },
    "WAGER_TOO_LARGE",
  ],
  ["the house stakes nothing", { wager: 50_000_000_000_000_000_000_000n, targetOwner: "HOUSE" }, "WAGER_WITH_HOUSE"],
  ["but fights", { targetOwner: "HOUSE" }, null],
  [
    "nobody plays for money alone",
    { wager: 50_000_000_000_000_000_000_000n, targetOwner: "ONESELF" },
    "WAGER_WITH_ONESELF",
  ],
  ["but two bots of one owner may fight", { targetOwner: "ONESELF" }, null],
  ["a message must say something", { message: " ", challengerPresent: false }, "EMPTY_MESSAGE"],
  ["one must be in the Pit", { challengerPresent: false, targetPresent: false }, "NOT_IN_PIT"],
  ["a muted bot calls without words", { muted: true }, null],
  ["a muted bot has no words", { muted: true, message: "come" }, "MUTED"],
  ["the target must be in the Pit", { targetPresent: false, pending: true }, "TARGET_NOT_IN_PIT"],
  ["one pending callout to a target", { pending: true }, "ALREADY_CALLED"],
] as const)("%s", (_sentence, given, refusal) => expect(refuseChallenge({ ...challenge, ...given })).toBe(refusal));

const pending: StandingCallout = {
  status: "PENDING",
  expiresAt: at(60_000),
  challengerPresent: true,
  targetPresent: true,
  challengerBusy: false,
  targetBusy: false,
};

test.each([
  ["the target accepts", {}, "ACCEPT", 0, "ACCEPTED"],
  ["the target declines", {}, "DECLINE", 0, "DECLINED"],
  ["the challenger takes it back", {}, "CANCEL", 0, "CANCELLED"],
  ["nobody accepts after 60 s", {}, "ACCEPT", 60_000, "CALLOUT_CLOSED"],
  ["it expires after 60 s", {}, "EXPIRE", 60_000, "EXPIRED"],
  ["it does not expire before", {}, "EXPIRE", 59_999, "CALLOUT_CLOSED"],
  ["what has ended stays so", { status: "DECLINED" }, "ACCEPT", 0, "CALLOUT_CLOSED"],
  ["who has left cannot accept", { targetPresent: false, challengerPresent: false }, "ACCEPT", 0, "NOT_IN_PIT"],
  ["who has left may decline", { targetPresent: false }, "DECLINE", 0, "DECLINED"],
  ["the challenger must still be here", { challengerPresent: false, targetBusy: true }, "ACCEPT", 0, "CHALLENGER_LEFT"],
  ["who fights cannot accept", { targetBusy: true, challengerBusy: true }, "ACCEPT", 0, "IN_CONTEST"],
  ["a challenger who fights cannot be met", { challengerBusy: true }, "ACCEPT", 0, "CHALLENGER_BUSY"],
] as const)("%s", (_sentence, given, command, ms, expected) => {
  const decision = decideCallout({ ...pending, ...given }, command, at(ms));
  expect(decision.ok ? decision.status : decision.refusal).toBe(expected);
});
