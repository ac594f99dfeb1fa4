import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { Board } from "../work/board.tsx";
import { OPEN, useBoard } from "../work/use-board.ts";
import "../work/work.css";
import { TeamBoard } from "../xp/team.tsx";
import "../xp/xp.css";
import { Asked } from "./asked.tsx";
import { Bots } from "./bots.tsx";
import { TeamDocument, TeamInsightDocument, TeamWorkDocument, type Team } from "./documents.ts";
import { Insights } from "./insights.tsx";
import { People } from "./people.tsx";
import { Projects } from "./projects.tsx";
import { ROLE_WORDS } from "./roles.ts";
import "./teams.css";

/** A team: who is in it with which bots, what it works on, and what it learnt. */
export default function TeamPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: TeamDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  if (data.node?.__typename !== "Team")
    return (
      <Empty page title="There is no such team" figure="phantom-evade" act={<Onward />}>
        It does not exist, or you are not in it.
      </Empty>
    );
  const team = data.node;
  const me = team.members.nodes.find(({ user }) => user.id === data.viewer?.user.id);
  const invitation = data.viewer?.teamInvitations.nodes.find((each) => each.team.id === id);
  return (
    <>
      <title>{`${team.name} · Agon`}</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1 tasktitle">{team.name}</h1>
          {team.description && <p>{team.description}</p>}
          <p className="sm dim">
            <Link href="/teams">Teams</Link>, founded <Ago at={team.createdAt} ago />
          </p>
        </div>
        {me && (
          <div className="row">
            <span className="tag out">{ROLE_WORDS[me.role]}</span>
            <Link className="btn sm pri" href={`/tasks/new?team=${team.id}`}>
              New task
            </Link>
          </div>
        )}
      </section>
      {me ? (
        <Inside team={team} me={me} own={data.viewer?.bots.nodes ?? []} again={again} />
      ) : (
        invitation && <Asked invitation={invitation} told={again} />
      )}
    </>
  );
}

type Props = {
  team: Team;
  me: Team["members"]["nodes"][number];
  own: readonly { id: string; name: string }[];
  again: () => void;
};

/** What only members see. */
function Inside({ team, me, own, again }: Props) {
  const [{ data, error }, reload] = useQuery({
    query: TeamInsightDocument,
    variables: { id: team.id },
    requestPolicy: "cache-and-network",
  });
  const found = data?.node?.__typename === "Team" ? data.node : null;
  return (
    <>
      <Tasks id={team.id} />
      <div className="cols teamcols">
        <div className="stackwide">
          <Projects team={team} me={me} />
          <People team={team} me={me} again={again} />
          {found && <TeamBoard team={found} heading="What its bots gained" />}
        </div>
        <aside className="teamside">
          <Bots team={team} me={me} own={own} again={again} />
          {found && <Insights insights={found.insights} />}
          {error && !found && <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />}
        </aside>
      </div>
    </>
  );
}

/** The team's tasks, live. */
function Tasks({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: TeamWorkDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  const live = useBoard({ teamId: id, filterBy: { states: OPEN } }, again);
  if (error && !data) return <Failed error={error} retry={again} />;
  if (data?.node?.__typename !== "Team") return <Loading rows={3} />;
  return <Board open={live ?? data.node.open.nodes} closed={data.node.closed.nodes} again={again} />;
}
