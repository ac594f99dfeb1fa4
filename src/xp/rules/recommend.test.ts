import { expect, test } from "vitest";
import { phrasesOf, recommend, type Candidate, type Known } from "./recommend.ts";

const known = (tries: number, successes: number, more: Partial<Known> = {}): Known => ({
  tries,
  successes,
  qualitySum: 0,
  qualityCount: 0,
  durationSum: 0,
  durationCount: 0,
  ...more,
});
const usual = new Map([["review", known(100, 80)]]);
const bot = (botId: string, proved: Known | null, more: Partial<Candidate> = {}): Candidate => ({
  botId,
  capabilities: ["review"],
  online: true,
  holds: 0,
  proved: new Map(proved ? [["review", proved]] : []),
  ...more,
});
const order = (candidates: Candidate[]) => recommend(["review"], candidates, usual).map(({ botId }) => botId);

test("ninety of a hundred beat one of one: who did little is judged by what is usual", () => {
  expect(order([bot("lucky", known(1, 1)), bot("steady", known(100, 95)), bot("new", null)])).toEqual([
    "steady",
    "lucky",
    "new",
  ]);
});

test("the shrunk success is (successes + 8 × the mean) ÷ (tries + 8)", () => {
  const [steady] = recommend(["review"], [bot("steady", known(92, 90))], usual);
  expect(steady?.success).toBeCloseTo((90 + 8 * 0.8) / 100, 12);
});

test("a bot that often fails comes after one of whom nothing is known", () => {
  const found = recommend(["review"], [bot("bad", known(50, 10)), bot("new", null)], usual);
  expect(found.map(({ botId }) => botId)).toEqual(["new", "bad"]);
  expect(found[1]?.reasons).toContain("OFTEN_FAILS");
  expect(found[0]?.reasons).toEqual(["UNPROVED", "AVAILABLE"]);
});

test("of equals who is online and idle comes first, then the busy one", () => {
  const same = known(20, 18);
  expect(order([bot("offline", same, { online: false }), bot("busy", same, { holds: 4 }), bot("idle", same)])).toEqual([
    "idle",
    "busy",
    "offline",
  ]);
});

test("faster than usual, and finer, are reasons", () => {
  const all = new Map([
    ["review", known(100, 80, { durationSum: 100_000, durationCount: 100, qualitySum: 80_000, qualityCount: 100 })],
  ]);
  const [best] = recommend(
    ["review"],
    [bot("best", known(100, 90, { durationSum: 10_000, durationCount: 100, qualitySum: 99_000, qualityCount: 100 }))],
    all,
  );
  expect(best?.reasons).toEqual(["PROVED_SUCCESS", "HIGH_QUALITY", "FAST", "AVAILABLE"]);
});

test("who lacks a capability comes last, however good, and it is said which", () => {
  const found = recommend(
    ["review", "go"],
    [bot("half", known(100, 100)), bot("both", null, { capabilities: ["review", "go"] })],
    usual,
  );
  expect(found.map(({ botId, missing }) => [botId, missing])).toEqual([
    ["both", []],
    ["half", ["go"]],
  ]);
});

test("without a skill to go by nobody is recommended", () =>
  expect(recommend([], [bot("any", null)], usual)).toEqual([]));

test("a description is looked through for words, and for two and three in a row", () => {
  expect(phrasesOf("Review the Go code!")).toEqual([
    "review",
    "the",
    "go",
    "code",
    "review-the",
    "the-go",
    "go-code",
    "review-the-go",
    "the-go-code",
  ]);
});
