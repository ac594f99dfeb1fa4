import { useState, type FormEvent } from "react";
import { Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useOnceKey } from "../shell/use-once-key.ts";
import { ApproveDocument, RejectDocument, type BoardCard } from "./documents.ts";

type Asked = Pick<BoardCard, "id" | "title" | "mayDecide" | "creator" | "team">;

/** A task that waits for a yes or no: the buttons for who may say it, and for the others who that is. */
export function Awaited({ task, decided }: { task: Asked; decided: () => void }) {
  const { id, title, mayDecide, creator, team } = task;
  if (mayDecide) return <Decide taskId={id} title={title} decided={decided} />;
  return (
    <p className="xs dim">
      {creator.handle} decides{team && `, or who leads ${team.name}`}.
    </p>
  );
}

/** A person's yes or no, the no with its reason. */
export function Decide({ taskId, title, decided }: { taskId: string; title: string; decided: () => void }) {
  const { act, busy, refused } = useActs(decided);
  const [refusing, setRefusing] = useState(false);
  const once = useOnceKey();
  const yes = () => act(ApproveDocument, { taskId, idempotencyKey: once.keyFor({ taskId, yes: true }) }, once);
  const no = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = textOf(new FormData(event.currentTarget), "reason");
    void act(RejectDocument, { taskId, reason, idempotencyKey: once.keyFor({ taskId, reason }) }, once);
  };
  return (
    <>
      <div className="row ab">
        <button
          type="button"
          className="btn sm pri"
          disabled={busy}
          aria-label={`Approve ${title}`}
          onClick={() => void yes()}
        >
          Approve
        </button>
        <button
          type="button"
          className="btn sm"
          aria-expanded={refusing}
          aria-label={`Reject ${title}`}
          onClick={() => setRefusing(!refusing)}
        >
          Reject
        </button>
      </div>
      {refusing && (
        <form className="form" onSubmit={no}>
          <Field name="reason" label="Why not" maxLength={2_000} />
          <button type="submit" className="btn sm danger">
            Reject
          </button>
        </form>
      )}
      <Why refused={refused} />
    </>
  );
}
