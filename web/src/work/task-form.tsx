import { useEffect, useId, useRef, useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { Link, useLocation, useSearchParams } from "wouter";
import { Below, Choice, Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { Empty, Loading } from "../shell/states.tsx";
import { useOnceKey } from "../shell/use-once-key.ts";
import { CreateTaskDocument, TeamsOfMineDocument } from "./task-documents.ts";
import { fieldOf, readTask, type Wrongs } from "./task-written.ts";
import "./work.css";

const named = (entries: Readonly<Record<string, string>>) =>
  Object.entries(entries).map(([value, name]) => ({ value, name }));
const PRIORITIES = named({ 5: "5, first", 4: "4", 3: "3, usual", 2: "2", 1: "1, last" }).toReversed();
const COMPLEXITIES = named({ SIMPLE: "Simple", MEDIUM: "Medium", COMPLEX: "Complex", EXPERT: "Expert" });
const ASSIGNS = named({ PULL: "A bot claims it", AUTO: "Laid on the bot that has least to do" });

/** A new task for bots, with what is wrong said at its field. */
export default function TaskForm() {
  const [{ data, fetching }] = useQuery({ query: TeamsOfMineDocument });
  const [search] = useSearchParams();
  const acts = useNewTask();
  if (!data && fetching) return <Loading rows={6} />;
  if (!data?.viewer)
    return (
      <Empty
        page
        title="A new task"
        act={
          <Link className="btn pri" href="/manage">
            Sign in
          </Link>
        }
      >
        Sign in to give work to bots.
      </Empty>
    );
  const whose = [
    { value: "PRIVATE", name: "My bots" },
    ...data.viewer.teams.nodes.map(({ team }) => ({ value: team.id, name: `Team ${team.name}` })),
    { value: "PUBLIC", name: "Everybody's bots" },
  ];
  const projects = data.viewer.teams.nodes.map(({ team }) => [team.id, team.projects.nodes] as const);
  const asked = { whose: search.get("team") ?? "PRIVATE", project: search.get("project") ?? "" };
  return <Form whose={whose} projects={new Map(projects)} asked={asked} {...acts} />;
}

type Acts = ReturnType<typeof useNewTask>;

type WhoseProps = {
  whose: { value: string; name: string }[];
  /** The projects that are open, by team. */
  projects: ReadonlyMap<string, readonly { id: string; name: string }[]>;
  /** What the address asks for. */
  asked: { whose: string; project: string };
};
type FormProps = Acts & WhoseProps;

function Form({ whose, projects, asked, wrongs, refused, busy, submit }: FormProps) {
  return (
    <>
      <title>New task · Agon</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1">New task</h1>
          <p className="sm dim">
            <Link href="/work">Work</Link>: a bot that can do it takes it, and hands in what came of it.
          </p>
        </div>
      </section>
      {/* What is wrong is said by us, at the field, in the same words as the server's. */}
      <form className="form workform taskform" noValidate onSubmit={(event) => void submit(event)}>
        <Field name="title" label="Title" maxLength={200} wrong={wrongs["title"]} />
        <Field
          name="capabilities"
          label="A bot must be able to do"
          required={false}
          placeholder="code-review, translation"
          hint="At most 8 words; empty for any bot"
          wrong={wrongs["capabilities"]}
        />
        <Area
          name="payload"
          label="Input, JSON"
          hint="What the worker reads, at most 64 KiB"
          wrong={wrongs["payload"]}
        />
        <details open={wrongs["payloadSchema"] !== undefined || undefined}>
          <summary>Check the input against a JSON Schema</summary>
          <Area
            name="payloadSchema"
            label="Schema of the input, JSON"
            hint="JSON Schema 2020-12, at most 8 KiB: the input must fit it"
            wrong={wrongs["payloadSchema"]}
          />
        </details>
        <div className="pair">
          <Choice name="priority" label="Priority" options={PRIORITIES} defaultValue="3" />
          <Choice name="complexity" label="Complexity" options={COMPLEXITIES} defaultValue="MEDIUM" />
        </div>
        <div className="pair">
          <Whose whose={whose} projects={projects} asked={asked} wrongs={wrongs} />
          <Choice name="assign" label="How it comes to a bot" options={ASSIGNS} wrong={wrongs["assign"]} />
        </div>
        <fieldset className="pair">
          <legend>Time-outs and attempts</legend>
          <Count name="scheduleToStart" label="Wait for a start, s" placeholder="for ever" wrongs={wrongs} />
          <Count name="startToClose" label="One attempt, s" placeholder="no limit" wrongs={wrongs} />
          <Count name="heartbeat" label="Silence that ends it, s" placeholder="30" wrongs={wrongs} />
          <Count name="maxAttempts" label="Attempts" placeholder="3" wrongs={wrongs} />
        </fieldset>
        <Why refused={refused} />
        <div className="row">
          <button type="submit" className="btn pri" disabled={busy}>
            Create the task
          </button>
          <Link className="btn" href="/work">
            Back
          </Link>
        </div>
      </form>
    </>
  );
}

/** Who sees the task, and of a team's for which of its projects it is. */
function Whose({ whose, projects, asked, wrongs }: WhoseProps & { wrongs: Wrongs }) {
  const [chosen, choose] = useState(asked.whose);
  const open = projects.get(chosen) ?? [];
  return (
    <>
      <Choice
        name="whose"
        label="Who may see and take it"
        options={whose}
        defaultValue={asked.whose}
        wrong={wrongs["whose"]}
        chosen={choose}
      />
      {open.length > 0 && (
        <Choice
          key={chosen}
          name="project"
          label="Project"
          options={[{ value: "", name: "None" }, ...open.map(({ id, name }) => ({ value: id, name }))]}
          defaultValue={asked.project}
          wrong={wrongs["project"]}
        />
      )}
    </>
  );
}

type CountProps = { name: string; label: string; placeholder: string; wrongs: Wrongs };

const Count = ({ name, wrongs, ...rest }: CountProps) => (
  <Field name={name} required={false} inputMode="numeric" wrong={wrongs[name]} {...rest} />
);

type AreaProps = { name: string; label: string; hint: string; wrong: string | undefined };

function Area({ name, label, hint, wrong }: AreaProps) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        className="mono sm"
        rows={6}
        spellCheck={false}
        aria-invalid={wrong !== undefined}
        aria-describedby={`${id}-hint`}
      />
      <Below id={`${id}-hint`} hint={hint} wrong={wrong} />
    </div>
  );
}

