import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { ReportDocument } from "./documents.ts";

/** Tells operators that something should not be there. */
export function Report({ id, what }: { id: string; what: string }) {
  const [{ fetching }, report] = useMutation(ReportDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [told, setTold] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = textOf(new FormData(event.currentTarget), "reason");
    const { data, error } = await report({ input: { contentId: id, reason } });
    const why = refusalOf(data?.reportContent, error);
    setRefused(why);
    setTold(!why);
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
        <button type="submit" className="btn sm" disabled={fetching}>
          Report
        </button>
        <Why refused={refused} />
      </form>
    </details>
  );
}
