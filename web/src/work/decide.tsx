import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { useOnceKey } from "../shell/use-once-key.ts";
import { ApproveDocument, RejectDocument } from "./documents.ts";

/** A person's yes or no, the no with its reason. */
export function Decide({ taskId, title, decided }: { taskId: string; title: string; decided: () => void }) {
  const [{ fetching }, approve] = useMutation(ApproveDocument);
  const [, reject] = useMutation(RejectDocument);
  const [refusing, setRefusing] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  const once = useOnceKey();
  const told = (why: Refused) => {
    once.answered();
    setRefused(why);
    decided();
  };
  const yes = async () => {
    const thing = { taskId, yes: true };
    const { data, error } = await approve({ input: { taskId, idempotencyKey: once.keyFor(thing) } });
    told(refusalOf(data?.approveTask, error));
  };
  const no = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = textOf(new FormData(event.currentTarget), "reason");
    const { data, error } = await reject({
      input: { taskId, reason, idempotencyKey: once.keyFor({ taskId, reason }) },
    });
    told(refusalOf(data?.rejectTask, error));
  };
  return (
    <>
      <div className="row ab">
        <button
          type="button"
          className="btn sm pri"
          disabled={fetching}
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
        <form className="form" onSubmit={(event) => void no(event)}>
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
