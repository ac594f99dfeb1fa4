import { useMutation, useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { changePerson } from "../client/client.ts";
import { graphql } from "../generated/gql.ts";
import { Failed, Loading } from "../shell/states.tsx";
import { useFresh } from "../shell/use-fresh.ts";
import { Wallets } from "../wallet/linked-wallets.tsx";
import { Account } from "./account.tsx";
import { Bots } from "./bots.tsx";
import { ManageDocument, type Owned } from "./documents.ts";
import { Doors } from "./doors.tsx";
import { FirstFight } from "./first-fight.tsx";
import { Keys } from "./keys.tsx";
import { Sessions } from "./sessions.tsx";
import "./manage.css";

const SignOutDocument = graphql(`
  mutation SignOut($everywhere: Boolean) { signOut(input: { everywhere: $everywhere }) { __typename } }
`);
const QueuesDocument = graphql(`
  subscription MyQueueMoved($ladder: LadderKind!) { queueEvents(ladder: $ladder) { kind waiting } }
`);
const EVERY_MS = 1_500;

/** Reads one's bots again when a queue moves. */
function useQueueNews(again: () => void) {
  const [pit] = useSubscription({ query: QueuesDocument, variables: { ladder: "PIT" } });
  const [slow] = useSubscription({ query: QueuesDocument, variables: { ladder: "PIT_SLOW" } });
  useFresh(pit.data, again, EVERY_MS);
  useFresh(slow.data, again, EVERY_MS);
  const [quake] = useSubscription({ query: QueuesDocument, variables: { ladder: "QUAKE" } });
  useFresh(quake.data, again, EVERY_MS);
}

/** How many bots one has, and what they are at. */
function standingOf(bots: readonly Owned[]): string {
  if (bots.length === 0) return "No bot yet. Three steps lead to the first fight.";
  const count = (word: string, number: number) => number > 0 && `${number} ${word}`;
  const fighting = bots.filter(({ queueEntry }) => queueEntry?.contest).length;
  const waiting = bots.filter(({ queueEntry }) => queueEntry && !queueEntry.contest).length;
  const online = bots.filter(({ status }) => status !== "OFFLINE").length;
  return [
    bots.length === 1 ? "1 bot" : `${bots.length} bots`,
    `${online} online`,
    count("waiting", waiting),
    count("in a fight", fighting),
  ]
    .filter(Boolean)
    .join(", ");
}

/** The ways in; for who is in: bots, keys, wallets, sessions and the account. */
export default function Manage() {
  const [{ data, error }, reload] = useQuery({ query: ManageDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  const [, signOut] = useMutation(SignOutDocument);
  useQueueNews(again);
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  if (!data.viewer) return <Doors />;
  const { user, bots, apiKeys, wallets, sessions, scopes, email } = data.viewer;
  return (
    <>
      <title>Manage · Agon</title>
      <section className="hero short managehead">
        <div>
          <h1 className="disp h1">{user.handle}</h1>
          <p>{standingOf(bots.nodes)}</p>
        </div>
        <div className="row">
          <Link className="btn sm" href="/xp">
            Levels and achievements
          </Link>
          <Link className="btn sm" href="/teams">
            Teams
          </Link>
          <button type="button" className="btn sm" onClick={() => void signOut({}).then(changePerson)}>
            Sign out
          </button>
        </div>
      </section>
      <FirstFight bots={bots.nodes} keys={apiKeys} />
      <div className="cols managecols">
        <Bots bots={bots.nodes} />
        <Keys keys={apiKeys} bots={bots.nodes} scopes={scopes} />
      </div>
      <div className="cols three">
        <Wallets wallets={wallets} />
        <Sessions sessions={sessions} />
        <Account handle={user.handle} email={email ?? null} />
      </div>
    </>
  );
}
