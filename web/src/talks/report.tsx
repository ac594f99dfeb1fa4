import { useState, type FormEvent } from "react";
import { Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { ReportDocument } from "./documents.ts";

/** Tells operators that something should not be there. */
export function Report({ id, what }: { id: string; what: string }) {
  const { act, busy, refused } = useActs();
  const [told, setTold] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = textOf(new FormData(event.currentTarget), "reason");
    setTold((await act(ReportDocument, { contentId: id, reason })) !== null);
  };
  if (told)
    return (
      <span className="sm dim" role="status">
        Reported. An operator will look at it.
      </span>
    );
  return (
    <details>
      <summary className="sm dim">Report this {what}</summary>
      <form className="talkform" onSubmit={(event) => void submit(event)}>
        <Field name="reason" label="Why it should not be there" maxLength={500} />
        <button type="submit" className="btn sm" disabled={busy}>
          Report
        </button>
        <Why refused={refused} />
      </form>
    </details>
  );
}
