import { eventsOf, redact, type Adapter, type GladiatorEvent } from "../../codebattles/rules/stream.ts";
import { isDeeper, JSON_LEVELS_MAX } from "../../platform/json-depth.ts";

export const TURN_KINDS = ["SYSTEM", "USER", "ASSISTANT", "TOOL_CALL", "TOOL_RESULT"] as const;
export type TurnKind = (typeof TURN_KINDS)[number];

/** One thing that was said or done. `tool` names the tool of a call, and of a result where it is known. */
export type Turn = { kind: TurnKind; text: string; tool: string | null; failed: boolean };

export const TRANSCRIPT_BYTES_MAX = 256 * 1_024;
export const TURNS_MAX = 2_000;
const TOOL_NAME_MAX = 100;

type Parsed =
  | { ok: true; turns: Turn[] }
  | { ok: false; refusal: "INVALID_TRANSCRIPT" | "TRANSCRIPT_TOO_LARGE"; message: string };
type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
const invalid = (message: string): Parsed => ({ ok: false, refusal: "INVALID_TRANSCRIPT", message });
const tooLarge = (message: string): Parsed => ({ ok: false, refusal: "TRANSCRIPT_TOO_LARGE", message });

/**
 * A transcript as it is kept: JSON lines, or a list of the same objects. Each is a message `{role, text, toolCalls}`, or a line of
 * the stream of a command line agent that code battles know. Whatever looks like a secret is cut. Both what is given and what
 * is kept of it are bounded: a number, for one, may be written shorter than it is read.
 */
export function parseTranscript(given: unknown): Parsed {
  const size = bytesOf(typeof given === "string" ? given : (JSON.stringify(given) ?? ""));
  if (size > TRANSCRIPT_BYTES_MAX)
    return tooLarge(`This transcript has ${size} bytes; at most ${TRANSCRIPT_BYTES_MAX} are taken.`);
  const lines = typeof given === "string" ? linesOf(given) : given;
  if (!Array.isArray(lines)) return invalid("A transcript is JSON lines, or a list of messages.");
  const turns: Turn[] = [];
  let [many, bytes] = [0, 0];
  for (const [index, line] of lines.entries()) {
    const read = turnsOf(line);
    if (typeof read === "string") return invalid(`Line ${index + 1} ${read}`);
    many += read.length;
    if (many > TURNS_MAX) return invalid(`A transcript has at most ${TURNS_MAX} messages and tool calls.`);
    for (const each of read.map(sanitised)) {
      bytes += bytesOf(each.text) + bytesOf(each.tool ?? "");
      if (bytes > TRANSCRIPT_BYTES_MAX)
        return tooLarge(`What is said in this transcript has more than ${TRANSCRIPT_BYTES_MAX} bytes.`);
      if (!isEmpty(each)) turns.push(each);
    }
  }
  return turns.length === 0 ? invalid("Nothing is said in this transcript.") : { ok: true, turns };
}

/** What a tool was given or gave may be nothing. */
const isEmpty = ({ kind, text }: Turn): boolean => text.trim() === "" && !kind.startsWith("TOOL");

/** The turns of one line, or what is wrong with it. */
function turnsOf(line: unknown): Turn[] | string {
  // A list was asked for its depth with the request; what is a text was not.
  if (isDeeper(line, JSON_LEVELS_MAX)) return `is more than ${JSON_LEVELS_MAX} levels deep.`;
  return (isFields(line) ? readLine(line) : null) ?? "is no message: it has no role that is known.";
}

const linesOf = (text: string): unknown[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map(parsed);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const ROLES: Readonly<Record<string, TurnKind>> = {
  system: "SYSTEM",
  user: "USER",
  assistant: "ASSISTANT",
  tool: "TOOL_RESULT",
};

const turn = (kind: TurnKind, text: string, tool: unknown = null, failed = false): Turn => ({
  kind,
  text,
  tool: typeof tool === "string" ? tool : null,
  failed,
});

/** A value as it is kept, in one line: indented, what is nested deep would be many times as long as it was given. */
const shown = (value: unknown): string =>
  typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);

