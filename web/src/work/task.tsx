import type { ReactNode } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Confirm } from "../shell/confirm.tsx";
import { Why } from "../shell/refused.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useReadAgain } from "../shell/use-read-again.ts";
import { Awaited } from "./decide.tsx";
import { CancelTaskDocument, RetryTaskDocument, TaskDocument, TaskLiveDocument, type Shown } from "./task-documents.ts";
import { FAILURES, TASK_WORDS } from "./words.ts";
import "./work.css";

/** A task: what is asked, who has it, what came of it; live. */
export default function TaskPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: TaskDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  useReadAgain(TaskLiveDocument, { id, cursor: data?.task?.cursor ?? null, again });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  if (!data.task)
    return (
      <Empty page title="There is no such task" figure="phantom-evade" act={<Onward />}>
        It does not exist, or you may not see it.
      </Empty>
    );
  return <Task task={data.task} again={again} />;
}

type Props = { task: Shown; again: () => void };

function Task({ task, again }: Props) {
  const { title, state, creator, createdAt, mayDecide } = task;
  const [word, tag] = TASK_WORDS[state];
  return (
    <>
      <title>{`${title} · Agon`}</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1 tasktitle">{title}</h1>
          <p className="sm dim">
            <Link href="/work">Work</Link>, made by {creator.handle} <Ago at={createdAt} ago />
          </p>
        </div>
        <div className="row">
          <span className={`tag ${tag}`} role="status">
            {word}
          </span>
          {mayDecide && <Acts task={task} again={again} />}
        </div>
      </section>
      {state === "AWAITING_APPROVAL" && <Awaited task={task} decided={again} />}
      <div className="workcols">
        <Content task={task} />
        <aside>
          <Facts task={task} />
        </aside>
      </div>
    </>
  );
}

function Content({ task: { state, payload, result, progressPercent, progressNote, failure, error } }: { task: Shown }) {
  return (
    <div className="taskparts">
      {state === "IN_PROGRESS" && typeof progressPercent === "number" && (
        <section>
          <div className="head">
            <h2>Progress</h2>
            <span className="ct">{progressPercent}%</span>
          </div>
          <progress aria-label="Progress" value={progressPercent} max={100} />
          {progressNote && <p className="sm dim">“{progressNote}”</p>}
        </section>
      )}
      {failure && (
        <section>
          <div className="head">
            <h2>Why it failed</h2>
          </div>
          <p className="bad">{FAILURES[failure]}</p>
          {error && (
            <p className="sm">
              <code>{error.code}</code> {error.message}
            </p>
          )}
        </section>
      )}
      <Json name="Input" value={payload} none="It has no input." />
      <Json name="Result" value={result} none={state === "COMPLETED" ? "It was done without words." : "None yet."} />
    </div>
  );
}

const Json = ({ name, value, none }: { name: string; value: unknown; none: string }) => (
  <section>
    <div className="head">
      <h2>{name}</h2>
    </div>
    {value === null || value === undefined ? (
      <p className="dim sm pad">{none}</p>
    ) : (
      // What scrolls must be reached by keys.
      <pre className="ev" tabIndex={0} aria-label={name}>
        {JSON.stringify(value, null, 2)}
      </pre>
    )}
  </section>
);

const seconds = (ms: number | null | undefined, none: string) =>
  typeof ms === "number" ? `${(ms / 1_000).toLocaleString("en")} s` : none;

function Facts({ task }: { task: Shown }) {
  const { bot, team, project, workflow, plan, attempt, visibility } = task;
  const facts: [string, ReactNode][] = [
    ["Bot", bot ? <Link href={`/bots/${bot.name}`}>{bot.name}</Link> : "none"],
    ["Attempt", `${attempt} of ${plan.maxAttempts}`],
    ["Priority", `${task.priority} of 5`],
    ["Complexity", task.complexity.toLowerCase()],
    ["Needs", task.capabilities.join(", ") || "any bot"],
    [
      "Seen by",
      team ? (
        <Link href={`/teams/${team.id}`}>team {team.name}</Link>
      ) : visibility === "PUBLIC" ? (
        "everybody"
      ) : (
        "its maker"
      ),
    ],
    ["Comes by", task.assign === "AUTO" ? "assignment" : "a claim"],
    ["May wait", seconds(plan.scheduleToStartMs, "for ever")],
    ["An attempt", seconds(plan.startToCloseMs, "no limit")],
    ["Silence", seconds(plan.heartbeatMs, "")],
  ];
  if (project)
    facts.push([
      "Project",
      <Link key="project" href={`/projects/${project.id}`}>
        {project.name}
      </Link>,
    ]);
  if (workflow)
    facts.push([
      "Workflow",
      <Link key="workflow" href={`/workflows/${workflow.id}`}>
        {workflow.definition.name}
      </Link>,
    ]);
  return (
    <section>
      <div className="head">
        <h2>About it</h2>
      </div>
      <dl className="taskfacts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const OVER: readonly Shown["state"][] = ["COMPLETED", "FAILED", "CANCELLED"];

function Acts({ task: { id, state, workflow }, again }: Props) {
  const { act, refused } = useActs(again);
  return (
    <>
      {!OVER.includes(state) && (
        <Confirm
          ask={
            <button type="button" className="btn sm">
              Cancel the task
            </button>
          }
          title="Cancel this task?"
          act="Cancel it"
          keep="Keep it"
          onAct={() => void act(CancelTaskDocument, { taskId: id })}
        >
          Its bot stops, and what it hands in is not taken any more.
        </Confirm>
      )}
      {state === "FAILED" && !workflow && (
        <button type="button" className="btn sm pri" onClick={() => void act(RetryTaskDocument, { taskId: id })}>
          Try again
        </button>
      )}
      <Why refused={refused} />
    </>
  );
}
