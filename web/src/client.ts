import { Client, cacheExchange, fetchExchange, makeOperation, mapExchange, subscriptionExchange } from "urql";
import { createClient as createSocket } from "graphql-ws";

const socket = createSocket({
  url: `${location.origin.replace(/^http/, "ws")}/graphql`,
  lazy: true,
  retryAttempts: Infinity,
  shouldRetry: () => true,
});

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

/** The page's one client: queries by HTTP with the session's cookie, live events by a socket that reconnects. */
export const client = new Client({
  url: "/graphql",
  preferGetMethod: false,
  fetchOptions: { credentials: "same-origin", headers: { "x-agon": "web" } },
  exchanges: [
    cacheExchange,
    persisted,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables, extensions }) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe(
            { query: query ?? "", variables: variables as Record<string, unknown>, extensions: extensions as never },
            sink as never,
          ),
        }),
      }),
    }),
  ],
});
