import { useId, useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Why } from "../shell/refused.tsx";
import { Shield } from "../shell/shield.tsx";
import { Failed } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useOnceKey } from "../shell/use-once-key.ts";
import type { Viewer } from "../shell/viewer.ts";
import {
  EarlierDocument,
  EditSaidDocument,
  SayDocument,
  UnsayDocument,
  type Comment,
  type Conversation,
} from "./documents.ts";
import { Reactions } from "./reactions.tsx";
import { Report } from "./report.tsx";

type Props = { talk: Conversation; viewer: Viewer | null; readAgain: () => void };

/** What people say of it, oldest first, and a box to say something. */
export function Comments({ talk, viewer, readAgain }: Props) {
  return (
    <section>
      <div className="head">
        <h2>Comments</h2>
        <span className="ct">{talk.commentCount}</span>
      </div>
      {talk.comments.nodes.length === 0 && <p className="dim sm">Nobody has said anything yet.</p>}
      <ul className="said" aria-label="Comments">
        <Page page={talk.comments} talkId={talk.id} viewer={viewer} readAgain={readAgain} />
      </ul>
      {viewer ? (
        <Say talk={talk} readAgain={readAgain} />
      ) : (
        <p className="note">
          <Link href="/manage">
            <u>Sign in</u>
          </Link>{" "}
          to comment.
        </p>
      )}
    </section>
  );
}

type PageProps = {
  page: Conversation["comments"];
  talkId: string;
  viewer: Viewer | null;
  readAgain: () => void;
};

/** Some comments, behind a way to those before them. */
function Page({ page: { nodes, pageInfo }, ...rest }: PageProps) {
  return (
    <>
      {pageInfo.hasPreviousPage && pageInfo.startCursor && (
        <Earlier key={pageInfo.startCursor} before={pageInfo.startCursor} {...rest} />
      )}
      {nodes.map((comment) => (
        <Said key={comment.id} comment={comment} viewer={rest.viewer} readAgain={rest.readAgain} />
      ))}
    </>
  );
}

/** A button, and once it was pressed the comments before a place. */
function Earlier({ before, ...rest }: Omit<PageProps, "page"> & { before: string }) {
  const [asked, setAsked] = useState(false);
  const [{ data, error, fetching }, reload] = useQuery({
    query: EarlierDocument,
    variables: { id: rest.talkId, before },
    pause: !asked,
  });
  if (data?.conversation) return <Page page={data.conversation.comments} {...rest} />;
  return (
    <li>
      {error ? (
        <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />
      ) : (
        <button type="button" className="btn sm" disabled={fetching} onClick={() => setAsked(true)}>
          Earlier comments
        </button>
      )}
    </li>
  );
}

type SaidProps = { comment: Comment; viewer: Viewer | null; readAgain: () => void };

function Said({ comment, viewer, readAgain }: SaidProps) {
  const { id, text, author, createdAt, editedAt, hiddenAt, reactions } = comment;
  const [editing, setEditing] = useState(false);
  const { act, refused } = useActs(readAgain);
  const mine = viewer?.user.id === author.id;
  return (
    <li>
      <p className="row">
        <Shield id={author.id} className="s24" />
        <Link href={`/people/${author.handle}`}>
          <b>{author.handle}</b>
        </Link>
        <Ago at={createdAt} ago />
        {editedAt && <span className="xs dim3">edited</span>}
        {hiddenAt && <span className="tag bad">Hidden</span>}
      </p>
      {editing ? <Edit comment={comment} done={() => setEditing(false)} /> : <p className="prewrap">{text}</p>}
      <Reactions
        id={id}
        about={`${author.handle}'s comment`}
        counts={reactions}
        open={viewer !== null && hiddenAt === null}
      />
      <p className="row">
        {mine && !hiddenAt && (
          <button type="button" className="btn sm ghost" onClick={() => setEditing(!editing)}>
            {editing ? "Keep it" : "Edit"}
          </button>
        )}
        {mine && (
          <button type="button" className="btn sm ghost" onClick={() => void act(UnsayDocument, { commentId: id })}>
            Delete
          </button>
        )}
        {viewer && !mine && <Report id={id} what="comment" />}
      </p>
      <Why refused={refused} />
    </li>
  );
}

function Edit({ comment: { id, text }, done }: { comment: Comment; done: () => void }) {
  const { act, busy, refused } = useActs();
  const [words, setWords] = useState(text);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await act(EditSaidDocument, { commentId: id, text: words })) done();
  };
  return (
    <form className="talkform" onSubmit={(event) => void submit(event)}>
      <textarea
        aria-label="Your comment"
        rows={3}
        maxLength={2_000}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <button type="submit" className="btn sm" disabled={busy || words.trim() === ""}>
        Save
      </button>
      <Why refused={refused} />
    </form>
  );
}

function Say({ talk, readAgain }: { talk: Conversation; readAgain: () => void }) {
  const { act, busy, refused } = useActs();
  const [text, setText] = useState("");
  const once = useOnceKey();
  const id = useId();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const thing = { conversationId: talk.id, text };
    if (!(await act(SayDocument, { ...thing, idempotencyKey: once.keyFor(thing) }, once))) return;
    setText("");
    readAgain();
  };
  return (
    <form className="talkform" onSubmit={(event) => void submit(event)}>
      <div className="fld">
        <label htmlFor={id}>Your comment</label>
        <textarea id={id} rows={3} maxLength={2_000} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <button type="submit" className="btn" disabled={busy || text.trim() === ""}>
        Comment
      </button>
      <Why refused={refused} />
    </form>
  );
}
