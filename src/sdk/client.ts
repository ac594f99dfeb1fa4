import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type Client } from "graphql-ws";
import type { TypedDocumentString } from "./generated/operations.ts";

/**
 * Where the arena is, such as http://127.0.0.1:4000, and your API key; without one you may read what is public. Once
 * `signal` is aborted, requests are rejected with its reason and streams end.
 */
export type Connection = { url: string; key?: string | undefined; signal?: AbortSignal | undefined };

/**
 * What came instead of a result: a refusal or an error that the server named, or UNREACHABLE when nothing answered in
 * time; then `cause` says why. `hint` says what to do next, `retryAfterMs` when the same may succeed, `path` which input
 * was refused, and `requestId` is what an operator needs to look into an INTERNAL.
 */
export class AgonError extends Error {
  override readonly name = "AgonError";
  readonly code: string;
  readonly hint: string | null;
  readonly retryAfterMs: number | null;
  readonly path: readonly string[] | null;
  readonly requestId: string | null;

  constructor({ code, message, hint, retryAfterMs, path, requestId }: Answered, options?: ErrorOptions) {
    super(hint ? `${message} ${hint}` : message, options);
    this.code = code;
    this.hint = hint ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
    this.path = path ?? null;
    this.requestId = requestId ?? null;
  }
}

type Answered = {
  code: string;
  message: string;
  hint?: string | null;
  retryAfterMs?: number | null;
  path?: readonly string[] | null;
  requestId?: string | null;
};
type GraphQLFault = { message: string; extensions?: Partial<Omit<Answered, "message">> };

/** The success of a mutation's one field: the member of its result union that is no refusal. */
export type SuccessOf<Result> = Extract<Result[keyof Result], { __typename: `${string}Success` }>;

/** A typed connection to the arena. */
export type Agon = {
  /**
   * One query or mutation, as it was answered. A cut connection, RATE_LIMITED and INTERNAL are tried again for up to 30 s,
   * after `retryAfterMs` where the server says it, so give mutations an idempotencyKey. Throws AgonError.
   */
  request<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result>;
  /**
   * One mutation; gives its success. A refusal that says when to come again is tried again then, within 30 s; every other
   * one is thrown as AgonError. The document must ask for `code message hint retryAfterMs path` of Refusal.
   */
  mutate<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): Promise<SuccessOf<Result>>;
  /**
   * A stream of events that goes on after every cut, from the last cursor, without gap or duplicate. Throws AgonError
   * when the server refuses it for good, such as NOT_YOUR_BOT or a revoked key. Ends when `signal` is aborted.
   */
  follow<Result, Variables extends { after?: string | null }>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    cursorOf: (data: Result) => string,
    signal?: AbortSignal,
  ): AsyncGenerator<Result>;
};

const PATIENCE_MS = 30_000;
const ATTEMPT_MS = 10_000;
/** A move has 5 s and a bank of 30: a stream is asked this often whether it is still there, and has so long to answer. */
const PING_MS = 5_000;
const PONG_MS = 5_000;
const BACKOFF_MAX_MS = 3_000;
/** Close codes of a socket: the key is not valid (any more). */
const REVOKED = 4403;
const TRANSIENT = new Set(["RATE_LIMITED", "INTERNAL", "UNREACHABLE"]);
const RESUMABLE = new Set([...TRANSIENT, "SLOW_CONSUMER", "SERVER_STOPPING", "HISTORY_REPLACED"]);

/** Opens a connection; nothing is sent before it is used. */
export function connect({ url, key = "", signal }: Connection): Agon {
  const server = { origin: url.replace(/\/$/, ""), key, signal: signal ?? new AbortController().signal };
  return {
    request: (document, variables) => patiently(server, () => post(server, String(document), variables)),
    mutate: (document, variables) =>
      patiently(server, async () => successOf(await post(server, String(document), variables))),
    follow: (document, variables, cursorOf, until = server.signal) =>
      follow({ ...server, signal: AbortSignal.any([server.signal, until]) }, document, variables, cursorOf),
  };
}

type Server = { origin: string; key: string; signal: AbortSignal };

const backoffMs = (tried: number) => Math.min(BACKOFF_MAX_MS, 100 * 2 ** tried) * (0.5 + Math.random() / 2);

