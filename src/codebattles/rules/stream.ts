/** What runs as a gladiator: a command line agent, or any program. Each writes lines of its own kind. */
export const ADAPTERS = ["claude", "codex", "gemini", "opencode", "command"] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** What spectators are told of a gladiator. `tokens` of a Usage are added up. */
export type GladiatorEvent =
  | { type: "AssistantText"; text: string }
  | { type: "ToolUse"; tool: string; text: string }
  | { type: "ToolResult"; text: string; failed: boolean }
  | { type: "Output"; text: string }
  | { type: "Usage"; inputTokens: number; outputTokens: number }
  | { type: "Failed"; text: string };

type Fields = Readonly<Record<string, unknown>>;
type Read = (line: Fields) => GladiatorEvent[];

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
/** A tool's input or an answer in parts, as people read it. */
const shown = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
const count = (value: unknown): number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;

const said = (words: string): GladiatorEvent[] => (words === "" ? [] : [{ type: "AssistantText", text: words }]);
const used = (tool: unknown, input: unknown): GladiatorEvent => ({
  type: "ToolUse",
  tool: text(tool),
  text: shown(input),
});
const usage = (input: number, output: number): GladiatorEvent[] =>
  input + output === 0 ? [] : [{ type: "Usage", inputTokens: input, outputTokens: output }];

/** claude -p … --output-format stream-json. An API that cannot be reached is `subtype: "success"` with `is_error`. */
const readClaude: Read = (line) => {
  const content = list(fields(line["message"])["content"]);
  if (line["type"] === "assistant")
    return content.flatMap((part) =>
      part["type"] === "tool_use" ? [used(part["name"], part["input"])] : said(text(part["text"])),
    );
  if (line["type"] === "user")
    return content
      .filter((part) => part["type"] === "tool_result")
      .map((part) => ({ type: "ToolResult", text: shown(part["content"]), failed: part["is_error"] === true }));
  if (line["type"] !== "result") return [];
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = fields(line["usage"]);
  const input = count(input_tokens) + count(cache_creation_input_tokens) + count(cache_read_input_tokens);
  const failed = line["is_error"] === true;
  return [
    ...usage(input, count(output_tokens)),
    ...(failed ? [{ type: "Failed" as const, text: shown(line["result"]) }] : []),
  ];
};

/** codex exec --json. */
const readCodex: Read = (line) => {
  const item = fields(line["item"]);
  const isDone = line["type"] === "item.completed";
  if (line["type"] === "turn.failed") return [{ type: "Failed", text: shown(fields(line["error"])["message"]) }];
  if (line["type"] === "turn.completed") {
    const { input_tokens, output_tokens } = fields(line["usage"]);
    return usage(count(input_tokens), count(output_tokens));
  }
  if (item["type"] === "command_execution")
    return isDone
      ? [{ type: "ToolResult", text: text(item["aggregated_output"]), failed: item["exit_code"] !== 0 }]
      : line["type"] === "item.started"
        ? [used("command_execution", item["command"])]
        : [];
  if (!isDone) return [];
  if (item["type"] === "agent_message") return said(text(item["text"]));
  if (item["type"] === "file_change") return [used("file_change", item["changes"])];
  return item["type"] === "error" ? [{ type: "Output", text: text(item["message"]) }] : [];
};

/** gemini -p … --output-format stream-json. */
const readGemini: Read = (line) => {
  if (line["type"] === "message") return line["role"] === "assistant" ? said(text(line["content"])) : [];
  if (line["type"] === "tool_use") return [used(line["tool_name"], line["parameters"])];
  if (line["type"] === "tool_result")
    return [{ type: "ToolResult", text: shown(line["output"]), failed: line["status"] !== "success" }];
  if (line["type"] !== "result") return [];
  const { input_tokens, output_tokens } = fields(line["stats"]);
  const failed = line["status"] !== "success";
  return [
    ...usage(count(input_tokens), count(output_tokens)),
    ...(failed ? [{ type: "Failed" as const, text: shown(line["error"]) }] : []),
  ];
};

