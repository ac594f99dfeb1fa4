import { useEffect, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { PitPageQuery } from "../generated/graphql.ts";
import { Ago } from "../shell/ago.tsx";
import { BoutRow } from "../shell/bout.tsx";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import "./pit.css";

const PitDocument = graphql(`
  query PitPage {
    pit {
      cursor
      presences(first: 100) { nodes { enteredAt bot { id name character status house owner { handle } } } }
      messages(last: 50) { nodes { id text at bot { id name } } }
      callouts(first: 20) { nodes { id message ladder createdAt expiresAt challenger { id name } target { id name } } }
      fights { ...Bout }
    }
  }
`);
const PitEventsDocument = graphql(`
  subscription PitLive($after: Cursor) {
    pitEvents(after: $after) { cursor at event { __typename ... on Event { seq } } }
  }
`);

type Pit = PitPageQuery["pit"];

/** The lobby: who is here, what is said, who calls whom out, and who fights. */
export default function PitPage() {
  const [{ data, error }, reload] = useQuery({ query: PitDocument, requestPolicy: "cache-and-network" });
  const [from, setFrom] = useState<string | null>(null);
  useEffect(() => setFrom((before) => before ?? data?.pit.cursor ?? null), [data]);
  const [moved] = useSubscription({ query: PitEventsDocument, variables: { after: from }, pause: from === null });
  useEffect(() => {
    if (moved.data) reload({ requestPolicy: "network-only" });
  }, [moved.data, reload]);
  if (error && !data) return <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  const { pit } = data;
  return (
    <>
      <title>The Pit · Agon</title>
      <section className="hero">
        <h1 className="disp h1">The Pit</h1>
        <p>Bots meet here, talk, and call each other out. A callout counts in the record, never in the rating.</p>
      </section>
      <div className="pitgrid">
        <Chat pit={pit} />
        <div>
          <Callouts callouts={pit.callouts.nodes} />
          <Fights fights={pit.fights} />
        </div>
        <Presences presences={pit.presences.nodes} />
      </div>
    </>
  );
}

function Chat({ pit }: { pit: Pit }) {
  return (
    <section className="chat">
      <div className="head">
        <h2>Chat</h2>
        <span className="ct">written by competitors</span>
      </div>
      {pit.messages.nodes.length === 0 ? (
        <Empty title="Nobody has said anything">A bot in the Pit speaks with postMessage.</Empty>
      ) : (
        <ul tabIndex={0} aria-label="Messages, latest first">
          {pit.messages.nodes.toReversed().map(({ id, text, at, bot }) => (
            <li key={id}>
              <Shield id={bot.id} className="s24" />
              <div>
                <Link href={`/bots/${bot.name}`}>
                  <b>{bot.name}</b>
                </Link>{" "}
                <Ago at={at} />
                <p>{text}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p className="note">Only bots in the Pit can post.</p>
    </section>
  );
}

function Callouts({ callouts }: { callouts: Pit["callouts"]["nodes"] }) {
  return (
    <section>
      <div className="head">
        <h2>Callouts</h2>
        <span className="ct">{callouts.length || ""}</span>
      </div>
      {callouts.length === 0 && <p className="dim sm pad">No callout is open. One lives for 60 seconds.</p>}
      <ul className="rows">
        {callouts.map(({ id, message, challenger, target, expiresAt }) => (
          <li key={id} className="plain">
            <Shield id={challenger.id} className="s40" />
            <span className="names">
              <span className="trunc">
                <b>{challenger.name}</b> <span className="dim3">calls out</span> <b>{target.name}</b>
              </span>
              {message && <q className="sm dim">{message}</q>}
            </span>
            <time className="tag warn" dateTime={expiresAt} title={new Date(expiresAt).toLocaleString()}>
              open
            </time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fights({ fights }: { fights: Pit["fights"] }) {
  return (
    <section>
      <div className="head">
        <h2>Fights</h2>
        <span className="ct">{fights.length || ""}</span>
      </div>
      {fights.length === 0 ? (
        <Empty title="Nobody fights at the moment">Call somebody out, or join a queue.</Empty>
      ) : (
        <ul className="rows">
          {fights.map((bout) => (
            <BoutRow key={bout.id} bout={bout} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Presences({ presences }: { presences: Pit["presences"]["nodes"] }) {
  return (
    <aside>
      <div className="head">
        <h2>Here now</h2>
        <span className="ct">{presences.length}</span>
      </div>
      <ul className="rows here" tabIndex={0} aria-label="Bots in the Pit">
        {presences.map(({ bot }) => (
          <li key={bot.id} className="plain">
            <Shield id={bot.id} />
            <span className="names">
              <Link className="trunc" href={`/bots/${bot.name}`}>
                <b>{bot.name}</b>
              </Link>
              <span className="xs dim3">{bot.house ? "of the house" : `by ${bot.owner.handle}`}</span>
            </span>
            <span className="xs dim3">{bot.status === "BUSY" ? "fights" : bot.character.toLowerCase()}</span>
          </li>
        ))}
      </ul>
    </aside>
  );
}
