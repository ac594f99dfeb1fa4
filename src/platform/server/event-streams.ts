import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getOperationAST, GraphQLError, type DocumentNode, type ExecutionArgs } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Context } from "../graphql/context.ts";
import type { Viewer } from "../viewer.ts";
import { openAlone } from "./alone.ts";
import { BoundedReceiver, FAREWELL_MS } from "./bounded.ts";
import {
  addressOf,
  BadCredentials,
  cookieToken,
  sameOrigin,
  credentialsOf,
  viewerOf,
  type Authenticate,
  type Caller,
} from "./context.ts";
import { maskError } from "./errors.ts";
import type { Batch } from "./frames.ts";
import type { Held } from "./held.ts";
import type { Metrics } from "./metrics.ts";
import { documentOf, prepare, type OperationParts } from "./operation.ts";
import { requestId } from "./request-id.ts";
import { sentByBody, sentByUrl, type Sent } from "./sent.ts";
import type { SharedSubscriptions } from "./sharing.ts";
import { inSteps, type Turns } from "./turns.ts";

const HEARTBEAT_MS = 12_000;
const HEARTBEAT = Buffer.from(":\n\n");
/** Some browsers give a page nothing before the first bytes of a body. */
const OPENING = HEARTBEAT;
const COMPLETE = "event: complete\ndata:\n\n";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // The end of the connection ends the body: frames are written as they are, the same bytes to everybody.
  connection: "close",
  "access-control-allow-origin": "*",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

const STATUSES: Record<string, number> = { BAD_CREDENTIALS: 401, RATE_LIMITED: 429, TOO_MANY_STREAMS: 429 };

const REASONS = {
  SLOW_CONSUMER: "You read too slowly: too many bytes were waiting. Subscribe again with your last cursor.",
  SERVER_STOPPING: "The server is stopping. Subscribe again with your last cursor.",
  REVOKED: "The key or session was revoked or has expired, or its rights changed.",
};

type Parts = OperationParts & { authenticate: Authenticate; corsOrigins: readonly string[]; metrics: Metrics };
type Asked = { payload: Sent; document: DocumentNode };

/** Server-sent events of a process: subscriptions over HTTP, in the distinct connections of GraphQL over SSE. */
export type EventStreams = {
  /** Takes a subscription that asks for an event stream, by its body or, with null, by its URL; false leaves it to others. */
  serve(req: IncomingMessage, res: ServerResponse, body: string | null): Promise<boolean>;
  stop(): void;
};

type Common = { shared: SharedSubscriptions; turns: Turns };

/** Opens the event streams of a server. */
export function openEventStreams(parts: Parts, { shared, turns }: Common, held: Held): EventStreams {
  const streams = new Set<EventStream>();
  const beating = setInterval(() => void turns.run(inSteps(streams, (stream) => stream.beat())), HEARTBEAT_MS).unref();
  return {
    serve: async (req, res, body) => {
      if (!prefersEventStream(req.headers.accept)) return false;
      const asked = askedBy(parts, body === null ? sentByUrl(req.url ?? "/") : sentByBody(body));
      // The answer to a pipelined request has no connection before its turn.
      if (!asked || !res.socket) return false;
      const stream = new EventStream(res);
      await run({ parts, shared, held, streams }, asked, stream, req).catch((error: unknown) => {
        stream.end(maskError(error, requestId(), parts.platform.log));
      });
      return true;
    },
    stop: () => {
      clearInterval(beating);
      for (const stream of streams) stream.end(reason("SERVER_STOPPING"));
    },
  };
}

/** Refuses subscriptions that ask for another kind of answer: what is served here is bounded, shared and revocable. */
export function useEventStreamsOnly(): Plugin {
  const hint = "Send `accept: text/event-stream`, or use a WebSocket.";
  const extensions = { code: "NOT_ACCEPTABLE", hint, http: { status: 406 } };
  return {
    onSubscribe: ({ setResultAndStopExecution }) =>
      setResultAndStopExecution({ errors: [new GraphQLError("A subscription is an event stream.", { extensions })] }),
  };
}

/** Whether an event stream is what a request would like best. */
function prefersEventStream(accept: string | undefined): boolean {
  return /^\s*text\/event-stream\b/i.test(accept ?? "");
}

/** The subscription that a request asks for; null when it asks for something else. */
function askedBy(parts: Parts, payload: Sent | null): Asked | null {
  if (!payload) return null;
  const document = documentOf(parts, payload);
  if (document instanceof GraphQLError) return null;
  return getOperationAST(document, payload.operationName)?.operation === "subscription" ? { payload, document } : null;
}

type Server = { parts: Parts; shared: SharedSubscriptions; held: Held; streams: Set<EventStream> };

