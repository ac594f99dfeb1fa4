import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { BoutRow } from "../shell/bout.tsx";
import { FeedDocument } from "./documents.ts";
import { TalkRows } from "./rows.tsx";
import "./talks.css";

/** What those whom the viewer follows did; nothing for visitors, and while nothing happened. */
export default function Feed() {
  const [{ data }] = useQuery({ query: FeedDocument, requestPolicy: "cache-and-network" });
  const items = data?.viewer?.feed.nodes;
  if (!items?.length) return null;
  return (
    <section className="feed">
      <div className="head">
        <h2>From those you follow</h2>
        <Link className="more" href="/conversations">
          Conversations
        </Link>
      </div>
      {items.map((item) => {
        if (item.__typename === "ConversationPublished")
          return item.conversation && <TalkRows key={item.conversation.id} talks={[item.conversation]} />;
        if (item.__typename === "ContestFinished")
          return (
            <ul key={item.contest.id} className="rows">
              <BoutRow bout={item.contest} />
            </ul>
          );
        return (
          <p key={`${item.user.id} ${item.key}`} className="row pad">
            <Link href={`/people/${item.user.handle}`}>
              <b>{item.user.handle}</b>
            </Link>
            <span>unlocked {item.name}</span>
            <Ago at={item.at} ago />
          </p>
        );
      })}
    </section>
  );
}
