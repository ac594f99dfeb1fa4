import { useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Ago } from "../shell/ago.tsx";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import "./talks.css";

const PersonFollowsDocument = graphql(`
  query PersonFollows($name: String!, $first: Int!) {
    user(handle: $name) {
      id
      handle
      followers
      followedBy(first: $first) { nodes { at follower { id handle } } pageInfo { hasNextPage } }
      followsBots(first: $first) { nodes { at bot { id name } } pageInfo { hasNextPage } }
      followsUsers(first: $first) { nodes { at user { id handle } } pageInfo { hasNextPage } }
    }
  }
`);
const BotFollowersDocument = graphql(`
  query BotFollowers($name: String!, $first: Int!) {
    bot(name: $name) {
      id
      name
      followers
      followedBy(first: $first) { nodes { at follower { id handle } } pageInfo { hasNextPage } }
    }
  }
`);

const PAGE = 20;
const PAGE_MAX = 100;

type Row = { id: string; name: string; href: string; at: string };
const personRow = ({ id, handle }: { id: string; handle: string }, at: string): Row => ({
  id,
  name: handle,
  href: `/people/${handle}`,
  at,
});

/** Who follows a person, and whom the person follows. */
export function PersonFollows({ handle }: { handle: string }) {
  const [first, setFirst] = useState(PAGE);
  const [{ data, error }, reload] = useQuery({
    query: PersonFollowsDocument,
    variables: { name: handle, first },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={6} />;
  const { user } = data;
  if (!user) return <Nobody name={handle} />;
  const { followedBy, followsBots, followsUsers } = user;
  const lists = [followedBy, followsBots, followsUsers];
  return (
    <>
      <Title name={user.handle} href={`/people/${user.handle}`} />
      <div className="cols">
        <List
          name="Followers"
          count={user.followers}
          none="Nobody follows yet."
          rows={followedBy.nodes.map(({ follower, at }) => personRow(follower, at))}
        />
        <div className="talkside">
          <List
            name="Follows bots"
            none="No bot."
            rows={followsBots.nodes.map(({ bot, at }) => ({ ...bot, href: `/bots/${bot.name}`, at }))}
          />
          <List
            name="Follows people"
            none="Nobody."
            rows={followsUsers.nodes.map(({ user: followed, at }) => personRow(followed, at))}
          />
        </div>
      </div>
      <More open={lists.some(({ pageInfo }) => pageInfo.hasNextPage)} first={first} setFirst={setFirst} />
    </>
  );
}

/** Who follows a bot. */
export function BotFollowers({ name }: { name: string }) {
  const [first, setFirst] = useState(PAGE);
  const [{ data, error }, reload] = useQuery({
    query: BotFollowersDocument,
    variables: { name, first },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={6} />;
  const { bot } = data;
  if (!bot) return <Nobody name={name} />;
  return (
    <>
      <Title name={bot.name} href={`/bots/${bot.name}`} />
      <List
        name="Followers"
        count={bot.followers}
        none="Nobody follows yet."
        rows={bot.followedBy.nodes.map(({ follower, at }) => personRow(follower, at))}
      />
      <More open={bot.followedBy.pageInfo.hasNextPage} first={first} setFirst={setFirst} />
    </>
  );
}

const Nobody = ({ name }: { name: string }) => (
  <Empty page title={`There is nobody called ${name}`} figure="phantom-evade" act={<Onward />}>
    It may be mistyped, or the account was deleted.
  </Empty>
);

const Title = ({ name, href }: { name: string; href: string }): ReactNode => (
  <>
    <title>{`Followers of ${name} · Agon`}</title>
    <section className="hero short">
      <h1 className="disp h1 talktitle">{name}</h1>
      <p className="sm">
        <Link href={href}>
          <u>Back to {name}</u>
        </Link>
      </p>
    </section>
  </>
);

/** Names with shields; the count where some hide and are not named. */
function List({ name, rows, none, count }: { name: string; rows: readonly Row[]; none: string; count?: number }) {
  return (
    <section>
      <div className="head">
        <h2>{name}</h2>
        <span className="ct">{count ?? (rows.length || "")}</span>
      </div>
      {rows.length === 0 && <p className="dim sm">{count ? "They hide their profiles." : none}</p>}
      <ul className="said" aria-label={name}>
        {rows.map(({ id, name: called, href, at }) => (
          <li key={id}>
            <p className="row">
              <Shield id={id} className="s24" />
              <Link href={href}>
                <b>{called}</b>
              </Link>
              <Ago at={at} ago />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

type MoreProps = { open: boolean; first: number; setFirst: (first: number) => void };

const More = ({ open, first, setFirst }: MoreProps) =>
  open && first < PAGE_MAX ? (
    <button type="button" className="btn sm more-rows" onClick={() => setFirst(Math.min(PAGE_MAX, first + PAGE))}>
      More of them
    </button>
  ) : null;
