import { bytesOf, type Assign, type Complexity } from "./input.ts";
import { readPointer, type Pointer } from "./pointer.ts";
import type { Plan } from "./timing.ts";

/** What a workflow does when a step failed for good. */
export const FAILURE_POLICIES = ["STOP", "CONTINUE", "COMPENSATE"] as const;
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

/** How a condition looks at what its pointer points at. */
export const COMPARISONS = ["EXISTS", "MISSING", "EQUALS", "DIFFERS", "ABOVE", "BELOW"] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Condition = { at: string; is: Comparison; value: unknown };

/** Where a value comes from: a JSON Pointer, or the value itself. */
export type Source = string | { value: unknown };

/** What undoes a step: a task that is given the step's payload and its result. */
export type Compensation = { title: string; capabilities: readonly string[] };

/** One step: a task, or one for each item of a list. */
export type StepPlan = {
  key: string;
  title: string;
  /** Steps that come before, besides those that its pointers name. */
  after: readonly string[];
  capabilities: readonly string[];
  input: Readonly<Record<string, Source>>;
  when: Condition | null;
  /** Points at the list whose items each get a task. */
  forEach: string | null;
  /** A person decides instead of a bot. */
  approval: boolean;
  /** What needs it goes on when it failed. */
  optional: boolean;
  compensation: Compensation | null;
  priority: number;
  complexity: Complexity;
  assign: Assign;
  plan: Plan;
  resultSchema: unknown;
};

export type Definition = {
  name: string;
  onFailure: FailurePolicy;
  /** A JSON Schema for what a run is started with; null for anything. */
  inputSchema: unknown;
  steps: readonly StepPlan[];
};

export const NAME_LENGTH_MAX = 100;
export const STEPS_MAX = 200;
export const DEFINITION_BYTES_MAX = 128 * 1_024;
export const STEP_INPUTS_MAX = 20;
export const BEFORE_MAX = 50;
/** How many tasks one step may fan out to. */
export const ITEMS_MAX = 10_000;
export const STEP_KEY = /^[a-z][a-z0-9-]{0,39}$/;

/** Everything that a step's pointers say, with the field that says it. */
export function pointersOf(step: StepPlan): { field: string; text: string }[] {
  const sources = Object.values(step.input).filter((source) => typeof source === "string");
  return [
    ...sources.map((text) => ({ field: "input", text })),
    ...(step.when ? [{ field: "when", text: step.when.at }] : []),
    ...(step.forEach === null ? [] : [{ field: "forEach", text: step.forEach }]),
  ];
}

/** The step whose output a pointer is about, or null. */
export function stepIn(pointer: Pointer): string | null {
  return pointer[0] === "steps" ? (pointer[1] ?? "") : null;
}

/** The steps that must be over before this one begins: those that it names, and those that its pointers name. */
export function before(step: StepPlan): string[] {
  const pointed = pointersOf(step).flatMap(({ text }) => stepIn(readPointer(text) ?? []) ?? []);
  return [...new Set([...step.after, ...pointed])];
}

/** A step as the machine knows it. */
export type Node = { key: string; optional: boolean; compensable: boolean; needs: readonly string[] };
export type Graph = { onFailure: FailurePolicy; nodes: ReadonlyMap<string, Node> };

/** The graph that a definition draws. */
export function graphOf({ onFailure, steps }: Pick<Definition, "onFailure" | "steps">): Graph {
  const nodeOf = (step: StepPlan): Node => {
    const { key, optional, compensation } = step;
    return { key, optional, compensable: compensation !== null, needs: before(step) };
  };
  return { onFailure, nodes: new Map(steps.map((step) => [step.key, nodeOf(step)])) };
}

export const DEFINITION_REFUSALS = [
  "BAD_INPUT",
  "DUPLICATE_STEP",
  "BAD_POINTER",
  "UNKNOWN_INPUT",
  "WORKFLOW_CYCLE",
  "WORKFLOW_TOO_LARGE",
] as const;
export type DefinitionRefusal = (typeof DEFINITION_REFUSALS)[number];
export type DefinitionFault = { code: DefinitionRefusal; path: string[]; message: string };

const fault = (code: DefinitionRefusal, path: (string | number)[], message: string): DefinitionFault => ({
  code,
  path: path.map(String),
  message,
});

