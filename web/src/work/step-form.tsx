import { useId, useState } from "react";
import type { WorkflowComparison, WorkflowStepInput } from "../generated/graphql.ts";
import { Field } from "../shell/field.tsx";
import { Draft } from "./draft.tsx";
import { StepInputs } from "./step-inputs.tsx";
import { change, connect, disconnect, refuseKey, remove, rename, type Fault, type Steps } from "./steps.ts";
import { needsOf } from "./written.ts";

/** Which step is edited, what is wrong with it, and who hears of the steps as they are then. */
type Edited = { steps: Steps; at: number; faults: readonly Fault[]; edit: (steps: WorkflowStepInput[]) => void };

/** A step's fields. What is typed becomes the step's when the field is left, or with Enter. */
export function StepForm({ steps, at, faults, edit, removed }: Edited & { removed: () => void }) {
  const step = steps[at];
  if (!step) return null;
  const wrong = (field: string) => faults.find((fault) => fault.field === field)?.says;
  const set = (fields: Partial<WorkflowStepInput>) => edit(change(steps, at, fields));
  return (
    <form
      key={at}
      className="form stepform"
      aria-label={`Step ${at + 1}`}
      noValidate
      onSubmit={(event) => event.preventDefault()}
    >
      <Field
        name="title"
        label="Title"
        maxLength={200}
        value={typeof step.title === "string" ? step.title : ""}
        onChange={({ target }) => set({ title: target.value })}
        wrong={wrong("title")}
      />
      <div className="pair">
        <Draft
          name="key"
          label="Key"
          value={step.key}
          commit={(key) => edit(rename(steps, at, key))}
          refuse={(key) => refuseKey(steps, at, key)}
          wrong={wrong("key")}
        />
        <Pick
          label="Who does it"
          value={step.approval ? "person" : "bot"}
          options={{ bot: "A bot", person: "A person decides" }}
          pick={(who) => set({ approval: who === "person" })}
        />
      </div>
      <Needs steps={steps} at={at} edit={edit} wrong={wrong("needs")} />
      <StepInputs steps={steps} at={at} set={set} wrong={wrong("input")} />
      {!step.approval && (
        <Draft
          name="capabilities"
          label="A bot must be able to do"
          placeholder="code-review, translation"
          value={(step.capabilities ?? []).join(", ")}
          commit={(text) => set({ capabilities: text.split(/[\s,]+/).filter((word) => word !== "") })}
          wrong={wrong("capabilities")}
        />
      )}
      <More step={step} set={set} wrong={wrong} />
      <div className="row">
        <button
          type="button"
          className="btn sm"
          onClick={() => {
            edit(remove(steps, at));
            removed();
          }}
        >
          Remove this step
        </button>
      </div>
    </form>
  );
}

type PickProps<Value extends string> = {
  label: string;
  value: Value;
  options: Readonly<Record<Value, string>>;
  pick: (value: Value) => void;
};

function Pick<Value extends string>({ label, value, options, pick }: PickProps<Value>) {
  const id = useId();
  return (
    <div className="fld">
      <label htmlFor={id}>{label}</label>
      <select className="btn" id={id} value={value} onChange={({ target }) => pick(target.value as Value)}>
        {Object.entries<string>(options).map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Which steps must be over before: an edge of the graph each. */
function Needs({ steps, at, edit, wrong }: Omit<Edited, "faults"> & { wrong: string | undefined }) {
  const id = useId();
  const step = steps[at];
  const others = steps.flatMap(({ key, title }, from) => (from === at ? [] : [{ key, title, from }]));
  if (!step || others.length === 0) return null;
  const needs = new Set(needsOf(step));
  const after = new Set(step.after);
  return (
    <fieldset className="checks" aria-describedby={wrong && id}>
      <legend>Begins after</legend>
      {others.map(({ key, title, from }) => {
        const isNamed = needs.has(key) && !after.has(key);
        return (
          <label key={from}>
            <input
              type="checkbox"
              checked={needs.has(key)}
              disabled={isNamed}
              onChange={({ target }) => edit((target.checked ? connect : disconnect)(steps, from, at))}
            />
            <span className="trunc">{title || key}</span>
            {isNamed && <span className="xs dim">its input needs it</span>}
          </label>
        );
      })}
      {wrong && (
        <span className="xs bad" id={id}>
          {wrong}
        </span>
      )}
    </fieldset>
  );
}

const BEGINS: Record<WorkflowComparison | "", string> = {
  "": "Always",
  EXISTS: "When something is there",
  MISSING: "When nothing is there",
  EQUALS: "When it is this value",
  DIFFERS: "When it is not this value",
  ABOVE: "When it is more than",
  BELOW: "When it is less than",
};
const PRIORITIES: Record<string, string> = { 5: "5, first", 4: "4", 3: "3, usual", 2: "2", 1: "1, last" };
const ALONE: readonly WorkflowComparison[] = ["EXISTS", "MISSING"];

type MoreProps = {
  step: WorkflowStepInput;
  set: (fields: Partial<WorkflowStepInput>) => void;
  wrong: (field: string) => string | undefined;
};

/** Whether it is done at all. */
function When({ step: { when }, set, wrong }: MoreProps) {
  return (
    <>
      <Pick
        label="It is done"
        value={when?.is ?? ""}
        options={BEGINS}
        pick={(is) => set({ when: is === "" ? null : { at: "/input", ...when, is } })}
      />
      {when && (
        <Draft
          name="at"
          label="What is looked at, a pointer"
          value={when.at}
          commit={(at) => set({ when: { ...when, at } })}
          wrong={wrong("when")}
        />
      )}
      {when && !ALONE.includes(when.is) && (
        <Draft
          name="value"
          label="Value, JSON"
          value={JSON.stringify(when.value ?? null)}
          commit={(text) => set({ when: { ...when, value: JSON.parse(text) as unknown } })}
          refuse={(text) => (isJson(text) ? null : "This is not JSON.")}
        />
      )}
    </>
  );
}

/** What few steps need. */
function More({ step, set, wrong }: MoreProps) {
  const { when, forEach, compensation, optional, priority } = step;
  const says = ["forEach", "when", "compensation", "priority"].some((field) => wrong(field) !== undefined);
  const [isOpen, open] = useState(Boolean(when || forEach || compensation || optional || priority));
  return (
    <details open={isOpen || says} onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>Condition, list, priority, undoing</summary>
      <div className="pair">
        <When step={step} set={set} wrong={wrong} />
        <Draft
          name="forEach"
          label="Once for each item of, a pointer"
          placeholder="/input/pages"
          value={forEach ?? ""}
          commit={(pointer) => set({ forEach: pointer })}
          wrong={wrong("forEach")}
        />
        <Pick
          label="Priority"
          value={String(priority ?? 3)}
          options={PRIORITIES}
          pick={(chosen) => set({ priority: chosen === "3" ? null : Number(chosen) })}
        />
        <Draft
          name="undo"
          label="Undone by, a title"
          placeholder="nothing"
          value={compensation?.title ?? ""}
          commit={(title) => set({ compensation: title === "" ? null : { ...compensation, title } })}
          wrong={wrong("compensation")}
        />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={optional ?? false}
          onChange={({ target }) => set({ optional: target.checked })}
        />
        What needs it goes on when it fails
      </label>
    </details>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
