import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A model that follows a script: it runs one command in a shell by the tool that its agent has for that, then says that it is
 * done. It speaks Anthropic's Messages API, OpenAI's Responses API and Google's generateContent.
 */
export type ModelApi = {
  url: string;
  /** The path, the key and what else each request had of a key. */
  seen: { path: string; key: string | undefined; authorization: string | undefined }[];
  /** The body of each. */
  asked: string[];
  stop(): Promise<void>;
};

/** Google's tools are in groups. */
type Tool = { name?: string; functionDeclarations?: readonly { name: string }[] };
/** What codex has for a model that it knows stands in the input, in groups, too. */
type Said = { tools?: readonly { tools?: readonly { name: string }[] }[] };
type Asked = { stream?: boolean; tools?: readonly Tool[]; input?: readonly Said[] };
type Dialect = (body: string, command: string, response: ServerResponse, path: string) => void;

const DONE = "It is fixed.";

/** Starts the model; `command` is what it runs in the shell. */
export async function startModelApi(command: string): Promise<ModelApi> {
  const seen: ModelApi["seen"] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (bytes: Buffer) => void parts.push(bytes));
    request.on("end", () => {
      const { "x-api-key": key, "x-goog-api-key": googleKey, authorization } = request.headers;
      const path = request.url ?? "";
      seen.push({ path, key: (key ?? googleKey)?.toString(), authorization });
      const body = Buffer.concat(parts).toString();
      asked.push(body);
      dialectOf(path)(body, command, response, path);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const dialectOf = (path: string): Dialect =>
  path.startsWith("/v1/responses") ? openAi : path.startsWith("/v1beta/") ? google : anthropic;

const read = (body: string) => JSON.parse(body || "{}") as Asked;

/** The first of these tools that the agent has, where none has answered yet. */
const toolIn = ({ tools = [] }: Asked, names: readonly string[], hasAnswered: boolean) => {
  const offered = tools.flatMap((tool) => tool.functionDeclarations?.map(({ name }) => name) ?? [tool.name]);
  return hasAnswered ? undefined : names.find((name) => offered.includes(name));
};

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** Server-sent events, each named by its type where it has one. */
function stream(response: ServerResponse, events: readonly Record<string, unknown>[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events)
    response.write(`${"type" in event ? `event: ${String(event["type"])}\n` : ""}data: ${JSON.stringify(event)}\n\n`);
  response.end();
}

const anthropic: Dialect = (body, command, response) => {
  const asked = read(body);
  const tool = toolIn(asked, ["Bash", "bash"], body.includes('"tool_result"'));
  const input = { command, description: "Fix it" };
  const block = tool ? { type: "tool_use", id: "toolu_1", name: tool, input } : { type: "text", text: DONE };
  const usage = { input_tokens: 100, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "scripted", stop_sequence: null, usage };
  const stop_reason = tool ? "tool_use" : "end_turn";
  if (!asked.stream) return json(response, { ...message, content: [block], stop_reason });
  const empty = tool ? { ...block, input: {} } : { ...block, text: "" };
  const delta = tool
    ? { type: "input_json_delta", partial_json: JSON.stringify(input) }
    : { type: "text_delta", text: DONE };
  stream(response, [
    { type: "message_start", message: { ...message, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: empty },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 20 } },
    { type: "message_stop" },
  ]);
};

const takesPrograms = ({ input = [] }: Asked) =>
  input.some(({ tools = [] }) => tools.some((group) => group.tools?.some(({ name }) => name === "exec")));

const openAi: Dialect = (body, command, response) => {
  const asked = read(body);
  const hasAnswered = /"(?:function|custom_tool)_call_output"/.test(body);
  const tool = toolIn(asked, ["exec_command", "shell_command"], hasAnswered);
  const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: tool };
  // Models that codex knows write programs instead, whose `tools` are the shell and the others.
  const program = `const { output } = await tools.exec_command(${JSON.stringify({ cmd: command })}); text(output);`;
  const item = tool
    ? { ...call, arguments: JSON.stringify(tool === "exec_command" ? { cmd: command } : { command }) }
    : takesPrograms(asked) && !hasAnswered
      ? { type: "custom_tool_call", id: "ctc_1", call_id: "call_1", name: "exec", input: program }
      : { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: DONE }] };
  const usage = {
    ...{ input_tokens: 100, input_tokens_details: { cached_tokens: 0 } },
    ...{ output_tokens: 20, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 120 },
  };
  stream(response, [
    { type: "response.created", response: { id: "resp_1" } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: "resp_1", usage } },
  ]);
};

const google: Dialect = (body, command, response, path) => {
  const tool = toolIn(read(body), ["run_shell_command"], body.includes('"functionResponse"'));
  const part = tool ? { functionCall: { name: tool, args: { command, description: "Fix it" } } } : { text: DONE };
  const usageMetadata = { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 };
  const candidates = [{ index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" }];
  if (path.includes(":stream")) return stream(response, [{ candidates, usageMetadata }]);
  json(response, { candidates, usageMetadata });
};