/** Tries again what may succeed later, for as long as patience lasts. */
async function patiently<Result>({ signal }: Server, attempt: () => Promise<Result>): Promise<Result> {
  const until = Date.now() + PATIENCE_MS;
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      const waitMs = waitBefore(error, tried);
      if (waitMs === null || Date.now() + waitMs > until) throw error;
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** How long to wait before the same may succeed; null when it never will. */
function waitBefore(error: unknown, tried: number): number | null {
  if (!(error instanceof AgonError)) return null;
  return error.retryAfterMs ?? (TRANSIENT.has(error.code) ? backoffMs(tried) : null);
}

async function post<Result>({ origin, key, signal }: Server, query: string, variables: unknown): Promise<Result> {
  const { data, errors } = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key && { "x-api-key": key }) },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
  })
    .then(async (response) => (await response.json()) as { data?: Result; errors?: GraphQLFault[] })
    .catch((cause: unknown) => {
      throw unreachable(origin, cause);
    });
  const [fault] = errors ?? [];
  if (fault) throw errorOf(fault);
  if (!data) throw unreachable(origin, new Error("The answer holds neither data nor errors."));
  return data;
}

const unreachable = (origin: string, cause: unknown) =>
  new AgonError(
    { code: "UNREACHABLE", message: `There is no answer from ${origin}.`, hint: "Is the arena running there?" },
    { cause },
  );

const errorOf = ({ message, extensions }: GraphQLFault) => new AgonError({ code: "UNNAMED", ...extensions, message });

function successOf<Result>(data: Result): SuccessOf<Result> {
  const [answer] = Object.values(data as Record<string, Answered & { __typename: string }>);
  if (answer?.code) throw new AgonError(answer);
  return answer as SuccessOf<Result>;
}

async function* follow<Result, Variables extends { after?: string | null }>(
  server: Server,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  cursorOf: (data: Result) => string,
): AsyncGenerator<Result> {
  const { signal } = server;
  const client = openSocket(server);
  // Of a socket that could not be opened, dispose says so once more.
  const close = () => void Promise.resolve(client.dispose()).catch(() => undefined);
  signal.addEventListener("abort", close, { once: true });
  let after = variables.after ?? null;
  let tried = 0;
  try {
    while (!signal.aborted) {
      let waitMs = backoffMs(tried++);
      try {
        const payload = { query: String(document), variables: { ...variables, after } };
        for await (const { data, errors } of client.iterate<Result>(payload)) {
          if (errors?.[0]) throw errorOf(errors[0]);
          if (!data) continue;
          [after, tried] = [cursorOf(data), 0];
          yield data;
        }
      } catch (error) {
        if (signal.aborted) return;
        waitMs = waitToResume(error) ?? waitMs;
      }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** A socket that notices when nobody answers any more, be it that a machine on the way went away without a word. */
function openSocket({ origin, key }: Server): Client {
  let silent: NodeJS.Timeout | undefined;
  const heard = () => clearTimeout(silent);
  const expectAnswer = (withinMs: number) => {
    heard();
    silent = setTimeout(() => client.terminate(), withinMs).unref();
  };
  const client = createClient({
    url: `${origin.replace(/^http/, "ws")}/graphql`,
    connectionParams: key ? { apiKey: key } : {},
    retryAttempts: 0,
    keepAlive: PING_MS,
    on: {
      connecting: () => expectAnswer(ATTEMPT_MS),
      connected: heard,
      ping: (received) => void (received || expectAnswer(PONG_MS)),
      pong: (received) => void (received && heard()),
      closed: heard,
      error: heard,
    },
  });
  return client;
}

/** When to come again, where the server said it, after a cut that a new connection mends; throws what lasts. */
function waitToResume(error: unknown): number | null {
  if ((error as { code?: unknown }).code === REVOKED)
    throw new AgonError({ code: "BAD_CREDENTIALS", message: "The key is not valid.", hint: "Make a new key." });
  const fault = Array.isArray(error) ? errorOf(error[0] as GraphQLFault) : error;
  if (fault instanceof AgonError && !RESUMABLE.has(fault.code)) throw fault;
  return fault instanceof AgonError ? fault.retryAfterMs : null;
}
