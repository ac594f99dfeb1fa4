import { mapExchange, type CombinedError, type Exchange, type Operation } from "urql";

/** Whether nothing was answered at all. */
const isRefused = ({ networkError, graphQLErrors }: CombinedError) =>
  networkError !== undefined || graphQLErrors.every(({ path }) => !path);

/**
 * A page stays while it is read again, and when that fails: its last answer is kept, beside the error. Where the server said
 * how long to wait, `again` asks for it anew after that. What the cache fills in with null for what it does not know is no
 * answer: a page would say that there is nothing, or nobody signed in.
 */
export function keepShown(again: (operation: Operation) => void): Exchange {
  const shown = new Map<number, unknown>();
  const waiting = new Map<number, ReturnType<typeof setTimeout>>();
  return mapExchange({
    onOperation: ({ kind, key }) => {
      if (kind !== "teardown") return;
      clearTimeout(waiting.get(key));
      waiting.delete(key);
      shown.delete(key);
    },
    onResult: (result) => {
      const { operation, error, data } = result;
      if (operation.kind !== "query") return;
      if (operation.context.meta?.cacheOutcome === "partial" && !error)
        return { ...result, data: shown.get(operation.key) };
      if (!error || !isRefused(error)) return void shown.set(operation.key, data);
      if (!shown.has(operation.key)) return { ...result, data: undefined };
      const waitMs = error.graphQLErrors[0]?.extensions["retryAfterMs"];
      if (typeof waitMs === "number" && !waiting.has(operation.key)) {
        const ask = () => {
          waiting.delete(operation.key);
          again(operation);
        };
        waiting.set(operation.key, setTimeout(ask, waitMs));
      }
      return { ...result, data: shown.get(operation.key) };
    },
  });
}
