import { lazy, Suspense, useState, type FormEvent } from "react";
import { useQuery, useSubscription } from "urql";
import { useLocation } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Confirm } from "../shell/confirm.tsx";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useFresh } from "../shell/use-fresh.ts";
import { useViewer } from "../shell/viewer.ts";
import { Comments } from "./comments.tsx";
import {
  ConversationDocument,
  ConversationMovedDocument,
  DeleteTalkDocument,
  EditTalkDocument,
  type Conversation,
  type Turn,
} from "./documents.ts";
import { indented } from "./indented.ts";
import { tagsIn } from "./publish.tsx";
import { Reactions } from "./reactions.tsx";
import { Report } from "./report.tsx";
import { By, Tags } from "./rows.tsx";
import "./talks.css";

const Words = lazy(() => import("../shell/words.tsx"));
const EVERY_MS = 1_000;

/** One conversation: what was said and done, how people reacted, and what they say of it. */
export default function ConversationPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: ConversationDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={8} />;
  if (!data.conversation)
    return (
      <Empty page title="There is no such conversation" figure="phantom-evade" act={<Onward />}>
        It was deleted or hidden, or the address is mistyped.
      </Empty>
    );
  return <Shown talk={data.conversation} again={again} />;
}

function Shown({ talk, again }: { talk: Conversation; again: () => void }) {
  const viewer = useViewer();
  const [after] = useState(talk.cursor);
  const [{ data: moved }] = useSubscription({
    query: ConversationMovedDocument,
    variables: { id: talk.id, after },
  });
  useFresh(moved?.conversationEvents.cursor, again, EVERY_MS);
  const mine = viewer?.user.id === talk.publisher.id;
  return (
    <>
      <title>{`${talk.title} · Agon`}</title>
      <section className="hero short">
        <h1 className="disp h1 talktitle">{talk.title}</h1>
        <p className="row">
          <By talk={talk} />
          <Ago at={talk.createdAt} ago />
          {talk.visibility === "UNLISTED" && <span className="tag out">Unlisted</span>}
        </p>
        <Tags tags={talk.tags} />
        {talk.hiddenAt && (
          <p className="note" role="status">
            An operator hid this: {talk.hiddenReason}
          </p>
        )}
      </section>
      <div className="talkpage">
        <ol className="turns" aria-label="Transcript">
          {talk.turns.map((turn, index) => (
            // Turns never change.
            // oxlint-disable-next-line react/no-array-index-key -- see above
            <TurnRow key={index} turn={turn} />
          ))}
        </ol>
        <Reactions
          id={talk.id}
          about="the conversation"
          counts={talk.reactions}
          open={viewer !== null && talk.hiddenAt === null}
        />
        <Comments talk={talk} viewer={viewer} readAgain={again} />
        {mine && <Own key={talk.title} talk={talk} />}
        {viewer && !mine && <Report id={talk.id} what="conversation" />}
      </div>
    </>
  );
}

const SPEAKERS = { SYSTEM: "Instructions", USER: "Asked", ASSISTANT: "Agent" };
const FIRST_LINE_MAX = 80;

/** The first line of what a tool was given or gave. */
const gistOf = (text: string) => text.replaceAll(/\s+/g, " ").trim().slice(0, FIRST_LINE_MAX);

/** What was said, set as Markdown; what a tool did is folded. */
function TurnRow({ turn: { kind, text, tool, failed } }: { turn: Turn }) {
  if (kind === "TOOL_CALL" || kind === "TOOL_RESULT")
    return (
      <li className="tool">
        <details>
          <summary>
            <span className={`tag ${failed ? "bad" : "out"}`}>
              {kind === "TOOL_CALL" ? (tool ?? "Tool") : failed ? "Failed" : "Result"}
            </span>{" "}
            <span className="mono xs dim">{gistOf(text)}</span>
          </summary>
          <pre className="mono sm prewrap">{indented(text)}</pre>
        </details>
      </li>
    );
  return (
    <li className={kind.toLowerCase()}>
      <h2 className="xs dim3">{SPEAKERS[kind]}</h2>
      <Suspense fallback={<p className="prewrap">{text}</p>}>
        <Words text={text} />
      </Suspense>
    </li>
  );
}

/** Its title, tags and who finds it, and the way to take it back. */
function Own({ talk }: { talk: Conversation }) {
  const [, go] = useLocation();
  const { act, busy, refused } = useActs();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      conversationId: talk.id,
      title: textOf(form, "title"),
      tags: tagsIn(textOf(form, "tags")),
      visibility: textOf(form, "visibility") as "PUBLIC" | "UNLISTED",
    };
    await act(EditTalkDocument, input);
  };
  const takeBack = async () => {
    if (await act(DeleteTalkDocument, { conversationId: talk.id })) go("/conversations");
  };
  return (
    <section>
      <div className="head">
        <h2>Yours to change</h2>
      </div>
      <form className="talkform" onSubmit={(event) => void submit(event)}>
        <Field name="title" label="Title" maxLength={120} defaultValue={talk.title} />
        <Field name="tags" label="Tags" required={false} defaultValue={talk.tags.join(" ")} />
        <Choice
          name="visibility"
          label="Who finds it"
          defaultValue={talk.visibility}
          options={[
            { value: "UNLISTED", name: "Who has the link" },
            { value: "PUBLIC", name: "Everybody" },
          ]}
        />
        <span className="row">
          <button type="submit" className="btn" disabled={busy}>
            Save
          </button>
          <Confirm
            ask={
              <button type="button" className="btn danger">
                Delete
              </button>
            }
            title="Delete this conversation?"
            act="Delete it"
            keep="Keep it"
            onAct={() => void takeBack()}
          >
            Its comments and reactions go with it. This cannot be undone.
          </Confirm>
        </span>
        <Why refused={refused} />
      </form>
    </section>
  );
}
