import type { Agent } from "./gladiator.ts";

/** A request has the whole conversation in it: a million tokens are about half of this. */
export const REQUEST_BYTES_MAX = 8 * 1_048_576;
/** More objects and lists than in as much text of programs, and how deep they may lie: reading one holds up all else that a server does. */
const PARTS_MAX = 400_000;
const DEPTH_MAX = 200;

/** Why a request is not passed on to a model. */
export type RequestRefusal =
  | "NOT_JSON"
  | "TOO_MANY_PARTS"
  /** It would be answered later, where nobody counts what it costs. */
  | "BACKGROUND"
  /** It names what its vendor keeps for the key's owner, such as tools or prompts: what is in them is not seen here. */
  | "KEPT_BY_VENDOR"
  /** It would have its vendor fetch something from the internet. */
  | "FETCHES";

type Fields = Record<string, unknown>;

/** How a vendor's requests are read. Names are compared in small letters, without underscores: Google takes both forms. */
type Dialect = {
  /** Fields of the request itself, by which else than by tools more is had than an answer of the model. */
  refused: ReadonlyMap<string, RequestRefusal>;
  /** Fields that programs and models wrote: data to the vendor, whatever it looks like. */
  data: ReadonlySet<string>;
  /** A tool, as far as the agent runs it itself; null where the vendor would. */
  tool(tool: Fields): Fields | null;
  /** Whether this part of a request has the vendor fetch something. */
  fetches(part: Fields): boolean;
};

const plain = (name: string) => name.toLowerCase().replaceAll("_", "");
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isFar = (url: unknown): boolean =>
  typeof url === "string" ? !/^data:/i.test(url) : isFields(url) && isFar(url["url"]);

const ANTHROPIC: Dialect = {
  refused: new Map([
    ["mcpservers", "FETCHES"],
    ["container", "KEPT_BY_VENDOR"],
  ]),
  data: new Set(["input", "inputschema", "schema"]),
  // What it has its own names for and the agent runs all the same; tool_search looks through the request's own tools.
  tool: (tool) =>
    tool["type"] == null ||
    /^(custom|(bash|text_editor|computer|memory)_\d{8}|tool_search_tool_\w+)$/.test(String(tool["type"]))
      ? tool
      : null,
  fetches: ({ source }) => isFields(source) && source["type"] === "url",
};

const OPENAI_OWN: ReadonlySet<unknown> = new Set([
  ...["function", "custom", "local_shell", "apply_patch", "computer", "computer_use_preview", "tool_search"],
]);
const OPENAI: Dialect = {
  refused: new Map([
    ["background", "BACKGROUND"],
    ["prompt", "KEPT_BY_VENDOR"],
    ["conversation", "KEPT_BY_VENDOR"],
  ]),
  data: new Set(["arguments", "parameters", "schema", "format", "action", "metadata", "clientmetadata"]),
  tool: (tool) => {
    if (OPENAI_OWN.has(tool["type"])) return tool;
    const { type, tools, environment } = tool;
    if (type === "namespace" && Array.isArray(tools)) return { ...tool, tools: tools.filter(isOwnOfOpenAi) };
    return type === "shell" && isFields(environment) && environment["type"] === "local" ? tool : null;
  },
  fetches: ({ image_url: image, file_url: file }) => isFar(image) || isFar(file),
};
const isOwnOfOpenAi = (tool: unknown) => isFields(tool) && OPENAI_OWN.has(tool["type"]);

const GOOGLE: Dialect = {
  refused: new Map(),
  data: new Set(["args", "response", "responseschema", "responsejsonschema"]),
  tool: (tool) => {
    const own = Object.entries(tool).filter(([name]) => plain(name) === "functiondeclarations");
    return own.length > 0 ? Object.fromEntries(own) : null;
  },
  fetches: (part) => Object.keys(part).some((name) => ["filedata", "cachedcontent"].includes(plain(name))),
};

