import { expect, test } from "vitest";
import {
  ATTEMPTS_MAX,
  decide,
  draw,
  isRated,
  refusePlan,
  statusOf,
  type BattleCommand,
  type BattleState,
} from "./battle.ts";

const STATES: Record<string, BattleState> = {
  DRAFT: { phase: "DRAFT" },
  SETUP: { phase: "SETUP", attempt: 1 },
  RUNNING: { phase: "RUNNING", attempt: 1 },
  COLLECTING: { phase: "COLLECTING", attempt: 1 },
  JUDGING: { phase: "JUDGING", attempt: 1 },
  COMPLETED: { phase: "COMPLETED" },
  FAILED: { phase: "FAILED", failure: "SETUP_FAILED" },
  CANCELLED: { phase: "CANCELLED" },
};
const of = (type: BattleCommand["type"]): BattleCommand =>
  type === "FAIL" ? { type, failure: "SANDBOX_FAILED" } : { type };

// Rows are states, columns commands: what becomes of it, or a refusal in small letters.
const TABLE = `
            START           READY               RAN                 COLLECTED           JUDGED              RESTART             FAIL                CANCEL
DRAFT       SETUP           battle_not_started  battle_not_started  battle_not_started  battle_not_started  battle_not_started  battle_not_started  CANCELLED
SETUP       battle_started  RUNNING             wrong_stage         wrong_stage         wrong_stage         SETUP               FAILED              CANCELLED
RUNNING     battle_started  wrong_stage         COLLECTING          wrong_stage         wrong_stage         RUNNING             FAILED              CANCELLED
COLLECTING  battle_started  wrong_stage         wrong_stage         JUDGING             wrong_stage         RUNNING             FAILED              CANCELLED
JUDGING     battle_started  wrong_stage         wrong_stage         wrong_stage         COMPLETED           JUDGING             FAILED              CANCELLED
COMPLETED   battle_over     battle_over         battle_over         battle_over         battle_over         battle_over         battle_over         battle_over
FAILED      battle_over     battle_over         battle_over         battle_over         battle_over         battle_over         battle_over         battle_over
CANCELLED   battle_over     battle_over         battle_over         battle_over         battle_over         battle_over         battle_over         battle_over`;
const [head = [], ...rows] = TABLE.trim()
  .split("\n")
  .map((line) => line.trim().split(/ +/));

test.each(
  rows.flatMap(([phase = "", ...cells]) => cells.map((cell, index) => [phase, head[index] ?? "", cell] as const)),
)("%s on %s gives %s", (phase, command, cell) => {
  const state = STATES[phase] ?? { phase: "DRAFT" };
  const decision = decide(state, of(command as BattleCommand["type"]));
  expect(decision.ok ? decision.state.phase : decision.refusal.toLowerCase()).toBe(cell);
});

test("a stage begins three times at most, then the battle is void", () => {
  let state: BattleState = { phase: "RUNNING", attempt: 1 };
  const seen: string[] = [];
  for (let time = 0; time < ATTEMPTS_MAX; time++) {
    const decision = decide(state, { type: "RESTART" });
    if (!decision.ok) throw new Error(decision.refusal);
    state = decision.state;
    seen.push("attempt" in state ? `${state.phase} ${state.attempt}` : state.phase);
  }
  expect(seen).toEqual(["RUNNING 2", "RUNNING 3", "FAILED"]);
  expect(state).toEqual({ phase: "FAILED", failure: "TOO_MANY_RESTARTS" });
});

test.each([
  ["DRAFT", "ANNOUNCED"],
  ["SETUP", "ANNOUNCED"],
  ["RUNNING", "LIVE"],
  ["COLLECTING", "LIVE"],
  ["JUDGING", "LIVE"],
  ["COMPLETED", "COMPLETED"],
  ["FAILED", "VOIDED"],
  ["CANCELLED", "CANCELLED"],
] as const)("a battle that is %s is a contest that is %s", (phase, status) => expect(statusOf(phase)).toBe(status));

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
  [false, false, false],
])("a public repository %s and open entries %s: rated %s", (isPublic, isOpen, rated) =>
  expect(isRated({ isPublic, isOpen })).toBe(rated),
);

const candidate = (botId: string, ownerId: string, ...teams: string[]) => ({ botId, ownerId, teams });
const owner = { ownerId: "host", teams: ["hosts"] };

test.each([
  ["the first ones in the drawn order", [candidate("a", "1"), candidate("b", "2"), candidate("c", "3")], ["a", "b"]],
  ["one bot of a person", [candidate("a", "1"), candidate("b", "1"), candidate("c", "3")], ["a", "c"]],
  ["one bot of a team", [candidate("a", "1", "t"), candidate("b", "2", "t"), candidate("c", "3")], ["a", "c"]],
  ["nobody of the host's", [candidate("a", "host"), candidate("b", "2", "hosts"), candidate("c", "3")], ["c"]],
  ["nobody where nobody entered", [], []],
])("the draw takes %s", (_what, ordered, drawn) =>
  expect(draw(ordered, owner, 2).map(({ botId }) => botId)).toEqual(drawn),
);

const plan = { prompt: "p", gladiatorsMax: 2, timeLimitMs: 5_000, votesMs: 10_000, checks: [] };
test.each([
  ["nothing", {}, null],
  ["an empty prompt", { prompt: " " }, "prompt"],
  ["a prompt that is too long", { prompt: "p".repeat(16_385) }, "prompt"],
  ["one gladiator", { gladiatorsMax: 1 }, "gladiatorsMax"],
  ["nine gladiators", { gladiatorsMax: 9 }, "gladiatorsMax"],
  ["less than five seconds", { timeLimitMs: 4_999 }, "timeLimitMs"],
  ["more than an hour", { timeLimitMs: 3_600_001 }, "timeLimitMs"],
  ["votes of less than ten seconds", { votesMs: 9_999 }, "votesMs"],
  ["votes of more than an hour", { votesMs: 3_600_001 }, "votesMs"],
  ["a check without a name", { checks: [{ name: "", command: "true", prints: "" }] }, "checks"],
  ["a check without a command", { checks: [{ name: "n", command: " ", prints: "" }] }, "checks"],
  ["51 checks", { checks: Array.from({ length: 51 }, () => ({ name: "n", command: "c", prints: "" })) }, "checks"],
])("%s is wrong with a plan", (_what, change, field) =>
  expect(refusePlan({ ...plan, ...change })?.field ?? null).toBe(field),
);
