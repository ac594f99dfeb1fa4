import { useState } from "react";
import { useClient, type TypedDocumentNode } from "urql";
import { refusalOf, type Refused } from "./refused.tsx";
import type { OnceKey } from "./use-once-key.ts";

/**
 * The mutations of a place that says in one line why the last was refused. `told` is called after each answer, refusals too:
 * they often mean that something moved meanwhile.
 */
export function useActs(told: () => void = () => undefined) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  /** Does one; gives the answer, or null when it was refused. With a key that is to be used once, answers end it. */
  const act = async <Data extends object, Input extends object>(
    document: TypedDocumentNode<Data, { input: Input }>,
    input: Input,
    once?: OnceKey,
  ): Promise<Data | null> => {
    setBusy(true);
    const { data, error } = await client.mutation(document, { input }).toPromise();
    // A mutation has one field.
    const why = refusalOf(Object.values(data ?? {}).find((field) => typeof field === "object") as object | null, error);
    if (data) once?.answered();
    setBusy(false);
    setRefused(why);
    told();
    return why ? null : (data ?? null);
  };
  return { act, busy, refused };
}
