import type { WorkflowStepInput } from "../generated/graphql.ts";
import { needsOf } from "./written.ts";

/** Steps as somebody writes them, in their order. */
export type Steps = readonly WorkflowStepInput[];
/** What is wrong with a step, and at which of its fields. */
export type Fault = { field: string; says: string };

/** The steps as text, each on a line of its own. */
export const writeSteps = (steps: Steps): string =>
  steps.length === 0 ? "[]" : `[\n${steps.map((step) => `  ${oneLine(step)}`).join(",\n")}\n]`;
/** Only what separates is a line break here: those of texts are escaped. */
const oneLine = (value: unknown) =>
  JSON.stringify(value, null, 1)
    .replaceAll(/\[\n\s*/g, "[")
    .replaceAll(/\n\s*\]/g, "]")
    .replaceAll(/\n\s*/g, " ");

/** What a step may be called, as the server has it. */
const STEP_KEY = /^[a-z][a-z0-9-]{0,39}$/;

const ALWAYS = new Set(["key", "title"]);
const isNothing = (value: unknown): boolean =>
  value == null || value === "" || value === false || (typeof value === "object" && Object.keys(value).length === 0);

/** A step with other fields; those that say nothing any more are left out. */
export function change(steps: Steps, at: number, fields: Partial<WorkflowStepInput>): WorkflowStepInput[] {
  const isLeft = ([name, value]: [string, unknown]) => ALWAYS.has(name) || !(name in fields) || !isNothing(value);
  return steps.map((step, index) =>
    index === at
      ? (Object.fromEntries(Object.entries({ ...step, ...fields }).filter(isLeft)) as WorkflowStepInput)
      : step,
  );
}

/** One step more, behind another one where one is chosen. */
export function add(steps: Steps, behind: number): WorkflowStepInput[] {
  const keys = new Set(steps.map(({ key }) => key));
  let number = steps.length + 1;
  while (keys.has(`step-${number}`)) number++;
  const before = steps[behind];
  return [...steps, { key: `step-${number}`, title: "New step", ...(before && { after: [before.key] }) }];
}

/** Without one step: nothing comes after it any more. Pointers to it stay, and are wrong until they point elsewhere. */
export function remove(steps: Steps, at: number): WorkflowStepInput[] {
  const gone = steps[at]?.key;
  const left = steps.filter((_step, index) => index !== at);
  return left.reduce<WorkflowStepInput[]>(
    (rest, { after }, index) =>
      Array.isArray(after) && after.includes(gone ?? "")
        ? change(rest, index, { after: after.filter((key) => key !== gone) })
        : rest,
    left,
  );
}

/** One step comes after another. */
export function connect(steps: Steps, from: number, to: number): WorkflowStepInput[] {
  const [one, two] = [steps[from], steps[to]];
  if (!one || !two || one === two || needsOf(two).includes(one.key)) return [...steps];
  return change(steps, to, { after: [...(two.after ?? []), one.key] });
}

/** One step does not wait for another any more; what its pointers name it waits for all the same. */
export const disconnect = (steps: Steps, from: number, to: number): WorkflowStepInput[] =>
  change(steps, to, { after: (steps[to]?.after ?? []).filter((key) => key !== steps[from]?.key) });

/** Why a step may not be called so; null where it may. */
export function refuseKey(steps: Steps, at: number, key: string): string | null {
  if (!STEP_KEY.test(key)) return "1 to 40 lower-case letters, digits and -; the first is a letter.";
  return steps.some((step, index) => index !== at && step.key === key) ? `Another step is called ${key}.` : null;
}

/** A step by another name, also where others name it. */
export function rename(steps: Steps, at: number, key: string): WorkflowStepInput[] {
  const was = steps[at]?.key ?? "";
  return steps.map((step, index) => ({ ...referring(step, was, key), ...(index === at && { key }) }));
}

function referring(step: WorkflowStepInput, was: string, key: string): WorkflowStepInput {
  const begin = `/steps/${was}`;
  const moved = (pointer: unknown) =>
    typeof pointer === "string" && (pointer === begin || pointer.startsWith(`${begin}/`))
      ? `/steps/${key}${pointer.slice(begin.length)}`
      : pointer;
  const { after, input, forEach, when } = step;
  return {
    ...step,
    ...(Array.isArray(after) && { after: after.map((each) => (each === was ? key : each)) }),
    ...(isRecord(input) && { input: Object.fromEntries(Object.entries(input).map(([name, at]) => [name, moved(at)])) }),
    ...(forEach && { forEach: moved(forEach) as string }),
    ...(when && { when: { ...when, at: moved(when.at) as string } }),
  };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const POINTER = /^\/(?:input|item|index|steps\/[^/]+)(?:\/|$)/;

/** What is wrong with each step as far as it can be seen here; the server knows the rest. */
export function faultsOf(steps: Steps): Fault[][] {
  const keys = new Set(steps.map(({ key }) => key));
  return steps.map((step, at) => {
    const faults: Fault[] = [];
    const wrong = (field: string, says: string | null | undefined) => says && faults.push({ field, says });
    wrong("key", refuseKey(steps, at, step.key));
    if (typeof step.title !== "string" || step.title.trim() === "") wrong("title", "Say what it is about.");
    const unknown = needsOf(step).find((key) => !keys.has(key));
    wrong("needs", unknown === undefined ? null : `It needs ${unknown}, which is no step.`);
    const pointers = isRecord(step.input) ? Object.entries(step.input) : [];
    const lost = pointers.find(([, pointer]) => typeof pointer === "string" && !POINTER.test(pointer));
    wrong("input", lost && `${lost[0]} points at nothing: begin with /input or /steps/KEY.`);
    const way = wayBack(steps, step.key);
    wrong("needs", way && `It waits for itself, by way of ${way.join(", then ")}.`);
    return faults;
  });
}

/** The steps by which one waits for itself; null where it does not. */
function wayBack(steps: Steps, key: string): string[] | null {
  const needs = new Map(steps.map((step) => [step.key, needsOf(step)]));
  const seen = new Set<string>();
  const ways = (needs.get(key) ?? []).map((each) => [each]);
  for (const way of ways) {
    const last = way.at(-1) ?? "";
    if (last === key) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    ways.push(...(needs.get(last) ?? []).map((each) => [...way, each]));
  }
  return null;
}
