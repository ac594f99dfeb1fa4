import { makeOperation, mapExchange, type Exchange } from "urql";

type Fetch = typeof fetch;

/**
 * A read that a change overtakes is asked for again before anybody sees its answer, which may tell how things stood before
 * the change. The client does not do that: it takes what is on its way for the read that the change asks for.
 */
export function readOvertakenAgain(): Exchange {
  let changes = 0;
  const changing =
    (send: Fetch): Fetch =>
    async (...asked) => {
      try {
        return await send(...asked);
      } finally {
        // One that failed may have been done.
        changes++;
      }
    };
  const reading =
    (send: Fetch): Fetch =>
    async (...asked) => {
      for (;;) {
        const before = changes;
        const answer = await send(...asked);
        const text = await answer.text();
        if (changes === before) return new Response(text, answer);
      }
    };
  return mapExchange({
    onOperation: (operation) => {
      const { kind, context } = operation;
      if (kind !== "query" && kind !== "mutation") return operation;
      // Called as a method, the browser's own fetch refuses.
      const send: Fetch = context.fetch ?? ((...asked) => fetch(...asked));
      return makeOperation(kind, operation, { ...context, fetch: kind === "query" ? reading(send) : changing(send) });
    },
  });
}
