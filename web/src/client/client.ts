import { cacheExchange } from "@urql/exchange-graphcache";
import { useSyncExternalStore } from "react";
import { Client, fetchExchange, makeOperation, mapExchange, subscriptionExchange } from "urql";
import schema from "virtual:schema";
import { keysOf, UPDATES } from "./cache.ts";
import { keepShown } from "./kept.ts";
import { lineDown, lineUp } from "./line.ts";
import { follow, openSocket } from "./socket.ts";

/** Sends the SHA-256 that codegen gave an operation in place of its text: the server knows the front end's own. */
const persisted = mapExchange({
  onOperation: (operation) => {
    const meta = (operation.query as { __meta__?: { hash?: string } }).__meta__;
    if (!meta?.hash || operation.kind === "teardown") return operation;
    const persistedQuery = { version: 1 as const, sha256Hash: meta.hash.replace("sha256:", "") };
    const extensions = { ...operation.extensions, persistedQuery };
    return makeOperation(operation.kind, { ...operation, extensions });
  },
});

/** Every answer, or its absence, says how the line stands. */
const listening = mapExchange({
  onResult: ({ error, operation }) => {
    if (operation.kind === "subscription") return;
    if (error?.networkError && !error.response) lineDown();
    else lineUp();
  },
});

/** Queries by HTTP with the session's cookie, live events by a socket; what is known stands in one normalised cache. */
function openClient(): { client: Client; close: () => void } {
  const socket = openSocket();
  const client: Client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetchOptions: { credentials: "same-origin", headers: { "x-agon": "web" } },
    exchanges: [
      keepShown((operation) =>
        client.reexecuteOperation(client.createRequestOperation("query", operation, { requestPolicy: "network-only" })),
      ),
      cacheExchange({ schema, keys: keysOf(schema), updates: UPDATES }),
      listening,
      persisted,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables, extensions }) => ({
          subscribe: (sink) => ({
            unsubscribe: follow(
              socket,
              { query: query ?? "", variables: variables as Record<string, unknown>, extensions: extensions as never },
              sink,
            ),
          }),
        }),
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}

let current = openClient();
const listeners = new Set<() => void>();

/** Somebody signed in or out: forgets what the one before was allowed to see, the socket's person included. */
export function changePerson(): void {
  const before = current;
  current = openClient();
  for (const listener of listeners) listener();
  before.close();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** The page's client. */
export const useArenaClient = (): Client => useSyncExternalStore(subscribe, () => current.client);
