import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { useCSRFPrevention } from "@graphql-yoga/plugin-csrf-prevention";
import { usePersistedOperations } from "@graphql-yoga/plugin-persisted-operations";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import sirv from "sirv";
import type { Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import {
  addressOf,
  BadCredentials,
  contextFor,
  credentialsOf,
  viewerOf,
  type Authenticate,
  type Revalidate,
} from "./context.ts";
import { maskError } from "./errors.ts";
import { readBody } from "./body.ts";
import { keepSessionCookie, setSessionCookie } from "./cookies.ts";
import { useCost } from "./cost.ts";
import { enter, type Door } from "./doors.ts";
import { serveDownload, type Download } from "./downloads.ts";
import { useEventStreamsOnly } from "./event-streams.ts";
import { openFastPath, type FastPath } from "./fast-path.ts";
import { useMetrics, type Metrics } from "./metrics.ts";
import { refuseRequest } from "./refuse-request.ts";
import { newRequestId, requestId, withRequestId } from "./request-id.ts";
import { seldom } from "./seldom.ts";
import { openSubscribers, type Subscribers } from "./subscribers.ts";

/** A document of this server's own. A path that ends in / takes what follows it; null answers 404. */
export type Route = { path: string; contentType: string; body: (rest: string) => Promise<string | null> };

/** What a server is made of. `ready` says whether it can do its work. */
export type ServerParts = {
  platform: Platform;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  revalidate: Revalidate;
  corsOrigins: readonly string[];
  routes: readonly Route[];
  doors: readonly Door[];
  downloads: readonly Download[];
  webRoot: string;
  ready: () => Promise<boolean>;
  /** Persisted operations by their SHA-256: the front end's own. */
  operations: ReadonlyMap<string, string>;
  metrics: Metrics;
  /** The operations that GraphiQL opens with. */
  examples: string;
};

const PERSISTED_ERRORS = {
  notFound: {
    message: "There is no such persisted operation.",
    extensions: { code: "PERSISTED_OPERATION_NOT_FOUND", hint: "Send the query's text." },
  },
  keyNotFound: {
    message: "There is neither a query nor the hash of a persisted operation.",
    extensions: { code: "BAD_INPUT", hint: "Send `query`, or extensions.persistedQuery.sha256Hash." },
  },
  persistedQueryOnly: {
    message: "Only persisted operations are served.",
    extensions: { code: "PERSISTED_OPERATIONS_ONLY", hint: "Send extensions.persistedQuery.sha256Hash." },
  },
};

const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

type YogaContext = { req: IncomingMessage; res: ServerResponse };

/** Listens for HTTP and WebSockets on one port; `stop` lets requests finish and closes sockets with a reason. */
export async function startServer(
  parts: ServerParts,
  host: string,
  port: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  const fast = openFastPath(parts);
  const subscribers = openSubscribers(parts);
  const answer = router(parts, fast, subscribers);
  const server = createServer((req, res) => {
    const id = newRequestId();
    res.setHeader("x-request-id", id);
    withRequestId(id, () => answer(req, res)).catch((error: unknown) => {
      // The path alone: somebody may have put a key behind it.
      parts.platform.log.error({ error, path: pathOf(req), requestId: id }, "a request failed");
      if (!res.headersSent) send(res, 500, "text/plain; charset=utf-8", "Something went wrong on our side.\n");
      res.end();
    });
  });
  server.headersTimeout = 10_000;
  // Longer than any client or balancer keeps a line that nobody uses: else one writes into what is being closed.
  server.keepAliveTimeout = 75_000;
  subscribers.listen(server);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      await Promise.all([closeServer(server), subscribers.stop()]);
      fast.stop();
    },
  };
}

const IDLE_LOOK_MS = 50;
const RUNNING_MAX_MS = 5_000;

/** Takes nothing new and waits for what runs, for five seconds at most. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection whose request has just been answered would else stay open for the next one.
  const looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
  const cutting = setTimeout(() => server.closeAllConnections(), RUNNING_MAX_MS);
  await closed;
  clearInterval(looking);
  clearTimeout(cutting);
}

const pathOf = (req: IncomingMessage) => (req.url ?? "/").split("?")[0] ?? "/";

type Answer = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

function router(parts: ServerParts, fast: FastPath, subscribers: Subscribers): Answer {
  const graphql = graphqlOver(parts, fast, subscribers);
  const web = existsSync(parts.webRoot)
    ? sirv(parts.webRoot, { single: true, etag: true, gzip: true, setHeaders: pageHeaders })
    : null;
  const graphiql = graphiqlPage(parts);
  const ready = seldom(parts.ready);
  return async (req, res) => {
    const path = pathOf(req);
    if (path === "/graphql") return graphql(req, res);
    const route = parts.routes.find((each) =>
      each.path.endsWith("/") ? path.startsWith(each.path) : path === each.path,
    );
    if (path === "/graphiql") return sendPage(res, await graphiql());
    if (path === "/health") return send(res, 200, "text/plain", "alive\n");
    if (path === "/ready")
      return (await ready()) ? send(res, 200, "text/plain", "ready\n") : send(res, 503, "text/plain", "not ready\n");
    if (path === "/metrics") return parts.metrics.serve(req, res);
    if (route) return document(res, route, path);
    const door = parts.doors.find((each) => each.path === path);
    if (door) return enter(parts, door, req, res);
    for (const { path: pattern, open } of parts.downloads) {
      const id = pattern.exec(path)?.[1];
      if (id !== undefined) return serveDownload(req, res, () => open(id));
    }
    if (web) return web(req, res, () => send(res, 404, "text/plain", "Not found.\n"));
    send(res, 404, "text/plain", "The web front end is not built: npm run build:web.\n");
  };
}

/** GraphiQL has nine megabytes of scripts in its page: they are loaded when the first person asks for it. */
function graphiqlPage({ examples }: ServerParts): () => Promise<Page> {
  const render = async (): Promise<Page> => {
    const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
    const options = { title: "Agon", endpoint: "/graphql", subscriptionsProtocol: "WS", defaultQuery: examples };
    const html = renderGraphiQL(options as never);
    return { html, policy: graphiqlPolicy(html) };
  };
  let page: Promise<Page> | null = null;
  return () => (page ??= render());
}

