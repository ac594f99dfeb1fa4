import { buildSchema, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { follow, openSocket } from "./stream.ts";

const QUERY = "subscription ($after: String) { items(after: $after) { cursor } }";
const SCHEMA = buildSchema(`
  type Query { none: Int }
  type Item { cursor: String! }
  type Subscription { items(after: String): Item! }
`);

type Item = { cursor: string };
type Source = (after: number, attempt: number, socket: WebSocket) => AsyncGenerator<number>;

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server whose stream counts on from `after`; the script decides how each subscription ends. */
async function serve(source: Source): Promise<{ url: string; attempts: () => number }> {
  let attempts = 0;
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => wss.once("listening", resolve));
  async function* items({ after }: { after?: string | null }, { extra }: { extra: { socket: WebSocket } }) {
    for await (const number of source(Number(after ?? 0), ++attempts, extra.socket))
      yield { items: { cursor: String(number) } };
  }
  useServer(
    {
      schema: SCHEMA,
      context: ({ extra }) => ({ extra }),
      onSubscribe: () => undefined,
      roots: { subscription: { items } },
    },
    wss,
  );
  servers.push(wss);
  return { url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`, attempts: () => attempts };
}

async function take(url: string, count: number): Promise<string[]> {
  const socket = openSocket(url, "cq_test");
  const ending = new AbortController();
  const cursors: string[] = [];
  const stream = follow<Item>(socket, { query: QUERY, variables: {}, signal: ending.signal, random: () => 0 });
  for await (const { cursor } of stream) {
    cursors.push(cursor);
    if (cursors.length === count) ending.abort();
  }
  await socket.dispose();
  return cursors;
}

async function* three(after: number) {
  for (let number = after + 1; number <= after + 3; number++) yield number;
}
const never = () => new Promise<never>(() => undefined);

describe("a stream goes on after its last item", () => {
  test.each<[string, (socket: WebSocket) => void]>([
    ["when the server dies", (socket) => socket.terminate()],
    ["when the server restarts", (socket) => socket.close(1012, "SERVER_STOPPING")],
    ["when the server says that it reads too slowly", () => fail("SLOW_CONSUMER")],
    ["when the server completes it", () => undefined],
  ])("%s", async (_sentence, end) => {
    const server = await serve(async function* (after, attempt, socket) {
      yield* three(after);
      if (attempt === 3) return void (await never());
      end(socket);
      if (socket.readyState !== socket.OPEN) await never();
    });
    expect(await take(server.url, 9)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(server.attempts()).toBe(3);
  });
});

function fail(code: string): never {
  throw new GraphQLError("The stream is over.", { extensions: { code, hint: "Do something else." } });
}

describe("a stream ends with an error", () => {
  test.each([
    ["when the server refuses it", () => fail("NOT_YOUR_BOT"), "NOT_YOUR_BOT"],
    ["when the key is not accepted", (socket: WebSocket) => socket.close(4403, "Forbidden"), "SOCKET_REFUSED"],
  ])("%s", async (_sentence, end, code) => {
    const server = await serve(async function* (after, _attempt, socket) {
      yield* three(after);
      end(socket);
      await never();
    });
    await expect(take(server.url, 4)).rejects.toMatchObject({ name: "AgonError", code });
    expect(server.attempts()).toBe(1);
  });
});

test("a stream that nobody can open waits until it is told to stop", async () => {
  const ending = new AbortController();
  let tried = 0;
  const beforeOpen = async () => {
    if (++tried === 2) ending.abort();
  };
  const socket = openSocket("ws://127.0.0.1:9", null);
  const items: Item[] = [];
  for await (const item of follow<Item>(socket, { query: QUERY, variables: {}, signal: ending.signal, beforeOpen }))
    items.push(item);
  expect({ tried, items }).toEqual({ tried: 2, items: [] });
});
