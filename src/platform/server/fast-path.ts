import type { IncomingMessage, ServerResponse } from "node:http";
import { execute, getArgumentValues, getVariableValues, Kind, type ExecutionResult, type GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { CacheTags } from "../graphql/builder.ts";
import type { Charge, Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import { anonymousViewer, type Viewer } from "../viewer.ts";
import { openByteCache, type ByteCache, type Stored } from "./byte-cache.ts";
import { addressOf, contextFor, credentialsOf, viewerOf, type Authenticate } from "./context.ts";
import { keepSessionCookie, setSessionCookie } from "./cookies.ts";
import { pay, type Priced } from "./cost.ts";
import { maskError } from "./errors.ts";
import { inspect } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import { openPlans, type Plan, type Plans } from "./plans.ts";
import { PreparedReads } from "./prepared-reads.ts";
import { requestId } from "./request-id.ts";
import { isPlain, sentByBody, sentByUrl, type Sent } from "./sent.ts";

type Parts = {
  platform: Platform;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  operations: ReadonlyMap<string, string>;
  metrics: Metrics;
};

/** Answers a request, or gives false for one that the full pipeline must look at; nothing was done then. */
export type FastPath = { answer(req: IncomingMessage, res: ServerResponse, body: string | null): Promise<boolean> };

type Running = Parts & {
  plans: Plans;
  cache: ByteCache;
  prepared: PreparedReads;
  /** Requests for shared answers as they were read before: who polls sends the same text again. */
  polled: LRUCache<string, Asked>;
};
type Asked = { plan: Plan; variables: Readonly<Record<string, unknown>>; key: string; priced: Priced };

const POLLED_MAX = 2_000;
const POLLED_LENGTH_MAX = 4 * 1_024 * 1_024;

/**
 * Valid queries and mutations in JSON, without what the full pipeline must weigh: the document is planned once, answers
 * that everybody may see are kept as bytes, readable ones are one SQL statement, the others run by their resolvers.
 * Credentials, limits and cost are those of the full pipeline.
 */
export function openFastPath(parts: Parts): FastPath & { stop(): void } {
  const { platform, schema } = parts;
  const cache = openByteCache(platform.hub);
  const plans = openPlans(schema, platform.settings);
  const polled = new LRUCache<string, Asked>({
    max: POLLED_MAX,
    maxSize: POLLED_LENGTH_MAX,
    sizeCalculation: (_asked, key) => key.length + 1,
  });
  const running: Running = { ...parts, plans, cache, prepared: new PreparedReads(platform.db.pool), polled };
  return { answer: (req, res, body) => answer(running, req, res, body), stop: cache.close };
}

async function answer(
  parts: Running,
  req: IncomingMessage,
  res: ServerResponse,
  body: string | null,
): Promise<boolean> {
  const key = body ?? req.url ?? "";
  const asked = acceptedType(req.headers.accept) === null ? null : (parts.polled.get(key) ?? read(parts, body, key));
  if (!asked) return false;
  const address = addressOf(parts.platform, req);
  const asker = await viewerOf(parts.authenticate, credentialsOf(req.headers), address).catch(() => null);
  if (!asker) return false;
  keepSessionCookie(parts.platform, req, res, asker.cookie);
  await answerFor(parts, req, res, asked, asker.viewer).catch((error: unknown) => sendFailure(parts, req, res, error));
  return true;
}

async function answerFor(
  parts: Running,
  req: IncomingMessage,
  res: ServerResponse,
  asked: Asked,
  viewer: Viewer,
): Promise<void> {
  const { charge: taken, errors } = await pay(parts, viewer, asked.priced);
  if (!taken) send(req, res, jsonOf({ errors: errors.map((error) => masked(parts, error)) }));
  else if (asked.plan.shared) await answerShared(parts, req, res, asked, taken);
  else await answerViewer(parts, req, res, asked, { viewer, taken });
}

/** What fails outside of any resolver, such as a compiled statement, is told as GraphQL too. */
function sendFailure(parts: Running, req: IncomingMessage, res: ServerResponse, error: unknown): void {
  if (res.headersSent) throw error;
  const body = jsonOf({ errors: [masked(parts, error)] });
  res.writeHead(500, headersFor(req, body.length)).end(body);
}

const masked = ({ platform }: Parts, error: unknown) => maskError(error, requestId(), platform.log);
const jsonOf = (result: unknown) => Buffer.from(JSON.stringify(result));

/** What is asked for, where it is plain; null for whatever is unusual, wrong, or needs the full pipeline's care. */
function read(parts: Running, body: string | null, key: string): Asked | null {
  if (key.length > parts.platform.settings.variablesBytesMax) return null;
  const sent = body === null ? sentByUrl(key) : sentByBody(body);
  const text = sent && isPlain(sent) ? textOf(parts, sent) : null;
  const plan = sent === null || text === null ? null : parts.plans.of(text, sent.operationName ?? null);
  // What changes state or shows a person's own comes by POST: a link must not do it.
  if (!plan || !sent || (body === null && !plan.shared)) return null;
  const variables = sent.variables ?? {};
  const full = inspect(parts.schema, plan.document, parts.platform.settings, plan.operationName, variables);
  const asked = { plan, variables, key, priced: hashOf(sent) === undefined ? full : ofTheSite(full) };
  if (plan.shared) parts.polled.set(key, asked);
  return asked;
}

/** Several people look at the site from one address; its operations are few, known, and kept as plans. */
const SITE_OPERATION_SHARE = 1 / 10;

const ofTheSite = ({ cost, errors }: Priced): Priced => ({ cost: Math.ceil(cost * SITE_OPERATION_SHARE), errors });

const hashOf = ({ extensions }: Sent) => extensions?.persistedQuery?.sha256Hash;

/** The operation's text, sent or persisted; null where only persisted ones are served or this one is not known. */
function textOf({ operations, platform }: Running, sent: Sent): string | null {
  const { query } = sent;
  const hash = hashOf(sent);
  if (hash !== undefined) return operations.get(hash) ?? null;
  return typeof query === "string" && !platform.settings.persistedOnly ? query : null;
}

const JSON_TYPE = "application/json; charset=utf-8";
const GRAPHQL_TYPE = "application/graphql-response+json; charset=utf-8";

/** The first of our two media types that a client names; null where only the full pipeline knows what it takes. */
function acceptedType(accept: string | undefined): string | null {
  if (accept === undefined) return JSON_TYPE;
  for (const range of accept.split(",")) {
    const [name] = range.trim().split(";");
    if (name === "application/json" || name === "*/*" || name === "application/*") return JSON_TYPE;
    if (name === "application/graphql-response+json") return GRAPHQL_TYPE;
    if (name === "text/event-stream" || name === "multipart/mixed") return null;
  }
  return null;
}

type Paying = { viewer: Viewer; taken: Charge };

async function answerViewer(
  parts: Running,
  req: IncomingMessage,
  res: ServerResponse,
  asked: Asked,
  { viewer, taken }: Paying,
): Promise<void> {
  const address = addressOf(parts.platform, req);
  const context: Context = {
    ...contextFor(parts.platform, viewer, { headers: req.headers, address }),
    charge: taken,
    setSessionCookie: (token, expiresAt) => setSessionCookie(parts.platform, req, res, { token, expiresAt }),
  };
  const result = await run(parts, asked, context);
  send(req, res, jsonOf({ ...result, extensions: { ...result.extensions, cost: costOf(taken) } }), result);
}

const costOf = ({ requested, available, resetAt }: Charge) => ({
  requested,
  available,
  resetAt: resetAt.toISOString(),
});

async function run(parts: Running, { plan, variables }: Asked, contextValue: Context): Promise<ExecutionResult> {
  const { schema, metrics } = parts;
  const { document, operationName, operation } = plan;
  const stop = metrics.seconds.startTimer({ type: operation.operation });
  const result = await execute({ schema, document, operationName, variableValues: variables, contextValue });
  stop();
  metrics.operations.inc({ type: operation.operation, outcome: result.errors ? "errors" : "ok" });
  return result.errors ? { ...result, errors: result.errors.map((error) => masked(parts, error)) } : result;
}

/** An answer that is the same for everybody: bytes that are kept, and the cost of whoever asks behind them. */
async function answerShared(
  parts: Running,
  req: IncomingMessage,
  res: ServerResponse,
  asked: Asked,
  taken: Charge,
): Promise<void> {
  const known = parts.cache.get(asked.key);
  if (known) parts.metrics.operations.inc({ type: "query", outcome: "ok" });
  const stored = known ?? (await parts.cache.answer(asked.key, (tags) => compute(parts, asked, tags)));
  sendStored(req, res, stored, { taken, known: known !== null });
}

type Tags = { add(tag: string): unknown };

async function compute(parts: Running, asked: Asked, tags: Tags): Promise<{ body: Buffer; keep: boolean }> {
  const { plan, variables } = asked;
  for (const tag of plan.shared?.typeTags ?? []) tags.add(tag);
  const { variableValues } = getVariableValues(parts.schema, plan.operation.variableDefinitions ?? [], variables);
  const roots = variableValues ? rootTags(parts.schema, plan, variableValues) : null;
  for (const tag of roots ?? []) tags.add(tag);
  // A statement knows no types of variables: what is wrong with one is GraphQL's to say.
  const compiled = variableValues ? await readCompiled(parts, asked) : null;
  if (compiled !== null) return { body: Buffer.from(`{"data":${compiled}`), keep: roots !== null };
  // Nothing of a person is in this context: what it shows is shown to everybody.
  const shared = contextFor(parts.platform, anonymousViewer("shared"), { headers: {}, address: "shared" });
  const result = await run(parts, asked, { ...shared, cacheTags: tags });
  const text = JSON.stringify(result);
  return { body: Buffer.from(text.slice(0, -1)), keep: roots !== null && result.errors === undefined };
}

type Values = NonNullable<ReturnType<typeof getVariableValues>["variableValues"]>;

/** What the root fields say that their answer depends on; null when one of them must not be kept. */
function rootTags(schema: GraphQLSchema, { operation }: Plan, values: Values): string[] | null {
  const fields = schema.getQueryType()?.getFields() ?? {};
  const tags: string[] = [];
  for (const node of operation.selectionSet.selections) {
    const field = node.kind === Kind.FIELD ? fields[node.name.value] : undefined;
    if (!field || node.kind !== Kind.FIELD) continue;
    const { cache } = (field.extensions as { pothosOptions?: { cache?: CacheTags } }).pothosOptions ?? {};
    const own = cache?.(getArgumentValues(field, node, values));
    if (own === null) return null;
    tags.push(...(own ?? []));
  }
  return tags;
}

async function readCompiled(parts: Running, { plan, variables }: Asked): Promise<string | null> {
  const values = plan.compiled?.values(variables);
  if (!plan.compiled || !values) return null;
  const stop = parts.metrics.seconds.startTimer({ type: "query" });
  const [row] = await parts.prepared.query<{ data: string }>(plan.compiled, values);
  stop();
  parts.metrics.operations.inc({ type: "query", outcome: "ok" });
  return row?.data ?? null;
}

function headersFor(req: IncomingMessage, length: number): Record<string, string | number> {
  const type = acceptedType(req.headers.accept) ?? JSON_TYPE;
  const headers = { "content-type": type, "content-length": length, "x-content-type-options": "nosniff" };
  return req.headers.origin === undefined ? headers : { ...headers, "access-control-allow-origin": "*" };
}

/** Kept bytes, with the asker's cost behind them and, because a 304 has no body, in the headers. */
function sendStored(
  req: IncomingMessage,
  res: ServerResponse,
  { body, etag }: Stored,
  { taken, known }: { taken: Charge; known: boolean },
): void {
  const headers = { etag, "cache-control": "no-cache", vary: "accept", ...(known && costHeaders(taken)) };
  if (req.headers["if-none-match"]?.includes(etag)) return void res.writeHead(304, headers).end();
  const cost = Buffer.from(`,"extensions":{"cost":${JSON.stringify(costOf(taken))}}}`);
  res.writeHead(200, { ...headersFor(req, body.length + cost.length), ...headers });
  res.end(Buffer.concat([body, cost]));
}

const costHeaders = ({ requested, available, resetAt }: Charge) => ({
  "x-cost-requested": requested,
  "x-cost-available": available,
  "x-cost-reset-at": resetAt.toISOString(),
});

function send(req: IncomingMessage, res: ServerResponse, body: Buffer, result?: ExecutionResult): void {
  const headers = headersFor(req, body.length);
  const failed = headers["content-type"] === GRAPHQL_TYPE && result !== undefined && result.data === undefined;
  res.writeHead(failed ? 400 : 200, headers).end(body);
}
