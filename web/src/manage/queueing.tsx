import { useState } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { LadderKind, QueueMode } from "../generated/graphql.ts";
import { Ago } from "../shell/ago.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import type { Owned } from "./documents.ts";

const JoinDocument = graphql(`
  mutation Join($input: JoinQueueInput!) { joinQueue(input: $input) { __typename ... on Refusal { message hint } } }
`);
const LeaveDocument = graphql(`
  mutation Leave($input: LeaveQueueInput!) { leaveQueue(input: $input) { __typename ... on Refusal { message hint } } }
`);

const LADDERS = [
  ["PIT", "5 s"],
  ["PIT_SLOW", "60 s"],
  ["QUAKE", "Quake"],
] as const;

const NAMES: Record<LadderKind, string> = { PIT: "Pit", PIT_SLOW: "Pit slow", QUAKE: "Quake", CODE: "Code" };

const hrefTo = ({ __typename, id }: { __typename: string; id: string }) =>
  `/${__typename === "QuakeMatch" ? "matches" : "fights"}/${id}`;

/** How a bot stands with the queues, and what its owner can do about it. */
export function Queueing({ bot }: { bot: Owned }) {
  if (bot.queueEntry?.contest)
    return (
      <span className="queueing">
        <Link className="btn sm pri" href={hrefTo(bot.queueEntry.contest)}>
          {bot.queueEntry.contest.__typename === "QuakeMatch" ? "Watch its match" : "Watch its fight"}
        </Link>
      </span>
    );
  if (bot.queueEntry) return <Waiting botId={bot.id} entry={bot.queueEntry} />;
  if (bot.status === "OFFLINE")
    return <span className="queueing xs dim3">{bot.lastSeenAt ? "Run it to queue it" : "Not run yet"}</span>;
  return <Join botId={bot.id} />;
}

function Waiting({ botId, entry }: { botId: string; entry: NonNullable<Owned["queueEntry"]> }) {
  const [, leave] = useMutation(LeaveDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const go = async () => {
    const { data, error } = await leave({ input: { botId, ladder: entry.ladder } });
    setRefused(refusalOf(data?.leaveQueue, error));
  };
  return (
    <span className="queueing">
      <span className="tag">
        waits, {NAMES[entry.ladder]} {entry.mode.toLowerCase()}
      </span>
      <Place entry={entry} />
      <button type="button" className="btn sm" onClick={() => void go()}>
        Leave the queue
      </button>
      <Why refused={refused} />
    </span>
  );
}

/** Which in line, for how long, and how long others waited. */
function Place({ entry: { position, estimatedWaitMs, joinedAt } }: { entry: NonNullable<Owned["queueEntry"]> }) {
  return (
    <span className="xs dim3">
      {position != null && `place ${position}, `}
      <Ago at={joinedAt} />
      {estimatedWaitMs != null && ` of about ${Math.max(1, Math.round(estimatedWaitMs / 1_000))} s`}
    </span>
  );
}

function Join({ botId }: { botId: string }) {
  const [, join] = useMutation(JoinDocument);
  const [ladder, setLadder] = useState<LadderKind>("PIT");
  const [refused, setRefused] = useState<Refused>(null);
  const enter = async (mode: QueueMode) => {
    const { data, error } = await join({ input: { botId, ladder, mode } });
    setRefused(refusalOf(data?.joinQueue, error));
  };
  return (
    <span className="queueing">
      <span className="seg sm" role="group" aria-label="Ladder">
        {LADDERS.map(([kind, pace]) => (
          <button key={kind} type="button" aria-pressed={ladder === kind} onClick={() => setLadder(kind)}>
            {pace}
          </button>
        ))}
      </span>
      <button type="button" className="btn sm" onClick={() => void enter("PRACTICE")}>
        Practice
      </button>
      <button type="button" className="btn sm" onClick={() => void enter("RATED")}>
        Rated
      </button>
      <Why refused={refused} />
    </span>
  );
}
