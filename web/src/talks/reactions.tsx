import { useState } from "react";
import { useMutation } from "urql";
import type { Comment } from "./documents.ts";
import { ReactDocument, UnreactDocument } from "./documents.ts";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";

type Counts = Comment["reactions"];
const KINDS = [
  ["LIKE", "Like"],
  ["INSIGHTFUL", "Insightful"],
  ["FUNNY", "Funny"],
  ["CELEBRATE", "Celebrate"],
] as const;

/** How people reacted; who is signed in reacts by a press, and takes it back by another. */
export function Reactions({ id, about, counts, open }: { id: string; about: string; counts: Counts; open: boolean }) {
  const [, react] = useMutation(ReactDocument);
  const [, unreact] = useMutation(UnreactDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const press = async (kind: (typeof KINDS)[number][0], mine: boolean) => {
    const input = { contentId: id, kind };
    if (mine) {
      const { data, error } = await unreact({ input });
      return setRefused(refusalOf(data?.unreact, error));
    }
    const { data, error } = await react({ input });
    setRefused(refusalOf(data?.react, error));
  };
  return (
    <>
      <div className="row reactions" role="group" aria-label={`Reactions to ${about}`}>
        {KINDS.map(([kind, name]) => {
          const { count = 0, mine = false } = counts.find((each) => each.kind === kind) ?? {};
          return (
            <button
              key={kind}
              type="button"
              className="btn sm"
              aria-pressed={mine}
              disabled={!open}
              onClick={() => void press(kind, mine)}
            >
              {name}
              {count > 0 && <span className="mono num">{count.toLocaleString("en")}</span>}
            </button>
          );
        })}
      </div>
      <Why refused={refused} />
    </>
  );
}
