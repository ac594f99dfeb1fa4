import { lazy, Suspense, useDeferredValue, useId, useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Link, useLocation } from "wouter";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { Empty, Loading } from "../shell/states.tsx";
import { useOnceKey } from "../shell/use-once-key.ts";
import { useViewer } from "../shell/viewer.ts";
import { DefineDocument, StartDocument } from "./documents.ts";
import { EXAMPLE, readSteps, sketch, type Policy } from "./written.ts";
import "./work.css";

const WorkflowGraph = lazy(() => import("./graph.tsx"));
const POLICIES = [
  { value: "STOP", name: "Stop at once" },
  { value: "CONTINUE", name: "Do the rest" },
  { value: "COMPENSATE", name: "Undo what was done" },
];

/** Why steps are not taken, with where. */
type Said = Refused & { path?: readonly string[] | null };

/** Writes a workflow, shows its graph while it is written, has it checked, and starts it. */
export default function Editor() {
  const viewer = useViewer();
  const [text, setText] = useState(EXAMPLE);
  const written = readSteps(useDeferredValue(text));
  const acts = useActs(text);
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
      {written.ok ? (
        <Suspense fallback={<Loading rows={3} />}>
          <WorkflowGraph steps={sketch(written.steps)} label={`A workflow of ${written.steps.length} steps`} />
        </Suspense>
      ) : (
        <p className="gw none bad" role="status">
          {written.says}
        </p>
      )}
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
    </>
  );
}

const SignIn = () => (
  <Link className="btn pri" href="/manage">
    Sign in
  </Link>
);

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
function useActs(text: string) {
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
    setRefused(placed(answer, refusalOf(answer, error)));
    if (answer?.__typename !== "DefineWorkflowSuccess") return;
    if (answer.definition) await run(answer.definition.id, input.value);
    else setSaid("This is a workflow.");
  };
  return { submit, refused, said };
}

/** A refusal with the step that it is about. */
function placed(answer: object | undefined, refused: Refused): Refused {
  const { path } = (answer ?? {}) as Said;
  const at = path?.[1] === "steps" && path[2] !== undefined ? `Step ${Number(path[2]) + 1}: ` : "";
  return refused && { ...refused, message: `${at}${refused.message}` };
}

function inputOf(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: text.trim() === "" ? null : (JSON.parse(text) as unknown) };
  } catch {
    return { ok: false };
  }
}
