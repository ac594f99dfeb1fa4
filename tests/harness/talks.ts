import { ask, mutate } from "./agent.ts";

export type Node = { id: string };
export type Shown = {
  title: string;
  turns: { kind: string; text: string; tool: string | null; failed: boolean }[];
} | null;

/** A short transcript, in the form that is documented. */
export const TALK = [
  { role: "user", text: "Mend sum.js" },
  {
    role: "assistant",
    text: "It subtracts.",
    toolCalls: [{ name: "read", input: { path: "sum.js" }, output: "a - b" }],
  },
];

export const CONVERSATION = `query($id: ID!) { conversation(id: $id) { title tags visibility commentCount reactionCount reactions { kind count mine } turns { kind text tool failed } publisher { handle } bot { name } comments(first: 20) { nodes { id text author { handle } } } } }`;

/** Publishes a conversation for everybody, unless `more` says otherwise; its id. */
export async function publishTalk(url: string, key: string, more: object = {}): Promise<string> {
  const input = { title: "A talk", tags: ["mending"], visibility: "PUBLIC", transcript: TALK, ...more };
  return idOf(await mutate(url, key, "publishConversation", input, "conversation { id }"), "conversation");
}

/** Comments on a conversation; the comment's id. */
export async function sayOn(url: string, key: string, conversationId: string, text: string): Promise<string> {
  return idOf(await mutate(url, key, "createComment", { conversationId, text }, "comment { id }"), "comment");
}

function idOf(made: Record<string, unknown>, field: string): string {
  if (!made[field]) throw new Error(JSON.stringify(made));
  return (made[field] as Node).id;
}

/** What a query answers to somebody, or to nobody in particular. */
export async function readAs<T>(url: string, query: string, variables: object = {}, key?: string): Promise<T> {
  const { data, errors } = await ask(url, query, variables, key ? { "x-api-key": key } : {});
  if (errors) throw new Error(JSON.stringify(errors));
  return data as T;
}
