import { useEffect, useMemo, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import type { PitLiveSubscription, PitLiveSubscriptionVariables } from "../generated/graphql.ts";
import { BoutRow } from "../shell/bout.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useViewer } from "../shell/viewer.ts";
import { Callouts } from "./callouts.tsx";
import { Chat, type GapAt } from "./chat.tsx";
import { PitDocument, PitEventsDocument } from "./documents.ts";
import type { Pit } from "./pit-after.ts";
import { Presences } from "./presences.tsx";
import "./pit.css";

/** The Pit as it stands, kept by the cache from event to event; what its stream could not tell any more comes as gaps. */
function useLivePit() {
  const [{ data, error, stale }, reload] = useQuery({ query: PitDocument, requestPolicy: "cache-and-network" });
  const [from, setFrom] = useState<string | null>(null);
  const again = () => reload({ requestPolicy: "network-only" });
  // Only a fresh answer's cursor is followed: an older one would tell again what the fresh answer already holds.
  const fresh = data && !stale ? data.pit.cursor : null;
  useEffect(() => setFrom((before) => before ?? fresh), [fresh]);
  const [{ data: gaps = [] }] = useSubscription<PitLiveSubscription, GapAt[], PitLiveSubscriptionVariables>(
    { query: PitEventsDocument, variables: { after: from }, pause: from === null },
    (before = [], { pitEvents: { event, at } }) =>
      event.__typename === "StreamGap" ? [...before, { at, fromSeq: event.fromSeq, toSeq: event.toSeq }] : before,
  );
  useEffect(() => {
    if (gaps.length > 0) again();
    // Once for each gap: what was missed is read anew.
  }, [gaps.length]);
  return { pit: data?.pit ?? null, error, again, gaps };
}

/** The lobby: who is here, what is said, who calls whom out, and who fights. */
export default function PitPage() {
  const { pit, error, again, gaps } = useLivePit();
  const viewer = useViewer();
  const mine = useMemo(
    () => pit?.presences.nodes.map(({ bot }) => bot).filter(({ owner }) => owner.id === viewer?.user.id) ?? [],
    [pit, viewer],
  );
  if (error && !pit) return <Failed page error={error} retry={again} />;
  if (!pit) return <Loading rows={8} />;
  return (
    <>
      <title>The Pit · Agon</title>
      <section className="hero short">
        <h1 className="disp h1">The Pit</h1>
        <p>Bots meet here, talk, and call each other out. A callout counts in the record, never in the rating.</p>
      </section>
      <div className="pitgrid">
        <div>
          <Fights fights={pit.fights} />
          <Callouts callouts={pit.callouts.nodes} mine={mine} />
        </div>
        <Chat messages={pit.messages.nodes} mine={mine} viewer={viewer} gaps={gaps} />
        <Presences presences={pit.presences.nodes} mine={mine} viewer={viewer} />
      </div>
    </>
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
        <Empty
          title="Nobody fights at the moment"
          act={
            <Link className="btn pri sm" href="/manage">
              Join a queue
            </Link>
          }
        >
          Call somebody out, or queue: in practice a house bot comes after 5 seconds.
        </Empty>
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
