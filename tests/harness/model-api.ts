import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A model that follows a script: it calls one tool with a command, then says that it is done. Anthropic's Messages API. */
export type ModelApi = {
  url: string;
  /** The path, the key and what else each request had of a key. */
  seen: { path: string; key: string | undefined; authorization: string | undefined }[];
  stop(): Promise<void>;
};

type Block = { type: "text"; text: string } | { type: "tool_use"; id: string; name: string; input: object };

/** Starts the model; `command` is what it runs in the shell. */
export async function startModelApi(command: string): Promise<ModelApi> {
  const seen: ModelApi["seen"] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (bytes: Buffer) => void parts.push(bytes));
    request.on("end", () => {
      const { "x-api-key": key, authorization } = request.headers;
      seen.push({ path: request.url ?? "", key: key?.toString(), authorization });
      answer(Buffer.concat(parts).toString(), command, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(body: string, command: string, response: ServerResponse): void {
  const asked = JSON.parse(body || "{}") as { stream?: boolean; tools?: { name: string }[] };
  const mayUse = asked.tools?.some(({ name }) => name === "Bash") === true && !body.includes('"tool_result"');
  const block: Block = mayUse
    ? { type: "tool_use", id: "toolu_1", name: "Bash", input: { command, description: "Fix it" } }
    : { type: "text", text: "It is fixed." };
  const usage = { input_tokens: 100, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "scripted", stop_sequence: null, usage };
  const stop_reason = mayUse ? "tool_use" : "end_turn";
  if (!asked.stream) {
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(JSON.stringify({ ...message, content: [block], stop_reason }));
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (type: string, more: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  send("message_start", { message: { ...message, content: [], stop_reason: null } });
  const empty = block.type === "text" ? { ...block, text: "" } : { ...block, input: {} };
  send("content_block_start", { index: 0, content_block: empty });
  const delta =
    block.type === "text"
      ? { type: "text_delta", text: block.text }
      : { type: "input_json_delta", partial_json: JSON.stringify(block.input) };
  send("content_block_delta", { index: 0, delta });
  send("content_block_stop", { index: 0 });
  send("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 20 } });
  send("message_stop", {});
  response.end();
}
