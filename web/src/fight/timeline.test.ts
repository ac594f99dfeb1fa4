import { expect, test } from "vitest";
import { nextStep, type Phase, type State } from "./timeline.ts";

const live = { over: false, still: false };
const state = (change: Partial<State>): State => ({ at: 0, phase: "settled", playing: true, speed: 1, ...change });

test("a reveal takes 2,300 ms in the steps of the look", () => {
  const steps: [string, number][] = [];
  let [phase, atMs]: [Phase, number] = ["anticipate", 0];
  for (;;) {
    steps.push([phase, atMs]);
    const step = nextStep(state({ phase, playing: false }), { last: 0, ...live });
    if (!step) break;
    [phase, atMs] = [step.change.phase ?? phase, atMs + step.inMs];
  }
  expect(steps).toEqual([
    ["anticipate", 0],
    ["reveal", 640],
    ["impact", 800],
    ["drain", 920],
    ["settle", 1500],
    ["settled", 2300],
  ]);
});

test.each<[string, Partial<State>, { last: number; over?: boolean; still?: boolean }, object | null]>([
  [
    "one that waits begins at once",
    { at: 3, phase: "waiting" },
    { last: 4 },
    { change: { at: 4, phase: "anticipate" }, inMs: 0 },
  ],
  [
    "when others queue it plays at twice the pace",
    { at: 3, phase: "anticipate" },
    { last: 5 },
    { change: { phase: "reveal" }, inMs: 320 },
  ],
  ["three that queue are all played", { at: 3 }, { last: 6 }, { change: { at: 4, phase: "anticipate" }, inMs: 0 }],
  [
    "more than three are jumped over to the last",
    { at: 3 },
    { last: 7 },
    { change: { at: 7, phase: "anticipate" }, inMs: 0 },
  ],
  ["after the last, both moves are awaited", { at: 3 }, { last: 3 }, { change: { phase: "waiting" }, inMs: 700 }],
  [
    "who wants no motion gets one still frame",
    { at: 3, phase: "waiting" },
    { last: 4, still: true },
    { change: { at: 4, phase: "still" }, inMs: 0 },
  ],
  ["who scrubs an ended fight is left alone", { at: 3, phase: "still", playing: false }, { last: 9, over: true }, null],
  [
    "a replay goes on one by one",
    { at: 3 },
    { last: 9, over: true },
    { change: { at: 4, phase: "anticipate" }, inMs: 700 },
  ],
  [
    "at four times the speed a replay rests a fourth",
    { at: 3, speed: 4 },
    { last: 9, over: true },
    { change: { at: 4, phase: "anticipate" }, inMs: 175 },
  ],
  [
    "a replay stops at its end",
    { at: 9 },
    { last: 9, over: true },
    { change: { playing: false, phase: "still" }, inMs: 700 },
  ],
])("%s", (_sentence, given, world, expected) => {
  expect(nextStep(state(given), { ...live, ...world })).toEqual(expected);
});
