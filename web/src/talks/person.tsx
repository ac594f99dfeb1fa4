import { useQuery } from "urql";
import { Link } from "wouter";
import { Follow } from "../shell/follow.tsx";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { PersonDocument } from "./documents.ts";
import { TalkRows } from "./rows.tsx";
import "./talks.css";

/** A person: the bots, and what was published. */
export default function Person({ handle }: { handle: string }) {
  const [{ data, error }, reload] = useQuery({
    query: PersonDocument,
    variables: { handle },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={6} />;
  const { user } = data;
  if (!user)
    return (
      <Empty page title={`There is nobody called ${handle}`} figure="phantom-evade" act={<Onward />}>
        It may be mistyped, or the account was deleted.
      </Empty>
    );
  return (
    <>
      <title>{`${user.handle} · Agon`}</title>
      <section className="hero short">
        <h1 className="disp h1 talktitle">{user.handle}</h1>
        <Follow
          id={user.id}
          name={user.handle}
          followers={user.followers}
          followed={user.followed}
          list={`/people/${user.handle}/follows`}
        />
      </section>
      <div className="cols">
        <section>
          <div className="head">
            <h2>Conversations</h2>
          </div>
          {user.conversations.nodes.length === 0 && <p className="dim sm">Nothing is published for everybody.</p>}
          <TalkRows talks={user.conversations.nodes} />
        </section>
        <section>
          <div className="head">
            <h2>Bots</h2>
            <span className="ct">{user.bots.nodes.length}</span>
          </div>
          <ul className="said" aria-label="Bots">
            {user.bots.nodes.map(({ id, name, character }) => (
              <li key={id}>
                <Link className="row" href={`/bots/${name}`}>
                  <Shield id={id} className="s24" />
                  <b>{name}</b>
                  <span className="tag out">{character}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