type Page = { html: string; policy: string };

/** Its scripts stand in the page: these very texts may run, and nothing that somebody got into it. Its editor works in blobs. */
function graphiqlPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = ""]) => {
    const hash = createHash("sha256").update(text.replaceAll(/\r\n?/g, "\n"));
    return `'sha256-${hash.digest("base64")}'`;
  });
  return `${POLICY}; script-src ${scripts.join(" ")}; worker-src blob: data:; font-src 'self' data:; form-action 'none'`;
}

function sendPage(res: ServerResponse, { html, policy }: Page): void {
  res.setHeader("content-security-policy", policy);
  res.setHeader("referrer-policy", "same-origin");
  send(res, 200, "text/html; charset=utf-8", html);
}

async function document(res: ServerResponse, { path, contentType, body }: Route, asked: string): Promise<void> {
  const text = await body(asked.slice(path.length));
  if (text === null) return send(res, 404, "text/plain; charset=utf-8", "There is nothing here (yet).\n");
  res.setHeader("access-control-allow-origin", "*");
  send(res, 200, contentType, text);
}

function send(res: ServerResponse, status: number, type: string, body: string): void {
  res.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(body);
}

function pageHeaders(res: ServerResponse): void {
  res.setHeader("content-security-policy", POLICY);
  res.setHeader("x-content-type-options", "nosniff");
  res.setHeader("referrer-policy", "same-origin");
}

/** Only JSON bodies: a foreign page's form could ride on a visitor's cookie. */
function isForm(req: IncomingMessage): boolean {
  return !/^application\/(?:[\w.+-]+\+)?json\b/i.test(req.headers["content-type"] ?? "");
}

/** What is plain is answered by the fast path; yoga has the words for everything else. */
function graphqlOver(parts: ServerParts, fast: FastPath, subscribers: Subscribers): Answer {
  const yoga = yogaOver(parts);
  return async (req, res) => {
    const answered = async (body: string | null) =>
      (await subscribers.serve(req, res, body)) || (await fast.answer(req, res, body));
    if (req.method !== "POST") {
      if (req.method === "GET" && (await answered(null))) return;
      return await yoga(req, res);
    }
    if (isForm(req))
      return refuseRequest(res, 415, "UNSUPPORTED_MEDIA_TYPE", "Only JSON bodies are taken.", "Send application/json.");
    const body = await readBody(req, res, parts.platform.settings.bodyBytesMax);
    if (body === null || (await answered(body))) return;
    // The stream is read; yoga takes the text from here.
    await yoga(Object.assign(req, { body }), res);
  };
}

function yogaOver(parts: ServerParts) {
  const { platform, schema, authenticate } = parts;
  return createYoga<YogaContext, Context>({
    schema,
    graphiql: false,
    landingPage: false,
    batching: false,
    logging: false,
    cors: {
      origin: "*",
      credentials: false,
      allowedHeaders: ["content-type", "authorization", "x-api-key", "x-agon", "last-event-id"],
      methods: ["GET", "POST", "OPTIONS"],
    },
    parserAndValidationCache: true,
    plugins: [
      useCSRFPrevention({ requestHeaders: ["x-api-key", "authorization", "x-agon"] }),
      useCredentialErrors(),
      usePersistedOperations({
        getPersistedOperation: (hash) => parts.operations.get(hash) ?? null,
        allowArbitraryOperations: !platform.settings.persistedOnly,
        customErrors: PERSISTED_ERRORS,
      }),
      useEventStreamsOnly(),
      useCost(parts),
      useMetrics(parts.metrics),
    ],
    maskedErrors: { maskError: (error) => maskError(error, requestId(), platform.log) },
    context: async ({ req, res }) => {
      const address = addressOf(platform, req);
      const { viewer, cookie } = await viewerOf(authenticate, credentialsOf(req.headers), address);
      keepSessionCookie(platform, req, res, cookie);
      return {
        ...contextFor(platform, viewer, { headers: req.headers, address }),
        setSessionCookie: (token, expiresAt) => setSessionCookie(platform, req, res, { token, expiresAt }),
      };
    },
  });
}

function useCredentialErrors(): Plugin {
  return {
    onPluginInit: ({ registerContextErrorHandler }) =>
      registerContextErrorHandler(({ error, setError }) => {
        if (error instanceof BadCredentials)
          setError(
            new GraphQLError(error.message, {
              extensions: { code: "BAD_CREDENTIALS", hint: "Make a new key, or sign in again.", http: { status: 401 } },
            }),
          );
      }),
  };
}
