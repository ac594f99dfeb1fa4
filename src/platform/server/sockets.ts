import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { execute, GraphQLError, type ExecutionArgs } from "graphql";
import { CloseCode, makeServer, type ConnectionInitMessage, type Context as SocketContext } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import type { Viewer } from "../viewer.ts";
import { answersAlone } from "./alone.ts";
import { BoundedReceiver, BUFFERED_BYTES_MAX, FAREWELL_MS } from "./bounded.ts";
import {
  addressOf,
  BadCredentials,
  cookieOf,
  cookieToken,
  sameOrigin,
  viewerOf,
  type Authenticate,
  type Credentials,
} from "./context.ts";
import { maskError } from "./errors.ts";
import { tailOf, type Batch } from "./frames.ts";
import type { Held } from "./held.ts";
import type { Metrics } from "./metrics.ts";
import { documentOf, masked, prepare, type OperationParts } from "./operation.ts";
import { requestId } from "./request-id.ts";
import type { Sent } from "./sent.ts";
import type { SharedSubscriptions, Subscriber } from "./sharing.ts";

const PING_MS = 25_000;
const PONG_MS = 10_000;
const INIT_MS = 5_000;
const STOPPING = 4503;
const STOPPING_MS = 1_000;
const TOO_MUCH = 4429;
const TRY_LATER = 1013;
const ID_LENGTH_MAX = 128;

type Parts = OperationParts & { authenticate: Authenticate; corsOrigins: readonly string[]; metrics: Metrics };
/** The socket, and the connection under it as Node gave it. */
type Extra = { socket: WebSocket; wire: Duplex; request: IncomingMessage; viewer?: Viewer };
type SharedArgs = ExecutionArgs & { subscriber?: Subscriber };
type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Extra>>;

/** Serves graphql-transport-ws on /graphql, within the limits of sockets, messages and subscriptions. */
export function openSockets(
  server: Server,
  parts: Parts,
  shared: SharedSubscriptions,
  held: Held,
): { stop(): Promise<void> } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: parts.platform.settings.socketMessageBytesMax,
    // Shared frames are written as they are; compressed ones would be per socket.
    perMessageDeflate: false,
  });
  const protocol = protocolOf(parts, shared, held);
  server.on("upgrade", (request, wire, head) => {
    const path = (request.url ?? "").split("?")[0];
    if (path !== "/graphql") return wire.destroy();
    // A page of another site must not ride on the visitor's cookie.
    if (cookieToken(request.headers) && !sameOrigin(parts, request))
      // An error that nobody listens to ends the process, and who is refused may be gone already.
      return void wire.on("error", () => undefined).end("HTTP/1.1 403 Forbidden\r\n\r\n");
    sockets.handleUpgrade(request, wire, head, (socket) => serve(parts, protocol, { socket, wire, request }));
  });
  return {
    stop: async () => {
      for (const socket of sockets.clients) socket.close(STOPPING, "The server is stopping");
      // Who does not answer the closing is not waited for.
      setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), STOPPING_MS).unref();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

function protocolOf(parts: Parts, shared: SharedSubscriptions, held: Held): Protocol {
  const mask = (error: unknown) => maskError(error, requestId(), parts.platform.log);
  return makeServer<Record<string, unknown>, Extra>({
    schema: parts.schema,
    connectionInitWaitTimeout: INIT_MS,
    onConnect: ({ connectionParams, extra }) => connect(parts, held, connectionParams, extra),
    onSubscribe: (context, id, payload) => prepareOn(parts, context, id, payload),
    onOperation: () => parts.metrics.subscriptions.inc(),
    onComplete: () => parts.metrics.subscriptions.dec(),
    execute: (args) => execute(args),
    subscribe: async (args: SharedArgs) =>
      (args.subscriber && (await shared.join(args, args.subscriber))) ?? answersAlone(args),
    onError: (_context, _id, _payload, errors) => errors.map((error) => mask(error).toJSON()) as never,
    onNext: (_context, _id, _payload, _args, result) => masked(parts.platform, result),
  });
}

function serve(parts: Parts, protocol: Protocol, extra: Extra): void {
  const { socket } = extra;
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => sendBounded(socket, data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (callback) =>
        socket.on("message", (data, binary) => {
          if (binary) return socket.close(CloseCode.BadRequest, "Text messages only");
          // graphql-ws closes the socket itself on a message that it cannot read.
          void callback(String(data)).catch((error: unknown) => {
            parts.platform.log.error({ err: error }, "a socket's message failed");
            socket.close(CloseCode.InternalServerError, "Something went wrong on our side.");
          });
        }),
    },
    extra,
  );
  parts.metrics.sockets.inc();
  socket.once("close", (code, reason) => {
    parts.metrics.sockets.dec();
    void closed(code, String(reason));
  });
  socket.on("error", (error) => parts.platform.log.debug({ error }, "a socket failed"));
  keepAlive(socket);
}