/** Why these steps are no workflow, or null; a cycle is named. */
export function refuseGraph(definition: Definition): DefinitionFault | null {
  const { steps } = definition;
  if (steps.length < 1 || steps.length > STEPS_MAX)
    return fault("BAD_INPUT", ["steps"], `A workflow has 1 to ${STEPS_MAX} steps.`);
  if (bytesOf(JSON.stringify(definition)) > DEFINITION_BYTES_MAX)
    return fault("WORKFLOW_TOO_LARGE", ["steps"], `A definition has at most ${DEFINITION_BYTES_MAX} bytes of JSON.`);
  return refuseKeys(steps) ?? refusePointers(steps) ?? refuseUnknown(steps) ?? refuseCycle(steps);
}

function refuseKeys(steps: readonly StepPlan[]): DefinitionFault | null {
  const seen = new Set<string>();
  for (const [index, { key }] of steps.entries()) {
    const path = ["steps", index, "key"];
    if (!STEP_KEY.test(key))
      return fault("BAD_INPUT", path, "A key is 1 to 40 lower-case letters, digits and -, and begins with a letter.");
    if (seen.has(key)) return fault("DUPLICATE_STEP", path, `Two steps are called ${key}.`);
    seen.add(key);
  }
  return null;
}

function refusePointers(steps: readonly StepPlan[]): DefinitionFault | null {
  for (const [index, step] of steps.entries()) {
    if (Object.keys(step.input).length > STEP_INPUTS_MAX)
      return fault("BAD_INPUT", ["steps", index, "input"], `A step takes at most ${STEP_INPUTS_MAX} values.`);
    for (const { field, text } of pointersOf(step)) {
      const wrong = faultOfPointer(text, step.forEach !== null && field === "input");
      if (wrong) return fault("BAD_POINTER", ["steps", index, field], `${JSON.stringify(text)} ${wrong}.`);
    }
  }
  return null;
}

/** What a pointer may begin with; items are there for the values of a step that fans out only. */
function faultOfPointer(text: string, ofItem: boolean): string | null {
  const pointer = readPointer(text);
  if (pointer === null) return "is not a JSON Pointer";
  const [root] = pointer;
  if (root === "input" || (root === "steps" && pointer.length > 1)) return null;
  if (root === "item" || root === "index") return ofItem ? null : "is there for the input of a step with forEach only";
  return "points at nothing: begin with /input or /steps/KEY, or with /item or /index in a step with forEach";
}

function refuseUnknown(steps: readonly StepPlan[]): DefinitionFault | null {
  const keys = new Set(steps.map(({ key }) => key));
  for (const [index, step] of steps.entries()) {
    const needed = before(step);
    const unknown = needed.find((key) => !keys.has(key));
    const path = ["steps", index, unknown !== undefined && step.after.includes(unknown) ? "after" : "input"];
    if (unknown !== undefined) return fault("UNKNOWN_INPUT", path, `${step.key} needs ${unknown}, which is no step.`);
    if (needed.length > BEFORE_MAX)
      return fault("BAD_INPUT", ["steps", index, "after"], `A step waits for at most ${BEFORE_MAX} others.`);
  }
  return null;
}

function refuseCycle(steps: readonly StepPlan[]): DefinitionFault | null {
  const cycle = cycleIn(new Map(steps.map((step) => [step.key, before(step)])));
  return cycle && fault("WORKFLOW_CYCLE", ["steps"], `Steps wait for each other: ${cycle.join(" → ")}.`);
}

/** One cycle of a graph, from a node back to itself in the order in which they run, or null. */
export function cycleIn(needs: ReadonlyMap<string, readonly string[]>): string[] | null {
  const settled = new Set<string>();
  const way: string[] = [];
  const visit = (key: string): string[] | null => {
    if (settled.has(key)) return null;
    const since = way.indexOf(key);
    if (since >= 0) return [...way.slice(since), key].toReversed();
    way.push(key);
    for (const needed of needs.get(key) ?? []) {
      const found = visit(needed);
      if (found) return found;
    }
    way.pop();
    settled.add(key);
    return null;
  };
  for (const key of needs.keys()) {
    const found = visit(key);
    if (found) return found;
  }
  return null;
}

/** The first capability that no bot has which could take the workflow's tasks, or null. */
export function unknownCapability(
  { steps }: Pick<Definition, "steps">,
  known: ReadonlySet<string>,
): { path: string[]; message: string } | null {
  for (const [index, step] of steps.entries()) {
    const needed = [...(step.approval ? [] : step.capabilities), ...(step.compensation?.capabilities ?? [])];
    const unknown = needed.find((each) => !known.has(each));
    const path = ["steps", String(index), "capabilities"];
    if (unknown !== undefined) return { path, message: `No bot that could do ${step.key} has ${unknown}.` };
  }
  return null;
}
