import { expect, test } from "vitest";
import { holdRequest } from "./model-request.ts";

type Agent = Parameters<typeof holdRequest>[0];
const held = (agent: Agent, body: object) => {
  const answer = holdRequest(agent, JSON.stringify(body));
  return answer.ok ? answer.body : answer.refusal;
};

const BASH = { name: "Bash", input_schema: { type: "object" } };
const EXEC = { type: "function", name: "exec_command", parameters: { tools: [{ type: "mcp" }] } };
const DECLARED = { functionDeclarations: [{ name: "run_shell_command" }] };
const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });
const brings = (definition: object) => ({ type: "tool_addition", tool: { type: "tool_definition", definition } });
const item = (part: object) => ({ input: [{ type: "message", role: "user", content: [part] }] });

test.each<[string, Agent, object, object]>([
  [
    "tools that Anthropic runs are taken out, those that the agent runs stay",
    "CLAUDE",
    { tools: [BASH, { type: "web_search_20250305" }, { type: "bash_20250124" }, { type: "web_fetch_20250910" }] },
    { tools: [BASH, { type: "bash_20250124" }] },
  ],
  [
    "a search by itself is an answer by the model alone",
    "OPENCODE",
    { tools: [{ type: "web_search_20250305", name: "web_search" }], tool_choice: { type: "tool", name: "web_search" } },
    {},
  ],
  [
    "a tool that a conversation brings is held as the others",
    "CLAUDE",
    user(brings({ type: "code_execution_20250825" }), brings(BASH), { type: "text", text: "go" }),
    user(brings(BASH), { type: "text", text: "go" }),
  ],
  [
    "tools that OpenAI runs are taken out, also of groups and of the conversation",
    "CODEX",
    {
      tools: [
        EXEC,
        { type: "web_search", external_web_access: true },
        { type: "mcp", server_url: "https://e.example" },
      ],
      input: [{ type: "additional_tools", tools: [{ type: "namespace", tools: [EXEC, { type: "web_search" }] }] }],
      tool_choice: "auto",
      store: false,
    },
    {
      tools: [EXEC],
      input: [{ type: "additional_tools", tools: [{ type: "namespace", tools: [EXEC] }] }],
      tool_choice: "auto",
      store: false,
    },
  ],
  [
    "a shell is the agent's or OpenAI's",
    "CODEX",
    {
      tools: [
        EXEC,
        { type: "shell", environment: { type: "local" } },
        { type: "shell", environment: { type: "container_auto" } },
      ],
    },
    { tools: [EXEC, { type: "shell", environment: { type: "local" } }] },
  ],
  [
    "of Google's tools functions stay, in whichever form they are named",
    "GEMINI",
    { tools: [{ ...DECLARED, googleSearch: {} }, { url_context: {} }, { function_declarations: [] }] },
    { tools: [DECLARED, { function_declarations: [] }] },
  ],
  [
    "what a program wrote is no order",
    "CLAUDE",
    user({ type: "tool_use", input: { tools: [{ type: "x" }], source: { type: "url" } } }),
    user({ type: "tool_use", input: { tools: [{ type: "x" }], source: { type: "url" } } }),
  ],
  [
    "what is not asked for is not refused",
    "CODEX",
    { background: false, prompt: null },
    { background: false, prompt: null },
  ],
  [
    "a picture in the request is no fetch",
    "CODEX",
    item({ image_url: "data:image/png;base64,AA" }),
    item({ image_url: "data:image/png;base64,AA" }),
  ],
])("%s", (_sentence, agent, sent, passed) => expect(held(agent, sent)).toEqual(passed));

test.each<[string, Agent, object, string]>([
  ["an answer that nobody would count", "CODEX", { background: true }, "BACKGROUND"],
  ["servers of tools", "CLAUDE", { mcp_servers: [{ url: "https://e.example" }] }, "FETCHES"],
  [
    "a picture from the internet",
    "CLAUDE",
    user({ type: "image", source: { type: "url", url: "https://e.example" } }),
    "FETCHES",
  ],
  [
    "a document in a tool's result",
    "CLAUDE",
    user({ type: "tool_result", content: [{ type: "document", source: { type: "url" } }] }),
    "FETCHES",
  ],
  ["a picture by its address", "CODEX", item({ image_url: "https://e.example/a.png" }), "FETCHES"],
  [
    "a picture by its address, the other way",
    "CODEX",
    item({ image_url: { url: "https://e.example/a.png" } }),
    "FETCHES",
  ],
  ["a file by its address", "CODEX", item({ file_url: "https://e.example/a.pdf" }), "FETCHES"],
  [
    "a file that Google gets",
    "GEMINI",
    { contents: [{ parts: [{ fileData: { fileUri: "https://e.example" } }] }] },
    "FETCHES",
  ],
  ["the same in the other form", "GEMINI", { contents: [{ parts: [{ file_data: { file_uri: "x" } }] }] }, "FETCHES"],
  [
    "what its vendor keeps of tools",
    "GEMINI",
    { generateContentRequest: { cachedContent: "cachedContents/1" } },
    "FETCHES",
  ],
  ["a container", "CLAUDE", { container: "container_1" }, "KEPT_BY_VENDOR"],
  ["a prompt that its vendor keeps", "CODEX", { prompt: { id: "pmpt_1" } }, "KEPT_BY_VENDOR"],
  ["a list", "CLAUDE", [], "NOT_JSON"],
  ["more parts than a conversation has", "CLAUDE", { messages: Array(400_001).fill({}) }, "TOO_MANY_PARTS"],
])("%s is refused", (_sentence, agent, sent, refusal) => expect(held(agent, sent)).toBe(refusal));

test("what is no JSON, or is nested without end, is refused by name", () => {
  expect(holdRequest("CLAUDE", "tools")).toEqual({ ok: false, refusal: "NOT_JSON" });
  const deep = `{"a":${"[".repeat(1_000)}${"]".repeat(1_000)}}`;
  expect(holdRequest("CLAUDE", deep)).toEqual({ ok: false, refusal: "TOO_MANY_PARTS" });
  expect(holdRequest("CLAUDE", `{"constructor":1}`)).toEqual({ ok: true, body: { constructor: 1 } });
});
