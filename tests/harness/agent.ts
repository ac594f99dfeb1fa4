import { createClient, type Client } from "graphql-ws";
import WebSocket from "ws";

export type Answer = {
  data?: Record<string, never> | null;
  errors?: { message: string; path?: string[]; extensions?: Record<string, unknown> }[];
  extensions?: Record<string, unknown>;
};

/** One operation over HTTP, as any program would send it. */
export async function ask(
  url: string,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

/** A mutation with one input; gives its result, success or refusal, with its type's name. */
export async function mutate(
  url: string,
  key: string | null,
  field: string,
  input: object,
  selection = "",
): Promise<Record<string, never>> {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ${selection && `... on ${name}Success { ${selection} }`} ... on Refusal { code message hint path retryAfterMs } } }`;
  const answer = await ask(url, query, { input }, key ? { "x-api-key": key } : {});
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data[field] as unknown as Record<string, never>;
}

let people = 0;

/** A new person with a key that may play. */
export async function newPerson(
  url: string,
  name = `person${process.pid}x${people++}`,
): Promise<{ handle: string; token: string; key: string }> {
  const registered = await mutate(
    url,
    null,
    "registerUser",
    { handle: name, email: `${name}@example.org`, password: "correct horse battery" },
    "token",
  );
  const token = registered["token"] as unknown as string;
  return { handle: name, token, key: await newKey(url, token, ["PLAY"]) };
}

/** Another key of a person, who asks with a session. */
export async function newKey(url: string, token: string, scopes: readonly string[]): Promise<string> {
  const { data } = await ask(
    url,
    `mutation($scopes: [KeyScope!]!) { createApiKey(input: { name: "test", scopes: $scopes }) { ... on CreateApiKeySuccess { key } ... on Refusal { code } } }`,
    { scopes },
    { authorization: `Bearer ${token}` },
  );
  return (data as unknown as { createApiKey: { key: string } }).createApiKey.key;
}

/** A bot of a person, online. */
export async function newBot(url: string, key: string, name: string): Promise<string> {
  const registered = await mutate(url, key, "registerBot", { name }, "bot { id }");
  const id = (registered["bot"] as unknown as { id: string } | undefined)?.id;
  if (!id) throw new Error(JSON.stringify(registered));
  await mutate(url, key, "heartbeat", { botId: id });
  return id;
}

/** A WebSocket client of the server. */
export function socket(url: string, key: string | null): Client {
  return createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: key ? { apiKey: key } : {},
    retryAttempts: 0,
  });
}

export type Move = { fightId: string; round: number; exchange: number; legalActions: string[] };

/** Subscribes a bot's inbox and answers every move; resolves each contest's end to `onEnd`. */
export function play(
  url: string,
  key: string,
  botId: string,
  choose: (move: Move) => string,
  onEnd: () => void = () => undefined,
): Client {
  const client = socket(url, key);
  const query = `subscription($botId: ID!) { botEvents(botId: $botId) { pending event { __typename ... on MoveRequested { fightId round exchange legalActions } } } }`;
  client.subscribe<{ botEvents: { event: { __typename: string } & Move } }>(
    { query, variables: { botId } },
    {
      next: ({ data }) => {
        const event = data?.botEvents.event;
        if (event?.__typename === "ContestEnded") onEnd();
        if (event?.__typename !== "MoveRequested") return;
        const { fightId, round, exchange } = event;
        void mutate(url, key, "submitFightAction", { botId, fightId, round, exchange, action: choose(event) });
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return client;
}
