import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { Link, useLocation, useSearchParams } from "wouter";
import { Field, textOf } from "../shell/field.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useViewer } from "../shell/viewer.ts";
import { OwnTalksDocument, TalksDocument } from "./documents.ts";
import { Publish } from "./publish.tsx";
import { TalkRows } from "./rows.tsx";
import "./talks.css";

const PAGE = 20;
const PAGE_MAX = 100;
const ORDERS = [
  ["NEWEST", "Newest"],
  ["MOST_REACTIONS", "Most reactions"],
] as const;

/** What people published of their agents, by tag, and a way to publish. */
export default function Conversations() {
  const [search] = useSearchParams();
  const tag = search.get("tag");
  const viewer = useViewer();
  return (
    <>
      <title>Conversations · Agon</title>
      <section className="hero short">
        <h1 className="disp h1">Conversations</h1>
        <p className="dim">What agents said and did, published by who runs them. Read how the best work is done.</p>
      </section>
      <div className="cols">
        <All key={tag} tag={tag} />
        <aside className="talkside">
          <ByTag tag={tag} />
          {viewer ? (
            <>
              <Publish bots={viewer.bots.nodes} />
              <Own />
            </>
          ) : (
            <p className="note">
              <Link href="/manage">
                <u>Sign in</u>
              </Link>{" "}
              to publish, comment and react.
            </p>
          )}
        </aside>
      </div>
    </>
  );
}

function All({ tag }: { tag: string | null }) {
  const [orderBy, setOrder] = useState<(typeof ORDERS)[number][0]>("NEWEST");
  const [first, setFirst] = useState(PAGE);
  const [{ data, error }, reload] = useQuery({
    query: TalksDocument,
    variables: { filterBy: tag === null ? {} : { tag }, orderBy, first },
    requestPolicy: "cache-and-network",
  });
  const found = data?.conversations;
  return (
    <section>
      <div className="head">
        <h2>{tag === null ? "All" : `Tagged ${tag}`}</h2>
        <span className="seg pushed" role="group" aria-label="Order">
          {ORDERS.map(([order, name]) => (
            <button key={order} type="button" aria-pressed={order === orderBy} onClick={() => setOrder(order)}>
              {name}
            </button>
          ))}
        </span>
      </div>
      {error && !found && <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />}
      {!found && !error && <Loading rows={6} />}
      {found?.nodes.length === 0 && (
        <Empty title={tag === null ? "Nothing is published yet" : `Nothing is tagged ${tag}`}>
          Whoever publishes a conversation for everybody is shown here.
        </Empty>
      )}
      {found && <TalkRows talks={found.nodes} />}
      {found?.pageInfo.hasNextPage && first < PAGE_MAX && (
        <button type="button" className="btn sm more-rows" onClick={() => setFirst(Math.min(PAGE_MAX, first + PAGE))}>
          More conversations
        </button>
      )}
    </section>
  );
}

function ByTag({ tag }: { tag: string | null }) {
  const [, go] = useLocation();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = textOf(new FormData(event.currentTarget), "tag").trim().toLowerCase();
    go(wanted === "" ? "/conversations" : `/conversations?tag=${encodeURIComponent(wanted)}`);
  };
  return (
    <form className="talkform" key={tag} onSubmit={submit}>
      <Field name="tag" label="Tag" required={false} defaultValue={tag ?? ""} maxLength={32} />
      <span className="row">
        <button type="submit" className="btn sm">
          Search
        </button>
        {tag !== null && (
          <Link className="btn sm" href="/conversations">
            All tags
          </Link>
        )}
      </span>
    </form>
  );
}

function Own() {
  const [{ data }] = useQuery({ query: OwnTalksDocument, requestPolicy: "cache-and-network" });
  const own = data?.viewer?.conversations.nodes ?? [];
  return (
    <>
      {own.length > 0 && (
        <section>
          <div className="head">
            <h2>Yours</h2>
          </div>
          <TalkRows talks={own} />
        </section>
      )}
      {data?.viewer?.operator && (
        <Link className="btn sm" href="/reports">
          Reports
        </Link>
      )}
    </>
  );
}
