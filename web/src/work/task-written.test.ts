import { expect, test } from "vitest";
import { fieldOf, readTask } from "./task-written.ts";

const FILLED = {
  title: " Read it ",
  capabilities: "reading, code-review",
  priority: "5",
  complexity: "EXPERT",
  whose: "PRIVATE",
  assign: "AUTO",
  payload: '{ "page": 1 }',
  maxAttempts: "2",
  startToClose: "90",
};
const read = (fields: Record<string, string>) => readTask((name) => fields[name] ?? "");

test("a filled form is a task, its times in milliseconds, what is empty left out", () => {
  expect(read(FILLED)).toEqual({
    ok: true,
    input: {
      title: "Read it",
      capabilities: ["reading", "code-review"],
      priority: 5,
      complexity: "EXPERT",
      assign: "AUTO",
      visibility: "PRIVATE",
      payload: { page: 1 },
      plan: { maxAttempts: 2, startToCloseMs: 90_000 },
    },
  });
});

test("a team's task says the team", () => {
  expect(read({ ...FILLED, whose: "team_1" })).toMatchObject({ input: { visibility: "TEAM", teamId: "team_1" } });
});

test("a team's task may say a project, and no other task does", () => {
  const chosen = { ...FILLED, project: "project_1" };
  expect(read({ ...chosen, whose: "team_1" })).toMatchObject({ input: { projectId: "project_1" } });
  expect(read({ ...chosen, whose: "PRIVATE" })).not.toHaveProperty("input.projectId");
  expect(read({ ...chosen, whose: "team_1", project: "" })).not.toHaveProperty("input.projectId");
});

test("everything that is wrong is said at once, each under its field", () => {
  const asked = read({ ...FILLED, title: " ", payload: "{", payloadSchema: "x", heartbeat: "1.5", maxAttempts: "-1" });
  expect(asked.ok).toBe(false);
  expect(Object.keys("wrongs" in asked ? asked.wrongs : {}).toSorted()).toEqual([
    "heartbeat",
    "maxAttempts",
    "payload",
    "payloadSchema",
    "title",
  ]);
});

test.each([
  [["input", "payload"], "payload"],
  [["input", "teamId"], "whose"],
  [["input", "projectId"], "project"],
  [["input", "plan", "startToCloseMs"], "startToClose"],
  [["input", "heartbeatMs"], "heartbeat"],
  [["input"], null],
  [null, null],
])("a refusal at %j is said under %s", (path, field) => {
  expect(fieldOf(path)).toBe(field);
});
