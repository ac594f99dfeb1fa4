import { createClient, type Client, type Sink, type SubscribePayload } from "graphql-ws";
import { lineDown, lineUp } from "./line.ts";

const BACKOFF_MAX_MS = 8_000;
const CLOSED_BY_US = 1_000;
/** What the server says when a subscription may simply be asked for again. */
const RESUMABLE = new Set(["SLOW_CONSUMER", "SERVER_STOPPING", "HISTORY_REPLACED", "INTERNAL", "RATE_LIMITED"]);
const AGAIN_MS = 2_000;

const backoffMs = (tried: number) => Math.min(BACKOFF_MAX_MS, 500 * 2 ** tried) * (0.5 + Math.random() / 2);

/** Waits before the next try, or until the browser says that the network is back. */
function waitForRetry(tried: number): Promise<void> {
  const ms = backoffMs(tried);
  lineDown(Date.now() + ms);
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
    addEventListener("online", done);
  });
}

/** How often the server is asked whether it is there, and how long it may take to open a socket or to answer. */
const PING_MS = 10_000;
const ANSWER_MS = 10_000;

/** A socket that is opened by the first subscription and reconnects for ever, also when nobody answers any more without a word. */
export function openSocket(): Client {
  let silent: ReturnType<typeof setTimeout> | undefined;
  const heard = () => clearTimeout(silent);
  const expectAnswer = () => {
    heard();
    silent = setTimeout(() => client.terminate(), ANSWER_MS);
  };
  const client = createClient({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    lazy: true,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: waitForRetry,
    keepAlive: PING_MS,
    on: {
      connecting: expectAnswer,
      connected: () => (heard(), lineUp()),
      ping: (received) => void (received || expectAnswer()),
      pong: (received) => void (received && heard()),
      closed: (event) => (heard(), (event as CloseEvent).code !== CLOSED_BY_US && lineDown()),
      error: heard,
    },
  });
  return client;
}

type Streamed = Record<string, { cursor?: string } | null>;

/**
 * Follows one subscription through every cut. A logged stream goes on behind its last cursor, so that nothing is missed
 * and nothing comes twice; a feed begins with its newest state.
 */
export function follow(socket: Client, asked: SubscribePayload, sink: Sink): () => void {
  // graphql-ws sends this very object again after a cut: moving its cursor is all that resuming takes.
  const payload = { ...asked, variables: { ...asked.variables } };
  let stop = () => {};
  let again: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    stop = socket.subscribe<Streamed>(payload, {
      next: (result) => {
        const [item] = Object.values(result.data ?? {});
        if (item?.cursor) payload.variables["after"] = item.cursor;
        sink.next(result);
      },
      error: (error) => {
        if (isResumable(error)) again = setTimeout(begin, AGAIN_MS);
        else sink.error(error);
      },
      complete: () => sink.complete(),
    });
  };
  begin();
  return () => (clearTimeout(again), stop());
}

function isResumable(error: unknown): boolean {
  if (error instanceof CloseEvent) return true;
  const [first] = Array.isArray(error) ? (error as { extensions?: { code?: string } }[]) : [];
  return RESUMABLE.has(first?.extensions?.code ?? "");
}
