import { lazy, Suspense, useDeferredValue, useEffect, useId, useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Link, useLocation } from "wouter";
import type { WorkflowStepInput } from "../generated/graphql.ts";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { Empty, Loading } from "../shell/states.tsx";
import { useOnceKey } from "../shell/use-once-key.ts";
import { useViewer } from "../shell/viewer.ts";
import { DefineDocument, StartDocument } from "./documents.ts";
import { StepForm } from "./step-form.tsx";
import { StepList } from "./step-list.tsx";
import { connect, faultsOf, writeSteps, type Fault } from "./steps.ts";
import { EXAMPLE, readSteps, sketch, type Policy } from "./written.ts";
import "./work.css";
import "./editor.css";

const WorkflowGraph = lazy(() => import("./graph.tsx"));
const POLICIES = [
  { value: "STOP", name: "Stop at once" },
  { value: "CONTINUE", name: "Do the rest" },
  { value: "COMPENSATE", name: "Undo what was done" },
];

/** Why steps are not taken, with where. */
type Said = Refused & { path?: readonly string[] | null };
/** What the server said of a step of a text; of no other text it says anything. */
type Judged = { text: string; at: number; fault: Fault } | null;

/** Writes a workflow, as a graph or as text, has it checked, and starts it. */
export default function Editor() {
  const viewer = useViewer();
  const draft = useDraft();
  if (!viewer)
    return (
      <Empty page title="A new workflow" act={<SignIn />}>
        Sign in to define one for your bots.
      </Empty>
    );
  return (
    <>
      <title>New workflow · Agon</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1">New workflow</h1>
          <p className="sm dim">
            <Link href="/work">Work</Link>: steps are tasks; each begins when what it needs is done.
          </p>
        </div>
      </section>
      <Graph draft={draft} />
      <div className="wfcols">
        <Visual draft={draft} />
        <Written draft={draft} />
      </div>
    </>
  );
}

const SignIn = () => (
  <Link className="btn pri" href="/manage">
    Sign in
  </Link>
);

type Draft = ReturnType<typeof useDraft>;
/** Where the focus goes once what was done is shown. */
type Focus = { on: string } | null;
const TITLE = '.stepform input[name="title"]';
const CHOSEN = '.steplist [aria-current="true"], .steplist > .btn';

/** The text is the workflow; whatever is edited elsewhere is written into it. */
function useDraft() {
  const [text, setText] = useState(EXAMPLE);
  const [chosen, choose] = useState(0);
  const [judged, judge] = useState<Judged>(null);
  const [focus, setFocus] = useState<Focus>(null);
  useEffect(() => {
    const field = focus && document.querySelector<HTMLElement>(focus.on);
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  }, [focus]);
  const written = readSteps(text);
  const faults = written.ok ? faultsOf(written.steps) : [];
  if (judged && judged.text === text) faults[judged.at]?.push(judged.fault);
  const edit = (steps: readonly WorkflowStepInput[]) => setText(writeSteps(steps));
  const added = (steps: readonly WorkflowStepInput[]) => {
    edit(steps);
    choose(steps.length - 1);
    setFocus({ on: TITLE });
  };
  const removed = () => {
    choose(Math.max(0, chosen - 1));
    setFocus({ on: CHOSEN });
  };
  return { text, setText, chosen, choose, judge, written, faults, edit, added, removed };
}

/** The steps as they follow from each other; a press chooses one, and a line drawn between two joins them. */
function Graph({ draft: { text, chosen, choose, faults, written, edit } }: { draft: Draft }) {
  const shown = readSteps(useDeferredValue(text));
  if (!shown.ok || !written.ok)
    return (
      <p className="gw none bad" role="status">
        {shown.ok ? "" : shown.says}
      </p>
    );
  const { steps } = shown;
  return (
    <Suspense fallback={<Loading rows={3} />}>
      <WorkflowGraph
        steps={sketch(steps, chosen, (at) => (faults[at]?.length ?? 0) > 0)}
        label={`A workflow of ${steps.length} steps`}
        edit={{
          choose: (key) => choose(Number(key)),
          connect: (from, to) => edit(connect(written.steps, Number(from), Number(to))),
        }}
      />
    </Suspense>
  );
}

