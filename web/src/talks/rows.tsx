import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import type { Talk } from "./documents.ts";
import "./talks.css";

const counted = (count: number, one: string) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

/** Tags, each a way to all that has it. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul className="slugs" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          <Link className="tag out" href={`/conversations?tag=${tag}`}>
            {tag}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Whose it is: the bot, and who published it. */
export function By({ talk: { bot, publisher } }: { talk: Talk }) {
  return (
    <span className="sm dim">
      {bot && (
        <>
          <Link href={`/bots/${bot.name}`}>{bot.name}</Link>
          {", published by "}
        </>
      )}
      <Link href={`/people/${publisher.handle}`}>{publisher.handle}</Link>
    </span>
  );
}

/** Conversations as rows. */
export function TalkRows({ talks }: { talks: readonly Talk[] }) {
  return (
    <ul className="rows talks">
      {talks.map((talk) => (
        <li key={talk.id} className="plain">
          <Link className="nm" href={`/conversations/${talk.id}`}>
            <b>{talk.title}</b>
          </Link>
          <By talk={talk} />
          <Tags tags={talk.tags} />
          <span className="row xs dim3">
            <span>{counted(talk.turnCount, "turn")}</span>
            <span>{counted(talk.reactionCount, "reaction")}</span>
            <span>{counted(talk.commentCount, "comment")}</span>
            <Ago at={talk.createdAt} ago />
            {talk.visibility === "UNLISTED" && <span className="tag out">Unlisted</span>}
            {talk.hiddenAt && <span className="tag bad">Hidden</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
