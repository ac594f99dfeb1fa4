import { expect, test } from "vitest";
import { LINES_MAX, linesIn, readLine, refuseFacts, workOf } from "./facts.ts";

const line = (value: unknown) => readLine(JSON.stringify(value));
const plain = { externalId: "e1", bot: "Ada" };

test("lines that are not blank keep their numbers", () => {
  expect(linesIn("\n a \r\n\n\t\nb")).toEqual([
    { text: "a", line: 2 },
    { text: "b", line: 5 },
  ]);
});

test("as many lines as may be are read, and one more is too many, however many are blank", () => {
  const most = "x\n\n".repeat(LINES_MAX);
  expect(linesIn(most)).toHaveLength(LINES_MAX);
  expect(linesIn(`${most}x`)).toBeNull();
  expect(linesIn("\n".repeat(8 * 1_024 * 1_024))).toEqual([]);
});

test("a line says at least which event and whose it is", () => {
  expect(line(plain)).toMatchObject({
    ok: true,
    bot: "Ada",
    facts: { externalId: "e1", action: "TASK_COMPLETION", complexity: "MEDIUM", success: true, occurredAt: null },
  });
});

test("the scores that are given make the quality, the others are left out", () => {
  const read = line({ ...plain, responseQuality: 1, codeQuality: 0.85 });
  expect(read.ok && workOf(read.facts)).toMatchObject({ quality: 925, custom: 100 });
});

test.each<[string, string, string]>([
  ["text that is no JSON", "{nonsense", "NOT_JSON"],
  ["a number", "7", "NOT_JSON"],
  ["a list", "[]", "NOT_JSON"],
  ["no id", JSON.stringify({ bot: "Ada" }), "BLANK_ID"],
  ["no bot", JSON.stringify({ externalId: "e" }), "UNKNOWN_BOT"],
  ["forged XP", JSON.stringify({ ...plain, xp: 500 }), "POINTS_NOT_TAKEN"],
  ["forged points", JSON.stringify({ ...plain, points: 1 }), "POINTS_NOT_TAKEN"],
  ["an action that is none", JSON.stringify({ ...plain, action: "WIN" }), "BAD_FIELD"],
  ["a complexity that is none", JSON.stringify({ ...plain, complexity: "HARD" }), "BAD_FIELD"],
  ["a success that is no yes or no", JSON.stringify({ ...plain, success: "yes" }), "BAD_FIELD"],
  ["a duration in words", JSON.stringify({ ...plain, durationMs: "long" }), "BAD_FIELD"],
  ["skills in one text", JSON.stringify({ ...plain, skills: "go" }), "BAD_FIELD"],
  ["an instant that is none", JSON.stringify({ ...plain, occurredAt: "yesterday" }), "BAD_FIELD"],
  ["evidence of no kind", JSON.stringify({ ...plain, evidence: { kind: "TRUST_ME" } }), "BAD_FIELD"],
  ["a line without end", JSON.stringify({ ...plain, note: "x".repeat(9_000) }), "LINE_TOO_LONG"],
  [
    "a statement with an unknown verb",
    JSON.stringify({ id: "s", verb: { id: "http://x/liked" }, actor: {} }),
    "UNKNOWN_VERB",
  ],
])("%s is refused", (_what, text, code) => expect(readLine(text)).toMatchObject({ ok: false, code }));

// The form of the statement is that of the xAPI specification's own examples (IEEE 9274.1.1, 4.2).
test.each([
  ["nothing but its kind", {}, "evidence"],
  ["a link", { link: "https://example.org/1" }, undefined],
  ["a task's id", { taskId: "task" }, undefined],
  ["a contest's id", { contestId: "contest" }, undefined],
])("evidence with %s", (_what, given, field) => {
  const read = line(plain);
  const evidence = { kind: "INNOVATION", link: null, taskId: null, contestId: null, ...given } as const;
  expect(read.ok && refuseFacts({ ...read.facts, evidence }, 0)?.field).toBe(field);
});

test("an xAPI statement is read by its own names", () => {
  const statement = {
    id: "fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
    actor: { objectType: "Agent", account: { homePage: "https://agon.dev", name: "Ada" } },
    verb: { id: "http://adlnet.gov/expapi/verbs/failed", display: { "en-US": "failed" } },
    object: { id: "https://example.org/tasks/7" },
    result: { score: { scaled: 0.95 }, duration: "PT1H2M3.5S" },
    context: {
      extensions: { "https://agon.dev/xapi/complexity": "EXPERT", "https://agon.dev/xapi/skills": ["go", "go"] },
    },
    timestamp: "2026-11-20T12:00:00Z",
  };
  expect(line(statement)).toEqual({
    ok: true,
    bot: "Ada",
    facts: {
      externalId: "fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
      action: "TASK_COMPLETION",
      complexity: "EXPERT",
      success: false,
      durationMs: 3_723_500,
      responseQuality: 0.95,
      userSatisfaction: null,
      codeQuality: null,
      skills: ["go"],
      occurredAt: new Date("2026-11-20T12:00:00Z"),
      multiplier: null,
      reason: null,
      evidence: null,
    },
  });
  expect(line({ ...statement, result: { success: true } })).toMatchObject({ ok: true, facts: { success: true } });
  expect(line({ ...statement, result: { duration: "P1Y" } })).toMatchObject({ code: "BAD_FIELD" });
});