/** opencode run --format json. A tool is told of once, when it is done. */
const readOpencode: Read = (line) => {
  const part = fields(line["part"]);
  const state = fields(part["state"]);
  if (line["type"] === "text") return said(text(part["text"]));
  if (line["type"] === "error") return [{ type: "Failed", text: shown(line["error"]) }];
  if (line["type"] === "tool_use")
    return [
      used(part["tool"], state["input"]),
      { type: "ToolResult", text: shown(state["output"] ?? state["error"]), failed: state["status"] !== "completed" },
    ];
  if (line["type"] !== "step_finish") return [];
  const { input, output, reasoning, cache } = fields(part["tokens"]);
  const { read, write } = fields(cache);
  return usage(count(input) + count(read) + count(write), count(output) + count(reasoning));
};

const READERS: Record<Exclude<Adapter, "command">, Read> = {
  claude: readClaude,
  codex: readCodex,
  gemini: readGemini,
  opencode: readOpencode,
};

/** What one line of a gladiator's output says. What is not understood is output: programs may write what they like. */
export function eventsOf(adapter: Adapter, line: string): GladiatorEvent[] {
  if (line.trim() === "") return [];
  const parsed = adapter === "command" ? null : parse(line);
  if (adapter === "command" || parsed === null) return [{ type: "Output", text: line }];
  return READERS[adapter](parsed);
}

function parse(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Forms of keys that must not be shown, whosever they are. The head of a web token is bounded: a long text that begins one after
 * the other would else be looked through from each to its end.
 */
const KEYS =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,}|cq_[0-9a-f]{40}|eyJ[\w-]{10,512}\.eyJ[\w-]{10,}\.[\w-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const CUT = "[cut]";

/** A text without secrets: those that are known, and whatever has the form of one. */
export function redact(words: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "").reduce((rest, secret) => rest.replaceAll(secret, CUT), words);
  return known.replaceAll(KEYS, CUT);
}

/** How much of one event, and of a gladiator in all, is told. */
export const EVENT_LENGTH_MAX = 16_384;
export const STREAM_LENGTH_MAX = 10 * 1_048_576;

/** Every event takes its place: one without words is not for nothing. */
const EVENT_LENGTH_MIN = 64;
const TOOL_LENGTH_MAX = 200;
/** What is looked through for keys is bounded; one that is cut off there is not told in part. */
const SEARCHED_LENGTH_MAX = 4 * EVENT_LENGTH_MAX;
const KEY_LENGTH_MAX = 4_096;

/** A text of a stranger as logs and tables can hold it: no half of a letter, no NUL. */
export const holdable = (words: string): string => words.toWellFormed().replaceAll("\0", "\u{FFFD}");

function bounded(words: string, max: number, secrets: readonly string[]): string {
  const searched = redact(words.slice(0, SEARCHED_LENGTH_MAX), secrets);
  const isCut = words.length > SEARCHED_LENGTH_MAX;
  const told = holdable(searched.slice(0, isCut ? Math.min(max, searched.length - KEY_LENGTH_MAX) : max));
  const left = searched.length + Math.max(0, words.length - SEARCHED_LENGTH_MAX) - told.length;
  return left > 0 ? `${told}… (${left} more characters)` : told;
}

/** An event as it is told: without secrets and of bounded length, which is said. */
export function tell(event: GladiatorEvent, secrets: readonly string[]): GladiatorEvent {
  if (event.type === "Usage") return event;
  const told = { ...event, text: bounded(event.text, EVENT_LENGTH_MAX, secrets) };
  return told.type === "ToolUse" ? { ...told, tool: bounded(told.tool, TOOL_LENGTH_MAX, secrets) } : told;
}

/** What an event takes of what is told in all. */
export function lengthOf(event: GladiatorEvent): number {
  if (event.type === "Usage") return 0;
  return Math.max(EVENT_LENGTH_MIN, event.text.length + (event.type === "ToolUse" ? event.tool.length : 0));
}