/** Sends a form's task; a refusal stands at its field, which is focused, or else below all of them. */
function useNewTask() {
  const [{ fetching: busy }, create] = useMutation(CreateTaskDocument);
  const [, go] = useLocation();
  const [wrongs, setWrongs] = useState<Wrongs>({});
  const [refused, setRefused] = useState<Refused>(null);
  const form = useRef<HTMLFormElement | null>(null);
  const once = useOnceKey();
  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    wrong?.focus();
  }, [wrongs]);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    form.current = event.currentTarget;
    const said = new FormData(event.currentTarget);
    const asked = readTask((name) => textOf(said, name));
    setRefused(null);
    if (!asked.ok) return setWrongs(asked.wrongs);
    const { data, error } = await create({
      input: { ...asked.input, idempotencyKey: once.keyFor(asked.input) },
    });
    const answer = data?.createTask;
    if (answer) once.answered();
    if (answer?.__typename === "CreateTaskSuccess") return go(`/tasks/${answer.task.id}`);
    const why = refusalOf(answer, error);
    const path = answer && "path" in answer ? answer.path : null;
    const field = fieldOf(path);
    const isThere = field !== null && form.current.elements.namedItem(field) !== null;
    setWrongs(isThere && why ? { [field]: `${why.message} ${why.hint ?? ""}`.trim() } : {});
    setRefused(isThere ? null : why);
  };
  return { submit, wrongs, refused, busy };
}
