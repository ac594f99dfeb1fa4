import { expect, test } from "vitest";
import { estimateWaitMs, refuseJoin, waitedMs } from "./queue.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 24, 12, 0, seconds));

test.each([
  ["who waits has waited until now", { joinedAt: at(0), matchedAt: null, endedAt: null }, at(7), 7_000],
  ["who was matched had waited until then", { joinedAt: at(0), matchedAt: at(3), endedAt: at(50) }, at(59), 3_000],
  ["who left had waited until then", { joinedAt: at(0), matchedAt: null, endedAt: at(5) }, at(59), 5_000],
  ["a clock that went back gives no negative wait", { joinedAt: at(9), matchedAt: null, endedAt: null }, at(7), 0],
] as const)("%s", (_sentence, wait, now, expected) => expect(waitedMs(wait, now)).toBe(expected));

test.each<[number[], number | null]>([
  [[], null],
  [[4_000], 4_000],
  [[9_000, 1_000], 1_000],
  [[100_000, 1_000, 5_000], 5_000],
])("waits of %j ms let one expect %j", (observed, expected) => expect(estimateWaitMs(observed)).toBe(expected));

test.each([
  [{ offline: true, inContest: true }, false, "LADDER_CLOSED"],
  [{ offline: true, inContest: true }, true, "BOT_OFFLINE"],
  [{ offline: false, inContest: true }, true, "IN_CONTEST"],
  [{ offline: false, inContest: false }, true, null],
] as const)("the first reason that holds refuses: %j, open %s: %s", (bot, open, refusal) =>
  expect(refuseJoin(bot, open)).toBe(refusal),
);
