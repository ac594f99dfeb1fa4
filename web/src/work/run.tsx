import { lazy, Suspense } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Confirm } from "../shell/confirm.tsx";
import { Why } from "../shell/refused.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useReadAgain } from "../shell/use-read-again.ts";
import { CancelDocument, PauseDocument, ResumeDocument, RunDocument, RunLiveDocument, type Run } from "./documents.ts";
import type { Drawn } from "./drawing.ts";
import { Approvals } from "./page.tsx";
import { OPEN_RUN, RUN_WORDS, STEP_WORDS } from "./words.ts";
import "./work.css";

const WorkflowGraph = lazy(() => import("./graph.tsx"));
/** A run: its graph as it stands, its steps in words, and what waits for a person. */
export default function RunPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: RunDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  useReadAgain(RunLiveDocument, { id, cursor: data?.workflow?.cursor ?? null, again });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  if (!data.workflow)
    return (
      <Empty page title="There is no such run" figure="phantom-evade" act={<Onward />}>
        It does not exist, or you may not see it.
      </Empty>
    );
  const { workflow, viewer } = data;
  const waiting = (viewer?.approvals.nodes ?? []).filter((task) => task.workflow?.id === id);
  return <Shown run={workflow} waiting={waiting} again={again} />;
}

type Waiting = Parameters<typeof Approvals>[0]["tasks"];

function Shown({ run, waiting, again }: { run: Run; waiting: Waiting; again: () => void }) {
  const { state, definition, createdAt, creator } = run;
  const [word, tag] = RUN_WORDS[state];
  return (
    <>
      <title>{`${definition.name} · Agon`}</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1 trunc">{definition.name}</h1>
          <p className="sm dim">
            <Link href="/work">Work</Link>, version {definition.version}, started by {creator.handle}{" "}
            <Ago at={createdAt} ago />
          </p>
        </div>
        <div className="row">
          <span className={`tag ${tag}`} role="status">
            {word}
          </span>
          {run.mayDecide && <Acts run={run} />}
        </div>
      </section>
      <Suspense fallback={<Loading rows={3} />}>
        <WorkflowGraph steps={drawn(run)} label={`Workflow ${definition.name}: ${inWords(run)}`} />
      </Suspense>
      <div className="workcols">
        <Steps run={run} />
        <aside>
          <Approvals tasks={waiting} again={again} />
        </aside>
      </div>
    </>
  );
}

type StepState = Run["steps"]["nodes"][number];

/** How far a step is, in a few words. */
function saysOf({ state, total, completed, undoTotal, undoCompleted }: StepState): string {
  if (state === "COMPENSATING") return `${STEP_WORDS[state]}, ${undoCompleted} of ${undoTotal}`;
  return total > 1 ? `${STEP_WORDS[state]}, ${completed} of ${total}` : STEP_WORDS[state];
}

/** Every step by its key: a run has at most two pages of them. */
const stepsOf = ({ steps, rest }: Run) => new Map([...steps.nodes, ...rest.nodes].map((step) => [step.key, step]));

function drawn(run: Run): Drawn[] {
  const known = stepsOf(run);
  return run.definition.steps.map(({ key, title, needs, approval }) => {
    const step = known.get(key);
    const asks = approval && step?.state === "RUNNING";
    const says = asks ? "waits for a person" : step ? saysOf(step) : STEP_WORDS.WAITING;
    return { key, title, needs, says, look: asks ? "asks" : (step?.state ?? "WAITING").toLowerCase() };
  });
}

const inWords = (run: Run) =>
  drawn(run)
    .map(({ title, says }) => `${title} ${says}`)
    .join(", ");

function Acts({ run: { id, state } }: { run: Run }) {
  const { act, refused } = useActs();
  const input = { workflowId: id };
  if (!OPEN_RUN.includes(state)) return null;
  return (
    <>
      {state === "PAUSED" ? (
        <button type="button" className="btn sm pri" onClick={() => void act(ResumeDocument, input)}>
          Resume
        </button>
      ) : (
        <button type="button" className="btn sm" onClick={() => void act(PauseDocument, input)}>
          Pause
        </button>
      )}
      <Confirm
        ask={
          <button type="button" className="btn sm ghost">
            Cancel
          </button>
        }
        title="Cancel this run?"
        act="Cancel the run"
        keep="Let it run"
        onAct={() => void act(CancelDocument, input)}
      >
        Its open tasks are cancelled. Nothing that was done is undone.
      </Confirm>
      <Why refused={refused} />
    </>
  );
}

const FAULTS = {
  TASK_FAILED: "a task failed",
  NOT_A_LIST: "there was no list",
  TOO_MANY_ITEMS: "the list is too long",
  INPUT_TOO_LARGE: "its input is too large",
} as const;

function Steps({ run }: { run: Run }) {
  const known = stepsOf(run);
  return (
    <section>
      <div className="head">
        <h2>Steps</h2>
        <span className="ct">{run.definition.steps.length}</span>
      </div>
      <div className="tbl-wrap" tabIndex={0} role="region" aria-label="Steps">
        <table className="tbl">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">State</th>
              <th scope="col" className="num">
                Done
              </th>
            </tr>
          </thead>
          <tbody>
            {drawn(run).map(({ key, title, says }) => {
              const step = known.get(key);
              return (
                <tr key={key}>
                  <td>{title}</td>
                  <td>
                    {says}
                    {step?.failure && <span className="bad"> because {FAULTS[step.failure]}</span>}
                  </td>
                  <td className="num">{step && step.total > 0 ? `${step.completed} / ${step.total}` : ""}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