/** The turns of one line; null where it is no message at all. */
function readLine(line: Fields): Turn[] | null {
  const { type } = line;
  if (typeof type === "string") return readRecorded(line, type);
  const { role } = line;
  const kind = typeof role === "string" && Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
  return kind ? readMessage(line, kind) : null;
}

/** A message of our own form. */
function readMessage(line: Fields, kind: TurnKind): Turn[] | null {
  const { text = "", toolCalls = [], name, failed } = line;
  if (typeof text !== "string" || !Array.isArray(toolCalls) || !toolCalls.every(isFields)) return null;
  if (kind === "TOOL_RESULT") return [turn(kind, text, name, failed === true)];
  const calls = toolCalls.flatMap((call) => [
    turn("TOOL_CALL", shown(call["input"]), call["name"]),
    ...(call["output"] === undefined
      ? []
      : [turn("TOOL_RESULT", shown(call["output"]), call["name"], call["failed"] === true)]),
  ]);
  return [...(text === "" ? [] : [turn(kind, text)]), ...calls];
}

const TOLD: Readonly<Record<GladiatorEvent["type"], TurnKind | null>> = {
  AssistantText: "ASSISTANT",
  ToolUse: "TOOL_CALL",
  ToolResult: "TOOL_RESULT",
  Output: "TOOL_RESULT",
  Failed: "TOOL_RESULT",
  Usage: null,
};

/** A line of a recorded stream: of an agent, or as a code battle kept it. What only counts or begins says nothing. */
function readRecorded(line: Fields, type: string): Turn[] {
  const prompt = promptOf(line, type);
  if (prompt !== null) return [turn("USER", prompt)];
  if (Object.hasOwn(TOLD, type)) return toldTurns(line as unknown as GladiatorEvent);
  const adapter = adapterOf(line, type);
  return adapter ? eventsOf(adapter, JSON.stringify(line)).flatMap(toldTurns) : [];
}

function toldTurns(event: GladiatorEvent): Turn[] {
  const kind = TOLD[event.type];
  if (!kind || event.type === "Usage" || typeof event.text !== "string") return [];
  const failed = event.type === "Failed" || (event.type === "ToolResult" && event.failed);
  return [turn(kind, event.text, "tool" in event ? event.tool : null, failed)];
}

/** What a person asked of the agent, where a stream has it. */
function promptOf(line: Fields, type: string): string | null {
  const message = line["message"];
  if (type === "user" && isFields(message) && typeof message["content"] === "string") return message["content"];
  return type === "message" && line["role"] === "user" && typeof line["content"] === "string" ? line["content"] : null;
}

/** Whose stream a line is of, by what only that one has. */
function adapterOf(line: Fields, type: string): Exclude<Adapter, "command"> | null {
  if (isFields(line["part"])) return "opencode";
  if (/^(?:item|turn|thread)\./.test(type)) return "codex";
  if (type === "assistant" || type === "user" || (type === "result" && "is_error" in line)) return "claude";
  return ["message", "tool_use", "tool_result", "result"].includes(type) ? "gemini" : null;
}

// What a terminal reads as a command, controls but for tabs and line ends, and marks that turn the direction of text.
// oxlint-disable-next-line no-control-regex -- these are what is taken out
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-_])/g;
const UNSEEN = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]|(?![\n\t])\p{Cc}/gu;

/** A text as it may be shown: without secrets, commands to terminals and unseen marks. */
export const sanitise = (text: string): string =>
  redact(text.toWellFormed().replaceAll(ESCAPES, "").replaceAll(UNSEEN, ""), []);

const sanitised = ({ kind, text, tool, failed }: Turn): Turn => ({
  kind,
  text: sanitise(text),
  tool: tool === null ? null : sanitise(tool).slice(0, TOOL_NAME_MAX).toWellFormed(),
  failed,
});
