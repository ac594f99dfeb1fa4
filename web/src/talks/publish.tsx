import { useId, useState, type FormEvent } from "react";
import { useLocation } from "wouter";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useOnceKey } from "../shell/use-once-key.ts";
import { PublishDocument } from "./documents.ts";

/** Tags as somebody types them: apart by blanks or commas. */
export const tagsIn = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((tag) => tag !== "");

/** Publishes a transcript that is pasted or read from a file. */
export function Publish({ bots }: { bots: readonly { id: string; name: string }[] }) {
  const [, go] = useLocation();
  const { act, busy, refused } = useActs();
  const [transcript, setTranscript] = useState("");
  const once = useOnceKey();
  const id = useId();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const botId = textOf(form, "bot");
    const thing = {
      title: textOf(form, "title"),
      tags: tagsIn(textOf(form, "tags")),
      visibility: textOf(form, "visibility") as "PUBLIC" | "UNLISTED",
      ...(botId === "" ? {} : { botId }),
      transcript,
    };
    const data = await act(PublishDocument, { ...thing, idempotencyKey: once.keyFor(thing) }, once);
    const made = data?.publishConversation;
    if (made?.__typename === "PublishConversationSuccess" && made.conversation)
      go(`/conversations/${made.conversation.id}`);
  };
  return (
    <section>
      <div className="head">
        <h2>Publish one</h2>
      </div>
      <form className="talkform" onSubmit={(event) => void submit(event)}>
        <Field name="title" label="Title" maxLength={120} />
        <Field name="tags" label="Tags" required={false} hint="At most 8, such as code-review" />
        <Choice
          name="bot"
          label="Bot"
          options={[{ value: "", name: "No bot of mine" }, ...bots.map(({ id: value, name }) => ({ value, name }))]}
        />
        <Choice
          name="visibility"
          label="Who finds it"
          options={[
            { value: "UNLISTED", name: "Who has the link" },
            { value: "PUBLIC", name: "Everybody" },
          ]}
        />
        <div className="fld">
          <label htmlFor={`${id}-file`}>Transcript from a file</label>
          <input
            id={`${id}-file`}
            type="file"
            accept=".jsonl,.json,.txt"
            onChange={(event) => {
              void event.target.files?.[0]?.text().then(setTranscript);
            }}
          />
        </div>
        <div className="fld">
          <label htmlFor={id}>or pasted here</label>
          <textarea
            id={id}
            rows={6}
            required
            value={transcript}
            aria-describedby={`${id}-hint`}
            onChange={(event) => setTranscript(event.target.value)}
          />
          <span className="hint" id={`${id}-hint`}>
            A line of JSON for each message, with role, text and toolCalls; or the stream of claude, codex, gemini or
            opencode. At most 256 KiB. What looks like a key is cut; look at it before you pass it on.
          </span>
        </div>
        <button type="submit" className="btn pri" disabled={busy}>
          Publish
        </button>
        <Why refused={refused} />
      </form>
    </section>
  );
}
