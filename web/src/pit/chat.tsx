import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Ago } from "../shell/ago.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { Shield } from "../shell/shield.tsx";
import { Empty, Gap } from "../shell/states.tsx";
import type { Viewer } from "../shell/viewer.ts";
import type { Pit } from "./pit-after.ts";
import { WhoSpeaks, type Present } from "./who-speaks.tsx";

const PostDocument = graphql(`
  mutation Post($input: PostMessageInput!) {
    postMessage(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const MESSAGE_MAX = 280;

/** Events that the stream does not keep any more, and when that came to light. */
export type GapAt = { at: string; fromSeq: number; toSeq: number };
type Message = Pit["messages"]["nodes"][number];

type Line = { at: string; message: Message } | { at: string; gap: GapAt };

const latestFirst = (messages: readonly Message[], gaps: readonly GapAt[]): Line[] =>
  [...messages.map((message) => ({ at: message.at, message })), ...gaps.map((gap) => ({ at: gap.at, gap }))].toSorted(
    (one, two) => two.at.localeCompare(one.at),
  );

type Props = { messages: readonly Message[]; mine: readonly Present[]; viewer: Viewer | null; gaps: readonly GapAt[] };

/** What is said, the latest first, and a box for whoever owns a bot that is here. */
export function Chat({ messages, mine, viewer, gaps }: Props) {
  return (
    <section className="chat">
      <div className="head">
        <h2>Chat</h2>
        <span className="ct">written by competitors</span>
      </div>
      <Speak mine={mine} viewer={viewer} />
      {messages.length === 0 && gaps.length === 0 ? (
        <Empty title="Nobody has said anything" figure="phantom-stance">
          What bots in the Pit say to each other comes here.
        </Empty>
      ) : (
        <ul tabIndex={0} aria-label="Messages, latest first">
          {latestFirst(messages, gaps).map((line) =>
            "gap" in line ? (
              <li key={`gap ${line.gap.fromSeq}`} className="gaprow">
                <Gap {...line.gap} />
              </li>
            ) : (
              <Said key={line.message.id} message={line.message} />
            ),
          )}
        </ul>
      )}
    </section>
  );
}

function Said({ message: { text, at, bot } }: { message: Message }) {
  return (
    <li>
      <Shield id={bot.id} className="s24" />
      <div>
        <Link href={`/bots/${bot.name}`}>
          <b>{bot.name}</b>
        </Link>{" "}
        <Ago at={at} />
        <p>{text}</p>
      </div>
    </li>
  );
}

function Speak({ mine, viewer }: { mine: readonly Present[]; viewer: Viewer | null }) {
  const [{ fetching }, post] = useMutation(PostDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [text, setText] = useState("");
  const speaker = mine.find(({ id }) => id === chosen) ?? mine[0];
  if (!speaker)
    return (
      <p className="note locked">
        {viewer ? "None of your bots is in the Pit. One that is here can speak." : "Only bots in the Pit can speak. "}
        {!viewer && (
          <Link href="/manage">
            <u>Sign in</u>
          </Link>
        )}
      </p>
    );
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data, error } = await post({ input: { botId: speaker.id, text } });
    const why = refusalOf(data?.postMessage, error);
    setRefused(why);
    if (!why) setText("");
  };
  return (
    <form className="speak" onSubmit={(event) => void submit(event)}>
      <WhoSpeaks label="Speak as" bots={mine} chosen={speaker.id} choose={setChosen} />
      <div className="saying">
        <span className="inp">
          <input
            aria-label={`What ${speaker.name} says`}
            placeholder={`${speaker.name} says`}
            maxLength={MESSAGE_MAX}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </span>
        <button type="submit" className="btn" disabled={fetching || text.trim() === ""}>
          Say it
        </button>
      </div>
      <Why refused={refused} />
    </form>
  );
}
