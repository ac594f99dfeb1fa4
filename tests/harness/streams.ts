import { request, type IncomingMessage } from "node:http";
import WebSocket from "ws";
import type { App } from "../../src/app.ts";
import { append } from "../../src/platform/streams.ts";

/** A socket that speaks graphql-transport-ws by hand; its messages are given as they came. */
export async function openSocket(url: string, onMessage: (text: string) => void, key?: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(JSON.stringify({ type: "connection_init", payload: key ? { apiKey: key } : {} }));
  await new Promise((resolve) => socket.once("message", resolve));
  socket.on("message", (data) => onMessage(String(data)));
  return socket;
}

/** Subscribes on a socket under an id. */
export const subscribe = (socket: WebSocket, id: string, payload: { query: string; variables?: object }): void =>
  socket.send(JSON.stringify({ id, type: "subscribe", payload }));

/** A server-sent event as its reader sees it. */
export type Told = { id: string | null; event: string; data: string };
/** An open event stream: everything that came, as text and as events. */
export type Reader = {
  status: number;
  headers: IncomingMessage["headers"];
  text(): string;
  told(): readonly Told[];
  lastId(): string | null;
  ended: Promise<void>;
  response: IncomingMessage;
  close(): void;
};

/** What an EventSource does, by hand: a GET without headers of its own, and Last-Event-ID when it comes back. */
export function readByGet(
  url: string,
  query: string,
  { variables = {}, lastEventId = null, onTold }: ReadOptions = {},
): Promise<Reader> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const headers = { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) };
  return read(`${url}/graphql?${search}`, { method: "GET", headers }, undefined, onTold);
}
type ReadOptions = { variables?: object; lastEventId?: string | null; onTold?: (told: Told) => void };

/** What graphql-sse's client does in distinct connections: a POST. */
export function readByPost(url: string, body: { query: string; variables?: object }, key?: string): Promise<Reader> {
  const headers = {
    accept: "text/event-stream",
    "content-type": "application/json; charset=utf-8",
    ...(key && { "x-api-key": key }),
  };
  return read(`${url}/graphql`, { method: "POST", headers }, JSON.stringify(body));
}

type Sent = { method: string; headers: Record<string, string> };

function read(url: string, sent: Sent, body?: string, onTold?: (told: Told) => void): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { ...sent, agent: false }, (response) => resolve(readerOf(response, onTold)));
    asking.on("error", reject);
    asking.end(body);
  });
}

/** With `onTold` what came is given away and not kept. */
function readerOf(response: IncomingMessage, onTold?: (told: Told) => void): Reader {
  // A slice of a string holds the whole of it: only what is not whole yet is looked at again, never all that came.
  const chunks: string[] = [];
  let rest = "";
  const all: Told[] = [];
  const keep = (told: Told) => void all.push(told);
  response.setEncoding("utf8").on("data", (chunk: string) => {
    if (!onTold) chunks.push(chunk);
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const told of blocks.map(toldIn)) if (told) (onTold ?? keep)(told);
  });
  const ended = new Promise<void>((resolve) => response.once("close", resolve));
  response.on("error", () => undefined);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => chunks.join(""),
    told: () => all,
    lastId: () => all.findLast(({ id }) => id !== null)?.id ?? null,
    ended,
    response,
    close: () => response.destroy(),
  };
}

/** One block of an event stream; null for a comment. */
function toldIn(block: string): Told | null {
  const lines = block.split("\n").map((line) => [line.split(":", 1)[0], line.replace(/^[^:]*: ?/, "")]);
  const fields = Object.fromEntries(lines) as Record<string, string | undefined>;
  const { id = null, event, data = "" } = fields;
  return event === undefined ? null : { id, event, data };
}

const batch = (events: number) =>
  Array.from({ length: events }, () => ({
    type: "MessagePosted" as const,
    botId: "00000000-0000-0000-0000-000000000000",
    text: "x".repeat(300),
  }));

/** Things that happen in the Pit, stored and told; `together` of them in each transaction. */
export async function happen({ platform: { db, hub, clock } }: App, times = 1, together = 1): Promise<void> {
  for (let told = 0; told < times; told += together)
    await db.transact((tx) =>
      append(tx, hub.publish, [{ stream: "pit", events: batch(Math.min(together, times - told)) }], clock.now()),
    );
}

/** The Pit's cursor. */
export async function pitCursor(url: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ pit { cursor } }" }),
  });
  return ((await response.json()) as { data: { pit: { cursor: string } } }).data.pit.cursor;
}

/** The number of the Pit's newest event. */
export async function pitSeq({ platform }: App): Promise<number> {
  const { rows } = await platform.db.pool.query<{ seq: number }>("SELECT seq FROM stream_head WHERE stream = 'pit'");
  return rows[0]?.seq ?? 0;
}

/** What a spectator of the Pit asks for. */
export const PIT_EVENTS =
  "subscription($after: Cursor) { pitEvents(after: $after) { cursor event { __typename ... on Event { seq } } } }";
/** The answer to it. */
export type PitAnswer = { data: { pitEvents: { cursor: string; event: { seq: number; __typename: string } } } };
