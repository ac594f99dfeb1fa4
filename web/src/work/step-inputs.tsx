import { useId } from "react";
import type { WorkflowStepInput } from "../generated/graphql.ts";
import { Draft } from "./draft.tsx";
import { isRecord, type Steps } from "./steps.ts";

type Props = {
  steps: Steps;
  at: number;
  set: (fields: Partial<WorkflowStepInput>) => void;
  wrong: string | undefined;
};

/** A value that is no pointer is written as JSON. */
const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function valueOf(text: string): unknown {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What the worker of a step is given: names, and where each comes from. */
export function StepInputs({ steps, at, set, wrong }: Props) {
  const id = useId();
  const step = steps[at];
  const input = isRecord(step?.input) ? Object.entries(step.input) : [];
  const put = (entries: readonly (readonly [string, unknown])[]) => set({ input: Object.fromEntries(entries) });
  const swap = (index: number, entry: readonly [string, unknown]) =>
    put(input.map((each, place) => (place === index ? entry : each)));
  const names = new Set(input.map(([name]) => name));
  const fresh = () => {
    let number = input.length + 1;
    while (names.has(`input-${number}`)) number++;
    put([...input, [`input-${number}`, "/input"]]);
  };
  return (
    <fieldset className="checks" aria-describedby={wrong && `${id}-wrong`}>
      <legend>Is given</legend>
      <datalist id={id}>
        {["/input", ...(step?.forEach ? ["/item", "/index"] : []), ...othersOf(steps, at)].map((pointer) => (
          <option key={pointer} value={pointer} />
        ))}
      </datalist>
      {input.map(([name, from], index) => (
        <div className="given" key={index}>
          <Draft
            name={`name-${index}`}
            label="Name"
            value={name}
            commit={(text) => swap(index, [text, from])}
            refuse={(text) => (text === "" || names.has(text) ? "Another name." : null)}
          />
          <Draft
            name={`from-${index}`}
            label="From"
            list={id}
            value={textOf(from)}
            commit={(text) => swap(index, [name, valueOf(text)])}
          />
          <button
            type="button"
            className="btn sm"
            aria-label={`Give no ${name}`}
            onClick={() => put(input.filter((_each, place) => place !== index))}
          >
            ×
          </button>
        </div>
      ))}
      {wrong && (
        <span className="xs bad" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
      <button type="button" className="btn sm" onClick={fresh}>
        Give something
      </button>
    </fieldset>
  );
}

const othersOf = (steps: Steps, at: number) =>
  steps.filter((_step, index) => index !== at).map(({ key }) => `/steps/${key}`);
