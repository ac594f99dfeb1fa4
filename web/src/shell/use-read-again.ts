import { useEffect, useState } from "react";
import { useSubscription, type TypedDocumentNode } from "urql";
import { useFresh } from "./use-fresh.ts";

type Told = { id: string; after: string | null };

/** Follows a stream behind the cursor of the first answer, and reads again when something was told, at most once in `everyMs`. */
export function useReadAgain<Data>(
  query: TypedDocumentNode<Data, { id: string; after?: string | null }>,
  { id, cursor, again, everyMs = 250 }: { id: string; cursor: string | null; again: () => void; everyMs?: number },
): void {
  const [after, setAfter] = useState<string | null>(null);
  useEffect(() => setAfter((before) => before ?? cursor), [cursor]);
  const variables: Told = { id, after };
  const [{ data }] = useSubscription<Data, Data, Told>({ query, variables, pause: after === null });
  useFresh(data, again, everyMs);
}
