import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type Client } from "graphql-ws";
import type { TypedDocumentString } from "./generated/operations.ts";

/** Where the arena is, such as http://127.0.0.1:4000, and your API key; without one you may read what is public. */
export type Connection = { url: string; key?: string | undefined };

/** What the server answered instead of a result: a refusal or an error, with what to do next. */
export class AgonError extends Error {
  override readonly name = "AgonError";
  readonly code: string;
  readonly hint: string | null;
  readonly retryAfterMs: number | null;

  constructor({ code, message, hint, retryAfterMs }: Answered) {
    super(hint ? `${message} ${hint}` : message);
    this.code = code;
    this.hint = hint ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

type Answered = { code: string; message: string; hint?: string | null; retryAfterMs?: number | null };
type GraphQLFault = { message: string; extensions?: { code?: string; hint?: string; retryAfterMs?: number } };

/** A typed connection to the arena. */
export type Agon = {
  /**
   * One query or mutation. A cut connection and RATE_LIMITED are tried again for up to 30 s, so give mutations an
   * idempotencyKey. Throws AgonError for everything that the server names.
   */
  request<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result>;
  /**
   * A stream of events that goes on after every cut, from the last cursor, without gap or duplicate. Throws AgonError
   * when the server refuses it, such as NOT_YOUR_BOT or a revoked key.
   */
  follow<Result, Variables extends { after?: string | null }>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    cursorOf: (data: Result) => string,
    signal?: AbortSignal,
  ): AsyncGenerator<Result>;
};

const PATIENCE_MS = 30_000;
const BACKOFF_MAX_MS = 3_000;
const REVOKED = 4403;
const RESUMABLE = new Set(["SLOW_CONSUMER", "SERVER_STOPPING", "INTERNAL"]);

/** Opens a connection; nothing is sent before it is used. */
export function connect({ url, key = "" }: Connection): Agon {
  const server = { origin: url.replace(/\/$/, ""), key };
  return {
    request: (document, variables) => request(server, document, variables),
    follow: (document, variables, cursorOf, signal) => follow(server, document, variables, cursorOf, signal),
  };
}

type Server = { origin: string; key: string };

const backoffMs = (tried: number) => Math.min(BACKOFF_MAX_MS, 100 * 2 ** tried) * (0.5 + Math.random() / 2);

async function request<Result, Variables>(
  server: Server,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const until = Date.now() + PATIENCE_MS;
  for (let tried = 0; ; tried++) {
    const answer = await post<Result>(server, String(document), variables).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error)) return answer;
    const waitMs = waitBefore(answer, tried);
    if (waitMs === null || Date.now() + waitMs > until) throw answer;
    await sleep(waitMs);
  }
}

/** How long to wait before the same request may succeed; null when it never will. */
function waitBefore(error: Error, tried: number): number | null {
  if (!(error instanceof AgonError)) return backoffMs(tried);
  if (error.code === "RATE_LIMITED") return error.retryAfterMs ?? backoffMs(tried);
  return error.code === "INTERNAL" ? backoffMs(tried) : null;
}

async function post<Result>({ origin, key }: Server, query: string, variables: unknown): Promise<Result> {
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key && { "x-api-key": key }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Result; errors?: GraphQLFault[] };
  const [fault] = errors ?? [];
  if (fault) throw errorOf(fault);
  if (!data) throw new Error(`the server answered ${response.status} without data`);
  return data;
}

const errorOf = ({ message, extensions }: GraphQLFault) => new AgonError({ code: "INTERNAL", ...extensions, message });

async function* follow<Result, Variables extends { after?: string | null }>(
  server: Server,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  cursorOf: (data: Result) => string,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const client = openSocket(server);
  const close = () => void client.dispose();
  signal?.addEventListener("abort", close, { once: true });
  let after = variables.after ?? null;
  let tried = 0;
  try {
    while (!signal?.aborted) {
      try {
        const payload = { query: String(document), variables: { ...variables, after } };
        for await (const { data, errors } of client.iterate<Result>(payload)) {
          if (errors?.[0]) throw errorOf(errors[0]);
          if (!data) continue;
          [after, tried] = [cursorOf(data), 0];
          yield data;
        }
      } catch (error) {
        if (signal?.aborted) return;
        throwLasting(error);
      }
      if (!signal?.aborted) await sleep(backoffMs(tried++));
    }
  } finally {
    signal?.removeEventListener("abort", close);
    close();
  }
}

function openSocket({ origin, key }: Server): Client {
  return createClient({
    url: `${origin.replace(/^http/, "ws")}/graphql`,
    connectionParams: key ? { apiKey: key } : {},
    retryAttempts: 0,
  });
}

/** Passes over what a new connection mends. */
function throwLasting(error: unknown): void {
  if ((error as { code?: unknown }).code === REVOKED)
    throw new AgonError({ code: "BAD_CREDENTIALS", message: "The key is not valid.", hint: "Make a new key." });
  const fault = Array.isArray(error) ? errorOf(error[0] as GraphQLFault) : error;
  if (fault instanceof AgonError && !RESUMABLE.has(fault.code)) throw fault;
}