const DIALECTS: Readonly<Record<Agent, Dialect>> = {
  CLAUDE: ANTHROPIC,
  OPENCODE: ANTHROPIC,
  CODEX: OPENAI,
  GEMINI: GOOGLE,
};

/** What was found while a request was read. */
type Reading = { dialect: Dialect; refusal: RequestRefusal | null; hasDropped: boolean };

/**
 * A request as it may be passed on: for an answer of the model, and for nothing that its vendor does for it. A gladiator has no
 * network, and neither has its model: tools that the vendor would run are taken out, since agents offer them unasked, and
 * what else reaches beyond the model is refused.
 */
export function holdRequest(
  agent: Agent,
  text: string,
): { ok: true; body: Fields } | { ok: false; refusal: RequestRefusal } {
  if (hasManyParts(text)) return { ok: false, refusal: "TOO_MANY_PARTS" };
  const sent = fieldsIn(text);
  if (sent === null) return { ok: false, refusal: "NOT_JSON" };
  const dialect = DIALECTS[agent];
  const named = Object.keys(sent).find((name) => dialect.refused.has(plain(name)) && isSet(sent[name]));
  const refusal = (named !== undefined && dialect.refused.get(plain(named))) || null;
  const reading: Reading = { dialect, refusal, hasDropped: false };
  const body = held(sent, reading, 0) as Fields;
  if (reading.refusal !== null) return { ok: false, refusal: reading.refusal };
  return { ok: true, body: reading.hasDropped ? withoutChoice(body) : body };
}

function hasManyParts(text: string): boolean {
  let parts = 0;
  for (let at = 0; at < text.length && parts <= PARTS_MAX; at++) {
    const code = text.charCodeAt(at);
    if (code === OBJECT || code === LIST) parts++;
  }
  return parts > PARTS_MAX;
}
const OBJECT = "{".charCodeAt(0);
const LIST = "[".charCodeAt(0);

function fieldsIn(text: string): Fields | null {
  try {
    const sent: unknown = JSON.parse(text);
    return isFields(sent) ? sent : null;
  } catch {
    return null;
  }
}

const isSet = (value: unknown) => Boolean(value) && !(Array.isArray(value) && value.length === 0);

function held(value: unknown, reading: Reading, depth: number): unknown {
  if (depth > DEPTH_MAX) reading.refusal ??= "TOO_MANY_PARTS";
  if (reading.refusal !== null || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.filter((each) => !addsTool(each, reading)).map((each) => held(each, reading, depth + 1));
  const part = value as Fields;
  if (reading.dialect.fetches(part)) reading.refusal = "FETCHES";
  return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, field(name, each, reading, depth)]));
}

function field(name: string, value: unknown, reading: Reading, depth: number): unknown {
  if (reading.dialect.data.has(plain(name))) return value;
  if (plain(name) !== "tools" || typeof value !== "object" || value === null) return held(value, reading, depth + 1);
  const offered: unknown[] = Array.isArray(value) ? value : [value];
  const own = offered.flatMap((tool) => (isFields(tool) ? (reading.dialect.tool(tool) ?? []) : []));
  if (own.length < offered.length) reading.hasDropped = true;
  return own;
}

/** Anthropic's conversations may bring a tool in the middle. */
function addsTool(part: unknown, { dialect }: Reading): boolean {
  if (!isFields(part) || part["type"] !== "tool_addition" || !isFields(part["tool"])) return false;
  const { definition } = part["tool"];
  return isFields(definition) && dialect.tool(definition) === null;
}

/** Who was told to use a tool that is not there is told nothing; an empty list of tools has nothing to choose from. */
function withoutChoice({ tool_choice: choice, ...body }: Fields): Fields {
  const { tools, ...rest } = body;
  if (Array.isArray(tools) && tools.length === 0) return rest;
  const isFree = typeof choice === "string" || (isFields(choice) && FREE.has(choice["type"]));
  return isFree ? { ...body, tool_choice: choice } : body;
}
const FREE: ReadonlySet<unknown> = new Set(["auto", "any", "none"]);
