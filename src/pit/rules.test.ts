import { describe, expect, test } from "vitest";
import {
  type CalloutCommand,
  decideCallout,
  type OpenCallout,
  readText,
  refuseCallout,
  refuseChat,
  waitMs,
} from "./rules.ts";

describe("chat text", () => {
  test.each([
    ["a plain line is kept", "gg", { text: "gg" }],
    ["space around it is cut", "  gg \n", { text: "gg" }],
    ["280 characters are kept", "x".repeat(280), { text: "x".repeat(280) }],
    ["an emoji is one character, not two", "😀".repeat(280), { text: "😀".repeat(280) }],
    ["right-to-left scripts are fine", "שלום", { text: "שלום" }],
    ["281 characters are refused, not cut", "x".repeat(281), { refusal: "MESSAGE_TOO_LONG" }],
    ["nothing is refused", "", { refusal: "MESSAGE_EMPTY" }],
    ["blanks alone are refused", " \t\n ", { refusal: "MESSAGE_EMPTY" }],
    ["zero-width characters alone are refused", "\u200B\u200D", { refusal: "MESSAGE_EMPTY" }],
    ["a line break inside is refused", "a\nb", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["NUL is refused", "a\u0000b", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["an escape sequence is refused", "\u001B[31mred", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["a C1 control is refused", "a\u0085b", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["a line separator is refused", "a\u2028b", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["a right-to-left override is refused", "abc\u202Etxt.exe", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["an isolate is refused", "a\u2067b", { refusal: "MESSAGE_NOT_PLAIN" }],
    ["half a surrogate pair is refused", "a\uD800b", { refusal: "MESSAGE_NOT_PLAIN" }],
  ])("%s", (_sentence, typed, expected) => expect(readText(typed, 280)).toEqual(expected));
});

describe("an interval of 3 s", () => {
  const now = new Date("2026-11-24T10:00:03.000Z");
  test.each([
    ["never done before: at once", null, 0],
    ["done 3 s ago: at once", "2026-11-24T10:00:00.000Z", 0],
    ["done 1 s ago: in 2 s", "2026-11-24T10:00:02.000Z", 2_000],
    ["done now: in 3 s", "2026-11-24T10:00:03.000Z", 3_000],
  ])("%s", (_sentence, last, expected) => expect(waitMs(last ? new Date(last) : null, 3_000, now)).toBe(expected));
});

test.each([
  ["a bot outside hears that first", { present: false, muted: true, waitMs: 1 }, "NOT_IN_PIT"],
  ["a muted bot hears that before the wait", { present: true, muted: true, waitMs: 1 }, "MUTED"],
  ["a hasty bot waits", { present: true, muted: false, waitMs: 1 }, "RATE_LIMITED"],
  ["a present, patient bot may speak", { present: true, muted: false, waitMs: 0 }, null],
] as const)("%s", (_sentence, speaker, expected) => expect(refuseChat(speaker)).toBe(expected));

const CHALLENGE = { oneself: false, wager: 0n, present: true, muted: false, targetPresent: true, waitMs: 0 };
test.each([
  ["nobody calls out itself", { oneself: true, wager: 1n }, "CALLOUT_TO_ONESELF"],
  ["any wager is refused while wagers are closed", { wager: 50_000n * 10n ** 18n, present: false }, "WAGERS_NOT_OPEN"],
  ["the challenger must be in the Pit", { present: false, muted: true }, "NOT_IN_PIT"],
  ["a muted bot calls nobody out", { muted: true, targetPresent: false }, "MUTED"],
  ["the target must be in the Pit", { targetPresent: false, waitMs: 5 }, "TARGET_NOT_PRESENT"],
  ["a hasty bot waits", { waitMs: 5 }, "RATE_LIMITED"],
  ["everything in order", {}, null],
] as const)("%s", (_sentence, change, expected) => expect(refuseCallout({ ...CHALLENGE, ...change })).toBe(expected));

const EXPIRES = new Date("2026-11-24T10:01:00.000Z");
const IN_TIME = new Date("2026-11-24T10:00:59.999Z");
const CALLOUT: OpenCallout = {
  challengerId: "a",
  targetId: "b",
  status: "PENDING",
  expiresAt: EXPIRES,
  present: ["a", "b"],
  busy: [],
};
const ACCEPT: CalloutCommand = { type: "ACCEPT", botId: "b" };

describe("a callout", () => {
  test.each<[string, Partial<OpenCallout>, CalloutCommand, Date, string]>([
    ["is accepted by its target", {}, ACCEPT, IN_TIME, "ACCEPTED"],
    ["is declined by its target", {}, { type: "DECLINE", botId: "b" }, IN_TIME, "DECLINED"],
    ["is cancelled by its challenger", {}, { type: "CANCEL", botId: "a" }, IN_TIME, "CANCELLED"],
    ["expires when its time has come", {}, { type: "EXPIRE" }, EXPIRES, "EXPIRED"],
    ["can be declined though both have left", { present: [] }, { type: "DECLINE", botId: "b" }, IN_TIME, "DECLINED"],
  ])("%s", (_sentence, change, command, now, status) =>
    expect(decideCallout({ ...CALLOUT, ...change }, command, now)).toEqual({ ok: true, status }),
  );

  test.each<[string, Partial<OpenCallout>, CalloutCommand, Date, string]>([
    ["is not accepted by its challenger", {}, { type: "ACCEPT", botId: "a" }, IN_TIME, "NOT_YOUR_CALLOUT"],
    ["is not declined by its challenger", {}, { type: "DECLINE", botId: "a" }, IN_TIME, "NOT_YOUR_CALLOUT"],
    ["is not cancelled by its target", {}, { type: "CANCEL", botId: "b" }, IN_TIME, "NOT_YOUR_CALLOUT"],
    [
      "is a stranger's business never",
      { status: "ACCEPTED" },
      { type: "ACCEPT", botId: "c" },
      IN_TIME,
      "NOT_YOUR_CALLOUT",
    ],
    ["is accepted once", { status: "ACCEPTED" }, ACCEPT, IN_TIME, "CALLOUT_CLOSED"],
    ["is not accepted at its last instant", {}, ACCEPT, EXPIRES, "CALLOUT_CLOSED"],
    ["is not declined at its last instant", {}, { type: "DECLINE", botId: "b" }, EXPIRES, "CALLOUT_CLOSED"],
    ["is not cancelled at its last instant", {}, { type: "CANCEL", botId: "a" }, EXPIRES, "CALLOUT_CLOSED"],
    ["does not expire early", {}, { type: "EXPIRE" }, IN_TIME, "CALLOUT_CLOSED"],
    ["is void once the challenger has left", { present: ["b"], busy: ["a"] }, ACCEPT, IN_TIME, "LEFT_THE_PIT"],
    ["is void once the target has left", { present: ["a"] }, ACCEPT, IN_TIME, "LEFT_THE_PIT"],
    ["waits while either side fights", { busy: ["a"] }, ACCEPT, IN_TIME, "IN_CONTEST"],
  ])("%s", (_sentence, change, command, now, refusal) =>
    expect(decideCallout({ ...CALLOUT, ...change }, command, now)).toEqual({ ok: false, refusal }),
  );
});
