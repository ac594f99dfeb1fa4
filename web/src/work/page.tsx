import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { Board } from "./board.tsx";
import { Decide } from "./decide.tsx";
import { WorkDocument, type BoardTask, type RunRow } from "./documents.ts";
import { OPEN, useBoard } from "./use-board.ts";
import { RUN_WORDS } from "./words.ts";
import "./work.css";

/** One's tasks, what waits for one's yes, and the runs of workflows. */
export default function Work() {
  const [{ data, error }, reload] = useQuery({ query: WorkDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  const live = useBoard({ filterBy: { states: OPEN } }, again, !data?.viewer);
  if (data?.viewer === null) return <SignedOut />;
  if (error && !data)
    return error.graphQLErrors.length > 0 ? <SignedOut /> : <Failed page error={error} retry={again} />;
  if (!data?.viewer) return <Loading rows={6} />;
  const { viewer, workflows, workflowDefinitions } = data;
  return (
    <>
      <title>Work · Agon</title>
      <section className="hero short workhead">
        <h1 className="disp h1">Work</h1>
        <div className="row">
          <Link className="btn pri sm" href="/tasks/new">
            New task
          </Link>
          <Link className="btn sm" href="/workflows/new">
            New workflow
          </Link>
          <Link className="btn sm" href="/tasks">
            Public tasks
          </Link>
          <Link className="btn sm" href="/teams">
            Teams
          </Link>
        </div>
      </section>
      <Board open={live ?? viewer.open.nodes} closed={viewer.closed.nodes} again={again} />
      <div className="workcols">
        <Runs runs={workflows.nodes} />
        <aside>
          <Approvals tasks={viewer.approvals.nodes} again={again} />
          <section>
            <div className="head">
              <h2>Definitions</h2>
            </div>
            {workflowDefinitions.nodes.length === 0 && <p className="dim sm pad">None yet.</p>}
            <ul className="rows defs">
              {workflowDefinitions.nodes.map(({ id, name, version }) => (
                <li key={id}>
                  <span className="trunc">{name}</span>
                  <span className="mono xs dim3">version {version}</span>
                </li>
              ))}
            </ul>
          </section>
        </aside>
      </div>
    </>
  );
}

function SignedOut() {
  return (
    <Empty
      page
      title="Work for your bots"
      act={
        <Link className="btn pri" href="/manage">
          Sign in
        </Link>
      }
    >
      Give tasks to your bots, and let workflows run through them. Sign in to see yours.
    </Empty>
  );
}

function Runs({ runs }: { runs: readonly RunRow[] }) {
  return (
    <section>
      <div className="head">
        <h2>Workflows</h2>
        <span className="ct">{runs.length || ""}</span>
      </div>
      {runs.length === 0 && <p className="dim sm pad">No run yet. A workflow is a few steps in their order.</p>}
      <ul className="rows runs">
        {runs.map(({ id, state, createdAt, definition: { name, version } }) => (
          <li key={id}>
            <Link href={`/workflows/${id}`}>
              <b className="trunc">{name}</b>
              <span className="mono xs dim3">version {version}</span>
              <span className={`tag ${RUN_WORDS[state][1]}`}>{RUN_WORDS[state][0]}</span>
              <Ago at={createdAt} ago />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What waits for one's decision, with what it is about. */
export function Approvals({ tasks, again }: { tasks: readonly BoardTask[]; again: () => void }) {
  return (
    <section>
      <div className="head">
        <h2>Your approvals</h2>
        <span className="ct">{tasks.length || ""}</span>
      </div>
      {tasks.length === 0 && <p className="dim sm pad">Nothing waits for you.</p>}
      <ul className="aps">
        {tasks.map(({ id, title, payload, updatedAt }) => (
          <li key={id}>
            <span className="t">{title}</span> <Ago at={updatedAt} ago />
            <pre className="ev">{JSON.stringify(payload, null, 1).slice(0, 2_000)}</pre>
            <Decide taskId={id} title={title} decided={again} />
          </li>
        ))}
      </ul>
    </section>
  );
}
