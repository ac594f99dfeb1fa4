import type { IncomingMessage, Server } from "node:http";
import {
  execute,
  GraphQLError,
  parse,
  subscribe,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { CloseCode, makeServer, type ConnectionInitMessage, type Context as SocketContext } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import type { Platform } from "../platform.ts";
import { anonymousViewer, isSignedIn, type SignedIn, type Viewer } from "../viewer.ts";
import { contextFor, cookieToken, viewerOf, type Authenticate, type Revalidate } from "./context.ts";
import { maskError } from "./errors.ts";
import { charge } from "./cost.ts";
import type { Metrics } from "./metrics.ts";
import { requestId } from "./request-id.ts";
import { SharedSubscriptions, type Asked } from "./sharing.ts";

const PING_MS = 25_000;
const PONG_MS = 10_000;
const INIT_MS = 5_000;
const REVALIDATE_MS = 3_000;
const STOPPING = 4503;
const BUFFERED_BYTES_MAX = 1_024 * 1_024;

type Parts = {
  platform: Platform;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  revalidate: Revalidate;
  corsOrigins: readonly string[];
  operations: ReadonlyMap<string, string>;
  metrics: Metrics;
};
type Extra = { socket: WebSocket; request: IncomingMessage; viewer?: Viewer };

/** Serves graphql-transport-ws on /graphql, within the limits of sockets, messages and subscriptions. */
export function openSockets(server: Server, parts: Parts): { stop(): Promise<void> } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: parts.platform.settings.socketMessageBytesMax,
    perMessageDeflate: false,
  });
  const extras = new WeakMap<WebSocket, Extra>();
  const protocol = protocolOf(parts, extras);
  server.on("upgrade", (request, socket, head) => {
    const path = (request.url ?? "").split("?")[0];
    if (path !== "/graphql") return socket.destroy();
    // A page of another site must not ride on the visitor's cookie.
    if (cookieToken(request.headers) && !sameOrigin(parts, request))
      return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (opened) => serve(parts, protocol, opened, request));
  });
  const revalidating = setInterval(() => void revalidate(parts, sockets, extras), REVALIDATE_MS).unref();
  return {
    stop: async () => {
      clearInterval(revalidating);
      for (const socket of sockets.clients) socket.close(STOPPING, "The server is stopping");
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Extra>>;
type SharedArgs = ExecutionArgs & { asked?: Asked };

function protocolOf(parts: Parts, extras: WeakMap<WebSocket, Extra>): Protocol {
  const perPrincipal = new Map<string, number>();
  const mask = (error: unknown) => maskError(error, requestId(), parts.platform.log);
  const masked = <R extends ExecutionResult>(result: R): R =>
    result.errors ? { ...result, errors: result.errors.map(mask) } : result;
  const shared = new SharedSubscriptions({
    schema: parts.schema,
    send: (socket, frame) => sendShared(socket, frame),
    context: () => contextFor(parts.platform, anonymousViewer("shared"), { headers: {}, address: "shared" }),
    mask: masked,
  });
  return makeServer<Record<string, unknown>, Extra>({
    schema: parts.schema,
    connectionInitWaitTimeout: INIT_MS,
    onConnect: ({ connectionParams, extra }) => connect(parts, perPrincipal, connectionParams, extra),
    onSubscribe: (context, id, payload) => {
      extras.set(context.extra.socket, context.extra);
      return prepare(parts, context, id, payload);
    },
    onOperation: () => parts.metrics.subscriptions.inc(),
    onComplete: () => parts.metrics.subscriptions.dec(),
    execute: (args) => execute(args),
    subscribe: (args: SharedArgs) => (args.asked && shared.join(args, args.asked)) ?? subscribe(args),
    onError: (_context, _id, _payload, errors) => errors.map((error) => mask(error).toJSON()) as never,
    onNext: (_context, _id, _payload, _args, result) => masked(result),
  });
}

function serve(parts: Parts, protocol: Protocol, socket: WebSocket, request: IncomingMessage): void {
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => sendBounded(socket, data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (callback) =>
        socket.on("message", (data, binary) => {
          if (binary) return socket.close(CloseCode.BadRequest, "Text messages only");
          // graphql-ws closes the socket itself on a message that it cannot read.
          void callback(String(data)).catch((error: unknown) =>
            socket.close(CloseCode.InternalServerError, error instanceof Error ? error.message.slice(0, 120) : "Error"),
          );
        }),
    },
    { socket, request },
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
  perPrincipal: Map<string, number>,
  params: ConnectionInitMessage["payload"],
  extra: Extra,
): Promise<boolean> {
  const { settings } = parts.platform;
  const secret = secretOfInit(params) ?? (sameOrigin(parts, extra.request) ? cookieToken(extra.request.headers) : null);
  extra.viewer = await viewerOf(parts.authenticate, secret, extra.request.socket.remoteAddress ?? "unknown").catch(
    () => undefined,
  );
  if (!extra.viewer) return false;
  const count = (perPrincipal.get(extra.viewer.principal) ?? 0) + 1;
  if (count > settings.socketsPerPrincipalMax)
    return (extra.socket.close(4429, `At most ${settings.socketsPerPrincipalMax} sockets`), false);
  perPrincipal.set(extra.viewer.principal, count);
  extra.socket.once("close", () =>
    perPrincipal.set(extra.viewer?.principal ?? "", (perPrincipal.get(extra.viewer?.principal ?? "") ?? 1) - 1),
  );
  return true;
}

type Payload = {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
  extensions?: { persistedQuery?: { sha256Hash?: string } } | null;
};

async function prepare(
  { platform, schema, operations }: Parts,
  context: SocketContext<Record<string, unknown>, Extra>,
  id: string,
  payload: Payload,
) {
  const { settings } = platform;
  if (Object.keys(context.subscriptions).length > settings.subscriptionsPerSocketMax)
    return [
      new GraphQLError(`A socket has at most ${settings.subscriptionsPerSocketMax} subscriptions.`, {
        extensions: { code: "TOO_MANY_SUBSCRIPTIONS", hint: "Complete one first." },
      }),
    ];
  const { viewer } = context.extra;
  if (!viewer) return [new GraphQLError("Connect first.", { extensions: { code: "NOT_AUTHENTICATED" } })];
  const persisted = operations.get(payload.extensions?.persistedQuery?.sha256Hash ?? "");
  if (settings.persistedOnly && persisted === undefined)
    return [
      new GraphQLError("Only persisted operations are served.", {
        extensions: { code: "PERSISTED_OPERATIONS_ONLY", hint: "Send extensions.persistedQuery.sha256Hash." },
      }),
    ];
  const document = parseBounded(persisted ?? payload.query, settings.tokensMax);
  if (document instanceof GraphQLError) return [document];
  const { operationName } = payload;
  const asked = { document, operationName, variables: payload.variables ?? {} };
  const { errors } = await charge({ platform, schema }, viewer, asked);
  if (errors.length > 0) return errors.map((error) => maskError(error, requestId(), platform.log));
  const address = context.extra.request.socket.remoteAddress ?? "unknown";
  return {
    schema,
    document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: contextFor(platform, viewer, { headers: context.extra.request.headers, address }),
    asked: { socket: context.extra.socket, id, text: persisted ?? payload.query },
  };
}

function parseBounded(query: string, maxTokens: number) {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    return new GraphQLError(error instanceof Error ? error.message : "Not GraphQL", {
      extensions: { code: "BAD_INPUT", hint: "Check the document's syntax." },
    });
  }
}

function secretOfInit(params: ConnectionInitMessage["payload"]): string | null {
  const given = params?.["apiKey"] ?? params?.["token"] ?? params?.["ticket"];
  return typeof given === "string" && given !== "" ? given : null;
}

function sameOrigin({ corsOrigins, platform }: Parts, request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.parse(origin)?.host === host || origin === platform.origin || corsOrigins.includes(origin);
}

/** A socket whose reader stalls is closed with a reason, never fed without bound. */
function sendBounded(socket: WebSocket, data: string): Promise<void> {
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) {
    socket.close(4429, "SLOW_CONSUMER");
    socket.terminate();
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => socket.send(data, (error) => (error ? reject(error) : resolve())));
}

/** Like sendBounded for a frame that is shared; false when the socket is gone. */
function sendShared(socket: WebSocket, frame: Buffer): boolean {
  if (socket.readyState !== socket.OPEN) return false;
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) {
    socket.close(4429, "SLOW_CONSUMER");
    socket.terminate();
    return false;
  }
  socket.send(frame, { binary: false });
  return true;
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

/** A revoked key or session goes silent: its sockets are closed at the next look. */
async function revalidate(
  { revalidate: isStillValid, platform }: Parts,
  sockets: WebSocketServer,
  extras: WeakMap<WebSocket, Extra>,
): Promise<void> {
  const open = [...sockets.clients].flatMap((socket) => {
    const viewer = extras.get(socket)?.viewer;
    return viewer && isSignedIn(viewer) ? [{ socket, viewer }] : [];
  });
  for (const [, held] of Map.groupBy(open, ({ viewer }) => viewer.principal)) {
    const [first] = held;
    const valid = await isStillValid(first?.viewer as SignedIn).catch((error: unknown) => {
      platform.log.warn({ error }, "credentials could not be checked; the next look tries again");
      return true;
    });
    if (!valid) for (const { socket } of held) socket.close(CloseCode.Forbidden, "The key or session was revoked");
  }
}
