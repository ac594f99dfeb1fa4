import { add, type Fault, type Steps } from "./steps.ts";
import type { WorkflowStepInput } from "../generated/graphql.ts";
import { doneBy } from "./written.ts";

type Props = {
  steps: Steps;
  chosen: number;
  faults: readonly (readonly Fault[])[];
  choose: (at: number) => void;
  /** Hears the steps with one more at their end. */
  added: (steps: WorkflowStepInput[]) => void;
};

/** The steps in their order, each with what is wrong with it; one is chosen to be edited. */
export function StepList({ steps, chosen, faults, choose, added }: Props) {
  return (
    <section className="steplist" aria-label="Steps">
      <div className="head">
        <h2>Steps</h2>
        <span className="ct">{steps.length}</span>
      </div>
      <ol>
        {steps.map((step, at) => (
          <li key={at}>
            <button
              type="button"
              aria-current={at === chosen}
              className={faults[at]?.length ? "wrong" : ""}
              onClick={() => choose(at)}
            >
              <span className="num" aria-hidden="true">
                {at + 1}
              </span>
              <span className="what">
                <b className="trunc">{step.title || step.key}</b>
                <span className="xs dim">{doneBy(step)}</span>
                {faults[at]?.map(({ field, says }) => (
                  <span className="xs bad" key={field + says}>
                    {says}
                  </span>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <button type="button" className="btn sm" onClick={() => added(add(steps, chosen))}>
        Add a step
      </button>
    </section>
  );
}
