import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "urql";
import { createClient as createSocket } from "graphql-ws";

const socket = createSocket({
  url: `${location.origin.replace(/^http/, "ws")}/graphql`,
  lazy: true,
  retryAttempts: Infinity,
  shouldRetry: () => true,
});

/** The page's one client: queries by HTTP with the session's cookie, live events by a socket that reconnects. */
export const client = new Client({
  url: "/graphql",
  preferGetMethod: false,
  fetchOptions: { credentials: "same-origin", headers: { "x-agon": "web" } },
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe(
            { query: query ?? "", variables: variables as Record<string, unknown> },
            sink as never,
          ),
        }),
      }),
    }),
  ],
});