/** The steps and the chosen one's fields. */
function Visual({ draft: { written, chosen, choose, faults, edit, added, removed } }: { draft: Draft }) {
  if (!written.ok)
    return <p className="dim sm">The steps are shown here again once their text can be read: {written.says}</p>;
  const { steps } = written;
  return (
    <div className="visual">
      <StepList steps={steps} chosen={chosen} faults={faults} choose={choose} added={added} />
      <StepForm steps={steps} at={chosen} faults={faults[chosen] ?? []} edit={edit} removed={removed} />
    </div>
  );
}

/** The same as text, with what belongs to all of it. */
function Written({ draft }: { draft: Draft }) {
  const { text, setText, written } = draft;
  const acts = useActs(draft);
  return (
    <form className="form workform" onSubmit={(event) => void acts.submit(event)}>
      <Field name="name" label="Name" maxLength={100} defaultValue="Publish a text" />
      <Choice name="onFailure" label="When a step fails" options={POLICIES} defaultValue="STOP" />
      <Steps text={text} setText={setText} />
      <Field
        name="input"
        label="Input of the run, JSON"
        required={false}
        defaultValue={'{ "about": "Sing, goddess" }'}
        hint="What pointers find at /input"
      />
      <Why refused={acts.refused} />
      {acts.said && (
        <p className="good sm" role="status">
          {acts.said}
        </p>
      )}
      <div className="row">
        <button type="submit" name="act" value="start" className="btn pri" disabled={!written.ok}>
          Define and start
        </button>
        <button type="submit" name="act" value="check" className="btn" disabled={!written.ok}>
          Check
        </button>
      </div>
    </form>
  );
}

function Steps({ text, setText }: { text: string; setText: (text: string) => void }) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>Steps, JSON</label>
      <textarea
        id={id}
        className="mono sm"
        rows={12}
        spellCheck={false}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <span className="hint">
        Each has a key and a title; after, input, when, forEach, approval, capabilities, compensation, optional and plan
        are as in defineWorkflow.
      </span>
    </div>
  );
}

/** What the two buttons do: ask the server whether it is a workflow, or make one and run it. */
function useActs({ text, judge, choose }: Draft) {
  const [, define] = useMutation(DefineDocument);
  const [, start] = useMutation(StartDocument);
  const [, go] = useLocation();
  const [refused, setRefused] = useState<Refused>(null);
  const [said, setSaid] = useState("");
  const once = useOnceKey();
  const run = async (definitionId: string, input: unknown) => {
    const thing = { definitionId, input };
    const { data, error } = await start({ input: { ...thing, idempotencyKey: once.keyFor(thing) } });
    const answer = data?.startWorkflow;
    if (answer) once.answered();
    setRefused(refusalOf(answer, error));
    if (answer?.__typename === "StartWorkflowSuccess") go(`/workflows/${answer.workflow.id}`);
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const checkOnly = ((event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null)?.value === "check";
    setSaid("");
    const written = readSteps(text);
    const input = inputOf(textOf(form, "input"));
    if (!written.ok || !input.ok) return setRefused({ message: written.ok ? "The input is not JSON." : written.says });
    const onFailure = textOf(form, "onFailure") as Policy;
    const asked = { name: textOf(form, "name"), onFailure, steps: written.steps, checkOnly };
    const { data, error } = await define({ input: asked });
    const answer = data?.defineWorkflow;
    const refusal = refusalOf(answer, error);
    setRefused(placed(answer, refusal));
    const at = placeOf(answer);
    judge(refusal && at && { text, at: at.step, fault: { field: at.field, says: refusal.message } });
    if (at) choose(at.step);
    if (answer?.__typename !== "DefineWorkflowSuccess") return;
    if (answer.definition) await run(answer.definition.id, input.value);
    else setSaid("This is a workflow.");
  };
  return { submit, refused, said };
}

/** The step that an answer is about, and its field; null where it is about none. */
function placeOf(answer: object | undefined): { step: number; field: string } | null {
  const { path } = (answer ?? {}) as Said;
  const [, list, step, field = "key"] = path ?? [];
  return list === "steps" && step !== undefined ? { step: Number(step), field } : null;
}

/** A refusal with the step that it is about. */
function placed(answer: object | undefined, refused: Refused): Refused {
  const at = placeOf(answer);
  return refused && { ...refused, message: `${at ? `Step ${at.step + 1}: ` : ""}${refused.message}` };
}

function inputOf(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: text.trim() === "" ? null : (JSON.parse(text) as unknown) };
  } catch {
    return { ok: false };
  }
}
