import type { Comment } from "./documents.ts";
import { ReactDocument, UnreactDocument } from "./documents.ts";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";

type Counts = Comment["reactions"];
const KINDS = [
  ["LIKE", "Like"],
  ["INSIGHTFUL", "Insightful"],
  ["FUNNY", "Funny"],
  ["CELEBRATE", "Celebrate"],
] as const;

/** How people reacted; who is signed in reacts by a press, and takes it back by another. */
export function Reactions({ id, about, counts, open }: { id: string; about: string; counts: Counts; open: boolean }) {
  const { act, refused } = useActs();
  const press = async (kind: (typeof KINDS)[number][0], mine: boolean) => {
    const input = { contentId: id, kind };
    await (mine ? act(UnreactDocument, input) : act(ReactDocument, input));
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
