import type { Agent } from "./gladiator.ts";

/** How an agent's model is asked: where, by which header it knows whom to bill, and what of its API is passed on. */
export type ModelApi = { host: string; header: string; prefix: string; paths: RegExp };

export const MODEL_APIS: Readonly<Record<Agent, ModelApi>> = {
  CLAUDE: {
    host: "https://api.anthropic.com",
    header: "x-api-key",
    prefix: "",
    paths: /^\/v1\/messages(\/count_tokens)?$/,
  },
  OPENCODE: { host: "https://api.anthropic.com", header: "x-api-key", prefix: "", paths: /^\/v1\/messages$/ },
  CODEX: { host: "https://api.openai.com", header: "authorization", prefix: "Bearer ", paths: /^\/v1\/responses$/ },
  GEMINI: {
    host: "https://generativelanguage.googleapis.com",
    header: "x-goog-api-key",
    prefix: "",
    paths: /^\/v1beta\/models\/[\w.-]+:(streamGenerateContent|generateContent|countTokens)$/,
  },
};

export type Used = { inputTokens: number; outputTokens: number };

const INPUTS =
  /"(?:input_tokens|cache_creation_input_tokens|cache_read_input_tokens|promptTokenCount)"\s*:\s*(\d{1,12})/g;
const OUTPUTS = /"(?:output_tokens|candidatesTokenCount|thoughtsTokenCount)"\s*:\s*(\d{1,12})/g;

/** The largest number that a pattern finds: streams say their counts again and again, and they only grow. */
const largest = (text: string, pattern: RegExp) =>
  Math.max(0, ...[...text.matchAll(pattern)].map(([, number]) => Number(number)));

/** What one answer of a model says that it cost. */
export const usedIn = (text: string): Used => ({
  inputTokens: largest(text, INPUTS),
  outputTokens: largest(text, OUTPUTS),
});

/** Whether a request may be passed on, or the status that it gets instead. */
export function refuseRequest(
  { method, path, used }: { method: string; path: string; used: Used },
  { paths }: ModelApi,
  tokenCap: number | null,
): 403 | 429 | null {
  if (method !== "POST" || !paths.test(path)) return 403;
  return tokenCap !== null && used.inputTokens + used.outputTokens >= tokenCap ? 429 : null;
}
