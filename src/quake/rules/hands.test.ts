import { expect, test } from "vitest";
import { refuseRemote } from "./hands.ts";

const live = { phase: "LIVE", plays: true, coded: false };

test.each([
  ["a bot in a live match acts", live, "ACT", null],
  ["a match that is not there", undefined, "ACT", "NOT_IN_MATCH"],
  ["a bot of another match", { ...live, plays: false }, "ACT", "NOT_IN_MATCH"],
  ["a bot that its strategy plays", { ...live, coded: true }, "ACT", "PLAYED_BY_STRATEGY"],
  ["an action before the match is live", { ...live, phase: "COUNTDOWN" }, "ACT", "MATCH_NOT_LIVE"],
  ["an action behind its end", { ...live, phase: "COMPLETED" }, "ACT", "MATCH_NOT_LIVE"],
  ["who looks may come early", { ...live, phase: "ANNOUNCED" }, "LOOK", null],
  ["there is nothing to see in a void match", { ...live, phase: "VOIDED" }, "LOOK", "MATCH_NOT_LIVE"],
  ["nor with the eyes of a strategy's bot", { ...live, coded: true }, "LOOK", "PLAYED_BY_STRATEGY"],
] as const)("%s", (_name, seat, to, refusal) => expect(refuseRemote(seat, to)).toBe(refusal));