async function connect(
  parts: Parts,
  held: Held,
  params: ConnectionInitMessage["payload"],
  extra: Extra,
): Promise<boolean> {
  const { socket, request } = extra;
  const credentials = credentialsOfInit(params) ?? (sameOrigin(parts, request) ? cookieOf(request.headers) : null);
  const address = addressOf(parts.platform, request);
  const asker = await viewerOf(parts.authenticate, credentials, address).catch((error: unknown) => {
    if (!(error instanceof BadCredentials)) tryLater(parts, socket, error);
    return null;
  });
  // Who went away meanwhile would never let go of its place.
  if (!asker || socket.readyState !== socket.OPEN) return false;
  const { viewer } = asker;
  const close = () =>
    socket.close(CloseCode.Forbidden, "The key or session was revoked or has expired, or its rights changed");
  const release = held.take({ viewer, close });
  if (!release)
    return (socket.close(TOO_MUCH, `At most ${parts.platform.settings.socketsPerPrincipalMax} sockets`), false);
  socket.once("close", release);
  extra.viewer = viewer;
  return true;
}

/** Good credentials must not be called bad because nobody could look at them: agents would give up for good. */
function tryLater({ platform }: Parts, socket: WebSocket, error: unknown): void {
  platform.log.warn({ err: error }, "credentials could not be checked; the client may try again");
  socket.close(TRY_LATER, "Try again later");
}

async function prepareOn(
  parts: Parts,
  context: SocketContext<Record<string, unknown>, Extra>,
  id: string,
  payload: Sent,
): Promise<SharedArgs | readonly GraphQLError[]> {
  const { settings } = parts.platform;
  if (Object.keys(context.subscriptions).length > settings.subscriptionsPerSocketMax)
    return [
      new GraphQLError(`A socket has at most ${settings.subscriptionsPerSocketMax} subscriptions.`, {
        extensions: { code: "TOO_MANY_SUBSCRIPTIONS", hint: "Complete one first." },
      }),
    ];
  // It goes out with every event, to each subscription anew.
  if (id.length > ID_LENGTH_MAX)
    return [
      new GraphQLError(`A subscription's id has at most ${ID_LENGTH_MAX} characters.`, {
        extensions: { code: "BAD_INPUT", hint: "Use a UUID or a number." },
      }),
    ];
  const { viewer, socket, wire, request } = context.extra;
  if (!viewer) return [new GraphQLError("Connect first.", { extensions: { code: "NOT_AUTHENTICATED" } })];
  const document = documentOf(parts, payload);
  if (document instanceof GraphQLError) return [document];
  const caller = { headers: request.headers, address: addressOf(parts.platform, request) };
  const args = await prepare(parts, document, payload, viewer, caller);
  if (!("document" in args)) return args;
  return { ...args, subscriber: { receiver: new SocketReceiver(socket, wire, id), principal: viewer.principal } };
}

/** Writes shared frames to the connection under a WebSocket, between the messages that ws writes itself. */
class SocketReceiver extends BoundedReceiver {
  private readonly socket: WebSocket;
  private readonly tail: Buffer;

  constructor(socket: WebSocket, wire: Duplex, id: string) {
    super(wire);
    this.socket = socket;
    this.tail = tailOf(id);
  }

  protected isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  protected write(batch: Batch): void {
    batch.writeMessages(this.wire, this.tail);
  }

  protected closeSlow(): void {
    closeSlow(this.socket);
  }
}

function credentialsOfInit(params: ConnectionInitMessage["payload"]): Credentials | null {
  const given = params?.["apiKey"] ?? params?.["token"] ?? params?.["ticket"];
  return typeof given === "string" && given !== "" ? { secret: given, byCookie: false } : null;
}

/** Sends what graphql-ws says to one socket, within the bound of its buffer; to one that is closing there is nothing to say. */
function sendBounded(socket: WebSocket, data: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) {
    closeSlow(socket);
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => socket.send(data, (error) => (error ? reject(error) : resolve())));
}

/** Nothing more is sent but the reason, which a reader hears if it reads on in time. */
function closeSlow(socket: WebSocket): void {
  if (socket.readyState === socket.OPEN) setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
  socket.close(TOO_MUCH, "SLOW_CONSUMER");
}

function keepAlive(socket: WebSocket): void {
  let answered = true;
  socket.on("pong", () => (answered = true));
  const timer = setInterval(() => {
    answered = false;
    socket.ping();
    setTimeout(() => answered || socket.terminate(), PONG_MS).unref();
  }, PING_MS).unref();
  socket.once("close", () => clearInterval(timer));
}
