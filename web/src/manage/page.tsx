import { useMutation, useQuery, useSubscription } from "urql";
import { changePerson } from "../client/client.ts";
import { graphql } from "../generated/gql.ts";
import { Failed, Loading } from "../shell/states.tsx";
import { useFresh } from "../shell/use-fresh.ts";
import { Account } from "./account.tsx";
import { Bots } from "./bots.tsx";
import { ManageDocument } from "./documents.ts";
import { Doors } from "./doors.tsx";
import { Keys } from "./keys.tsx";
import { Sessions } from "./sessions.tsx";
import { Wallets } from "./linked-wallets.tsx";
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
}

/** The ways in; for who is in: bots, keys, wallets, sessions and the account. */
export default function Manage() {
  const [{ data, error }, reload] = useQuery({ query: ManageDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  const [, signOut] = useMutation(SignOutDocument);
  useQueueNews(again);
  if (error && !data) return <Failed error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  if (!data.viewer) return <Doors />;
  const { user, bots, apiKeys, wallets, sessions, scopes, email } = data.viewer;
  return (
    <>
      <title>Manage · Agon</title>
      <section className="hero short managehead">
        <h1 className="disp h1">{user.handle}</h1>
        <div className="row">
          <button type="button" className="btn sm" onClick={() => void signOut({}).then(changePerson)}>
            Sign out
          </button>
        </div>
      </section>
      <div className="cols">
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
