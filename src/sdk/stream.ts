import { type Client as Socket, createClient } from "graphql-ws";
import { AgonError, type ServerError } from "./errors.ts";
import { backoffMs, wait } from "./waiting.ts";

const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;
/** Bad request, unauthorized, forbidden, wrong subprotocol: the same again would fail the same way. */
const FINAL_CLOSE_CODES = [4400, 4401, 4403, 4406];
const PASSING_ERRORS = ["SLOW_CONSUMER", "SERVER_STOPPING", "RATE_LIMITED"];

/** One socket for all subscriptions of a client; opened with the first one, closed after the last one. */
export function openSocket(url: string, apiKey: string | null): Socket {
  let pongDue: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url,
    ...(apiKey ? { connectionParams: { apiKey } } : {}),
    // Reconnecting is done per subscription below, because each must go on from its own cursor.
    retryAttempts: 0,
    keepAlive: PING_EVERY_MS,
    on: {
      ping: (received) => {
        if (!received) pongDue = setTimeout(() => socket.terminate(), PONG_WITHIN_MS);
      },
      pong: () => clearTimeout(pongDue),
      closed: () => clearTimeout(pongDue),
    },
  });
  return socket;
}

export type Follow = {
  query: string;
  variables: { after?: string | null };
  /** Ends the stream. */
  signal?: AbortSignal | undefined;
  /** Runs before each attempt to subscribe, the first one included. */
  beforeOpen?: (() => Promise<void>) | undefined;
  random?: () => number;
};

/**
 * The items of a subscription, one after the other, for as long as the caller wants them. When the connection breaks, or
 * the server lets a slow reader go, it subscribes again from the last cursor: no item is missed, none comes twice.
 */
export async function* follow<Item extends { cursor: string }>(socket: Socket, asked: Follow): AsyncGenerator<Item> {
  const { signal, random = Math.random } = asked;
  let after = asked.variables.after ?? null;
  for (let failures = 0; !signal?.aborted; failures++) {
    try {
      await asked.beforeOpen?.();
      for await (const item of once<Item>(socket, { ...asked, variables: { ...asked.variables, after } })) {
        failures = 0;
        after = item.cursor;
        yield item;
      }
    } catch (cause) {
      const error = errorOf(cause);
      if (!isPassing(error)) throw error;
    }
    await wait(backoffMs(failures, random), signal);
  }
}

async function* once<Item>(socket: Socket, { query, variables, signal }: Follow): AsyncGenerator<Item> {
  const results = socket.iterate<Record<string, Item>>({ query, variables });
  const stop = () => void results.return?.();
  signal?.addEventListener("abort", stop);
  try {
    if (signal?.aborted) return;
    for await (const { data, errors } of results) {
      if (errors) throw AgonError.of(errors as readonly ServerError[]);
      yield* Object.values(data ?? {});
    }
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function errorOf(cause: unknown): AgonError {
  if (cause instanceof AgonError) return cause;
  if (Array.isArray(cause)) return AgonError.of(cause as ServerError[]);
  const { code, reason } = cause as { code?: unknown; reason?: unknown };
  if (typeof code !== "number") return new AgonError("UNREACHABLE", "The socket could not be opened.", { cause });
  const name = FINAL_CLOSE_CODES.includes(code) ? "SOCKET_REFUSED" : "SOCKET_CLOSED";
  return new AgonError(name, `The server closed the socket with ${code} ${String(reason)}`.trim(), { cause });
}

function isPassing({ code }: AgonError): boolean {
  return code === "UNREACHABLE" || code === "SOCKET_CLOSED" || PASSING_ERRORS.includes(code);
}
