import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  ADAPTERS,
  EVENT_LENGTH_MAX,
  eventsOf,
  lengthOf,
  redact,
  tell,
  type Adapter,
  type GladiatorEvent,
} from "./stream.ts";

// Recorded from the real programs; the expectations were read from the recordings by eye.
const eventsIn = (adapter: Exclude<Adapter, "command">) =>
  readFileSync(`tests/fixtures/codebattles/${adapter}-stream.jsonl`, "utf8")
    .split("\n")
    .flatMap((line) => eventsOf(adapter, line));

/** An event in a few words. */
function brief(event: GladiatorEvent): string {
  if (event.type === "Usage") return `Usage ${event.inputTokens} ${event.outputTokens}`;
  if (event.type === "ToolUse") return `ToolUse ${event.tool}`;
  return event.type === "ToolResult" ? `ToolResult ${event.failed ? "failed" : "well"}` : `${event.type} ${event.text}`;
}

test.each<[Exclude<Adapter, "command">, string[]]>([
  [
    "claude",
    [
      ...["AssistantText I will fix the sum function.", "ToolUse Read", "ToolResult well", "ToolUse Edit"],
      ...["ToolResult well", "ToolUse Bash", "ToolResult failed", "AssistantText Done: sum now adds, tests pass."],
      "Usage 400 100",
    ],
  ],
  [
    "codex",
    [
      "Output Model metadata for `gpt-5.1-codex` not found. Defaulting to fallback metadata; this can degrade performance and cause issues.",
      ...["ToolUse command_execution", "ToolResult well", "AssistantText Fixed sum.js.", "Usage 20 10"],
    ],
  ],
  [
    "gemini",
    [
      ...["ToolUse replace", "ToolResult well", "ToolUse run_shell_command", "ToolResult well"],
      ...["AssistantText Fixed.", "Usage 30 15"],
    ],
  ],
  [
    "opencode",
    [
      ...[
        "AssistantText Fixing.",
        "ToolUse read",
        "ToolResult well",
        "Usage 100 25",
        "ToolUse edit",
        "ToolResult well",
      ],
      ...["Usage 100 25", "ToolUse bash", "ToolResult well", "Usage 100 25", "AssistantText Done.", "Usage 100 25"],
    ],
  ],
])("what %s wrote is told as it was", (adapter, expected) => {
  expect(eventsIn(adapter).map(brief)).toEqual(expected);
});

test("a tool is told with what it was given and what it gave", () => {
  expect(eventsIn("gemini")[2]).toEqual({
    type: "ToolUse",
    tool: "run_shell_command",
    text: `{"command":"node --test 2>&1 | tail -9","description":"tests"}`,
  });
  expect(eventsIn("codex")[2]).toMatchObject({ text: expect.stringContaining("# pass 1\n") });
});

test("claude that cannot reach its model fails, whatever its subtype says", () => {
  const line = { type: "result", subtype: "success", is_error: true, result: "API Error: Connection error." };
  expect(eventsOf("claude", JSON.stringify(line))).toEqual([{ type: "Failed", text: "API Error: Connection error." }]);
});

test.each(ADAPTERS)("whatever %s writes, nothing breaks", (adapter) => {
  const strange = [
    "null",
    "[]",
    "1",
    "{",
    `{"type":"result","usage":{"output_tokens":-1}}`,
    `{"type":"assistant","message":[]}`,
  ];
  const parts = ["tool_use", "user", "step_finish", "item.completed", "message", "text", "turn.completed"];
  for (const line of [...strange, ...parts.map((type) => JSON.stringify({ type, item: 1, part: null, stats: "x" }))])
    for (const event of eventsOf(adapter, line)) expect(event.type).toMatch(/^(Output|Failed|ToolUse|ToolResult)$/);
});

test("a program's own lines are output, and empty ones nothing", () => {
  expect(eventsOf("command", `{"type":"result"}`)).toEqual([{ type: "Output", text: `{"type":"result"}` }]);
  expect(eventsOf("command", "  ")).toEqual([]);
});

test.each([
  ["the secret word", ["secret"], "the [cut] word"],
  ["key sk-ant-api03-abcdefghijklmnop.", [], "key [cut]."],
  ["ghs_0123456789abcdefABCD and ghp_0123456789abcdefABCD", [], "[cut] and [cut]"],
  ["AKIAIOSFODNN7EXAMPLE", [], "[cut]"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl", [], "[cut]"],
  ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", [], "[cut]\nrest"],
  ["task-oriented, risk-free", ["", "x-y"], "task-oriented, risk-free"],
])("%j is told as it may be", (words, secrets, told) => expect(redact(words, secrets)).toBe(told));

test("a long text is cut, and it is said by how much", () => {
  const told = tell({ type: "Output", text: "x".repeat(EVENT_LENGTH_MAX + 7) }, []);
  expect(told).toEqual({ type: "Output", text: `${"x".repeat(EVENT_LENGTH_MAX)}… (7 more characters)` });
});

const X = "x".repeat(EVENT_LENGTH_MAX - 1);
test.each([
  ["a letter that the cut goes through", `${X}😀y`, `${X}\u{FFFD}… (2 more characters)`],
  ["half of a letter", "a\ud83db", "a\u{FFFD}b"],
  ["a NUL", "a\0b", "a\u{FFFD}b"],
])("%s is told as a log can hold it", (_what, text, expected) =>
  expect(tell({ type: "Output", text }, [])).toEqual({ type: "Output", text: expected }),
);

test("a tool's name is told as a text is: without keys, and bounded", () => {
  const tool = `sk-ant-api03-abcdefghijklmnop ${"t".repeat(50_000)}`;
  expect(tell({ type: "ToolUse", tool, text: "" }, [])).toEqual({
    type: "ToolUse",
    tool: expect.stringMatching(/^\[cut\] t{190,200}… \(\d+ more characters\)$/),
    text: "",
  });
});

test("a key that is cut off where no further is looked is not told in part", () => {
  const key = `sk-${"k".repeat(40)} `;
  const text = `${key.repeat(1_489)}${"-".repeat(10)}sk-${"k".repeat(2_000)}`;
  const told = tell({ type: "Output", text }, []);
  expect(told.type === "Output" && told.text).not.toContain("kkk");
});

test.each([
  ["a tool without words", { type: "ToolUse", tool: "t", text: "" }, 64],
  ["a short line", { type: "Output", text: "x" }, 64],
  ["a long one", { type: "Output", text: "x".repeat(100) }, 100],
] as const)("%s takes its place", (_what, event, length) => expect(lengthOf(event)).toBe(length));

test("a text that is full of beginnings of keys takes no time", () => {
  const began = performance.now();
  tell({ type: "Output", text: "-eyJ".repeat(262_144) }, []);
  expect(performance.now() - began).toBeLessThan(500);
});