async function run({ parts, shared, held, streams }: Server, asked: Asked, stream: EventStream, req: IncomingMessage) {
  const caller = { headers: req.headers, address: addressOf(parts.platform, req) };
  const viewer = await viewerBy(parts, req, caller);
  if (viewer instanceof GraphQLError) return stream.refuse([viewer]);
  const release = held.take({ viewer, close: () => stream.end(reason("REVOKED")) });
  if (!release) return stream.refuse([tooMany(parts.platform.settings.socketsPerPrincipalMax)]);
  stream.onClose(release);
  const args = await prepare(parts, asked.document, asked.payload, viewer, caller);
  if (!("document" in args)) return stream.refuse(args);
  stream.open();
  streams.add(stream);
  stream.onClose(() => streams.delete(stream));
  parts.metrics.subscriptions.inc();
  stream.onClose(() => parts.metrics.subscriptions.dec());
  await follow({ parts, shared }, args, viewer, stream, lastEventIdOf(req));
}

async function viewerBy(parts: Parts, req: IncomingMessage, caller: Caller): Promise<Viewer | GraphQLError> {
  // A page of another site must not ride on the visitor's cookie.
  const credentials = cookieToken(req.headers) && !sameOrigin(parts, req) ? null : credentialsOf(req.headers);
  try {
    return (await viewerOf(parts.authenticate, credentials, caller.address)).viewer;
  } catch (error) {
    if (!(error instanceof BadCredentials)) throw error;
    const hint = "Make a new key, or sign in again.";
    return new GraphQLError(error.message, { extensions: { code: "BAD_CREDENTIALS", hint } });
  }
}

/** The cursor of the last event that a reader saw, which an EventSource sends when it comes back. */
function lastEventIdOf({ headers }: IncomingMessage): string | null {
  const given = headers["last-event-id"];
  return typeof given === "string" && given !== "" ? given : null;
}

/** Runs until the subscription or the connection ends: shared where it may be, else alone. */
async function follow(
  { parts, shared }: Pick<Server, "parts" | "shared">,
  args: ExecutionArgs & { contextValue: Context },
  { principal }: Viewer,
  stream: EventStream,
  lastEventId: string | null,
): Promise<void> {
  const subscriber = { receiver: stream, principal, lastEventId };
  const joined = (await shared.join(args, subscriber)) ?? (await openAlone(parts.platform, args, subscriber));
  if (!(Symbol.asyncIterator in joined))
    return stream.refuse((joined.errors ?? []).map((error) => maskError(error, requestId(), parts.platform.log)));
  stream.onClose(() => void joined.return());
  joined.next().then(
    () => stream.end(),
    (error: unknown) => stream.end(maskError(error, requestId(), parts.platform.log)),
  );
}

const reason = (code: keyof typeof REASONS) => new GraphQLError(REASONS[code], { extensions: { code } });

const tooMany = (max: number) =>
  new GraphQLError(`At most ${max} sockets and event streams may be open at once.`, {
    extensions: { code: "TOO_MANY_STREAMS", hint: "One WebSocket carries many subscriptions." },
  });

/** One reader of server-sent events. */
class EventStream extends BoundedReceiver {
  private readonly res: ServerResponse;
  private state: "ASKED" | "OPEN" | "ENDED" = "ASKED";

  constructor(res: ServerResponse) {
    super(res.socket as Duplex);
    this.res = res;
    this.onClose(() => (this.state = "ENDED"));
  }

  onClose(callback: () => void): void {
    if (this.res.closed || this.res.destroyed) callback();
    else this.res.once("close", callback);
  }

  open(status = 200): void {
    if (this.state !== "ASKED") return;
    this.state = "OPEN";
    this.res.removeHeader("transfer-encoding");
    this.res.writeHead(status, HEADERS).write(OPENING);
  }

  /** Says why there is nothing to come, under the status of the first error. */
  refuse(errors: readonly GraphQLError[]): void {
    const [first] = errors;
    const retryAfterMs = first?.extensions["retryAfterMs"];
    if (typeof retryAfterMs === "number" && !this.res.headersSent)
      this.res.setHeader("retry-after", Math.ceil(retryAfterMs / 1_000));
    this.open(STATUSES[String(first?.extensions["code"])] ?? 200);
    this.close(errors);
  }

  end(error?: GraphQLError): void {
    this.open();
    this.close(error ? [error] : []);
  }

  private close(errors: readonly GraphQLError[]): void {
    if (this.state === "ENDED") return;
    this.state = "ENDED";
    const last = errors.length > 0 ? `event: next\ndata: ${JSON.stringify({ errors })}\n\n` : "";
    this.res.end(last + COMPLETE);
    setTimeout(() => this.res.destroy(), FAREWELL_MS).unref();
  }

  beat(): void {
    if (this.isOpen()) this.wire.write(HEARTBEAT);
  }

  protected isOpen(): boolean {
    return this.state === "OPEN";
  }

  protected write(batch: Batch): void {
    this.wire.write(batch.eventStream);
  }

  protected closeSlow(): void {
    this.end(reason("SLOW_CONSUMER"));
  }
}
