import { describe, expect, test } from "vitest";
import { parseTranscript, sanitise, TRANSCRIPT_BYTES_MAX, TURNS_MAX, type Turn } from "./transcript.ts";

const turnsOf = (given: unknown): Turn[] | string => {
  const parsed = parseTranscript(given);
  return parsed.ok ? parsed.turns : parsed.refusal;
};
const said = (kind: Turn["kind"], text: string, more: Partial<Turn> = {}): Turn => ({
  kind,
  text,
  tool: null,
  failed: false,
  ...more,
});

describe("a line of a transcript", () => {
  test.each([
    ["a message", { role: "user", text: "hello" }, [said("USER", "hello")]],
    ["instructions", { role: "system", text: "be brief" }, [said("SYSTEM", "be brief")]],
    [
      "a call with its output",
      { role: "assistant", toolCalls: [{ name: "sh", input: "ls", output: "a", failed: true }] },
      [said("TOOL_CALL", "ls", { tool: "sh" }), said("TOOL_RESULT", "a", { tool: "sh", failed: true })],
    ],
    ["a result of its own", { role: "tool", name: "sh", text: "a" }, [said("TOOL_RESULT", "a", { tool: "sh" })]],
    ["a prompt of gemini", { type: "message", role: "user", content: "Fix" }, [said("USER", "Fix")]],
    ["a prompt of claude", { type: "user", message: { role: "user", content: "Fix" } }, [said("USER", "Fix")]],
    [
      "what a code battle kept",
      { type: "ToolUse", tool: "read", text: "a.js" },
      [said("TOOL_CALL", "a.js", { tool: "read" })],
    ],
    ["a role that is none", { role: "toString", text: "x" }, "INVALID_TRANSCRIPT"],
    ["words that are no text", { role: "user", text: 1 }, "INVALID_TRANSCRIPT"],
    ["calls that are no list", { role: "assistant", toolCalls: "ls" }, "INVALID_TRANSCRIPT"],
    ["nothing but a beginning", { type: "thread.started" }, "INVALID_TRANSCRIPT"],
  ])("%s", (_sentence, line, turns) => {
    expect(turnsOf([line])).toEqual(turns);
    expect(turnsOf(JSON.stringify(line))).toEqual(turns);
  });
});

test("bytes count, not characters, and turns count", () => {
  const room = TRANSCRIPT_BYTES_MAX - JSON.stringify([{ role: "user", text: "" }]).length;
  expect(turnsOf([{ role: "user", text: "x".repeat(room) }])).toHaveLength(1);
  expect(turnsOf([{ role: "user", text: "é".repeat(room / 2 + 1) }])).toBe("TRANSCRIPT_TOO_LARGE");
  const many = Array.from({ length: TURNS_MAX + 1 }, () => ({ role: "user", text: "x" }));
  expect(turnsOf(many.slice(1))).toHaveLength(TURNS_MAX);
  expect(turnsOf(many)).toBe("INVALID_TRANSCRIPT");
});

/** A value as deep as that, with `inner` at its end. */
const nested = (levels: number, inner = "") => "[".repeat(levels) + inner + "]".repeat(levels);

test("a line of a text is as deep as any JSON, and one level more is refused", () => {
  // The line, its calls and a call are three levels.
  const line = (levels: number) => `{"role":"assistant","toolCalls":[{"name":"sh","input":${nested(levels)}}]}`;
  expect(turnsOf(line(61))).toEqual([said("TOOL_CALL", nested(61), { tool: "sh" })]);
  expect(turnsOf(line(62))).toBe("INVALID_TRANSCRIPT");
  expect(turnsOf(line(10_000))).toBe("INVALID_TRANSCRIPT");
});

test("what is kept is bounded like what is given, however a value is nested or a number written", () => {
  const flat = Array.from({ length: 100_000 }, () => "0").join();
  const [deep] = turnsOf(`{"role":"assistant","toolCalls":[{"input":${nested(61, flat)}}]}`) as Turn[];
  expect(deep?.text).toBe(nested(61, flat));
  const large = Array.from({ length: 20_000 }, () => "1e20").join();
  expect(turnsOf(`{"role":"assistant","toolCalls":[{"input":[${large}]}]}`)).toBe("TRANSCRIPT_TOO_LARGE");
  const call = { name: "n".repeat(100), input: "", output: "" };
  const named = Array.from({ length: 1_000 }, () => ({ role: "assistant", toolCalls: [call] }));
  expect(turnsOf(named)).toHaveLength(TURNS_MAX);
});

test.each([
  ["a key of this server", `cq_${"0f".repeat(20)}`, "[cut]"],
  ["a token in an address", `https://x:ghp_${"a".repeat(36)}@github.com`, "https://x:[cut]@github.com"],
  ["a web token", `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}`, "[cut]"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----!", "[cut]!"],
  ["a colour of a terminal", "\u001B[1;31mred\u001B[0m", "red"],
  ["a title of a terminal", "\u001B]0;title\u0007text", "text"],
  ["marks that turn text", "a\u202Eb\u2066c", "abc"],
  ["tabs and line ends", "a\tb\nc", "a\tb\nc"],
  ["half of a pair", "a\uD800b", "a\uFFFDb"],
])("%s", (_sentence, text, clean) => expect(sanitise(text)).toBe(clean));
