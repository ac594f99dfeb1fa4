import { ITEMS_MAX, before, type Condition, type StepPlan } from "./definition.ts";
import { bytesOf, TASK_JSON_BYTES_MAX } from "./input.ts";
import { pointedAt, readPointer } from "./pointer.ts";

/** What the pointers of a step may look at: the run's input, and the outputs of the steps before it by their keys. */
export type Known = { input: unknown; steps: Readonly<Record<string, unknown>> };
/** The item that one task of a fanned-out step is about. */
export type Item = { item: unknown; index: number };

/** Why a step failed. */
export const STEP_FAILURES = ["TASK_FAILED", "NOT_A_LIST", "TOO_MANY_ITEMS", "INPUT_TOO_LARGE"] as const;
export type StepFailure = (typeof STEP_FAILURES)[number];

const at = (known: Known | (Known & Item), pointer: string): unknown => pointedAt(known, readPointer(pointer) ?? []);

/** Whether a condition holds. Numbers are compared as numbers; what is not there, or is null, is MISSING. */
export function holds(condition: Condition, known: Known): boolean {
  const found = at(known, condition.at);
  const { value } = condition;
  switch (condition.is) {
    case "EXISTS":
      return found !== undefined && found !== null;
    case "MISSING":
      return found === undefined || found === null;
    case "EQUALS":
      return same(found ?? null, value);
    case "DIFFERS":
      return !same(found ?? null, value);
    case "ABOVE":
      return typeof found === "number" && typeof value === "number" && found > value;
    case "BELOW":
      return typeof found === "number" && typeof value === "number" && found < value;
  }
}

/** Equality of JSON values: objects whatever the order of their names. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]))
  );
}

/** What a step does now that all before it is over: nothing, so many tasks, or it fails. */
export type Verdict = { type: "SKIP" } | { type: "BEGIN"; total: number } | { type: "FAULT"; failure: StepFailure };

/** Looks at a step's condition and at the list that it fans out over. */
export function verdictOn(step: StepPlan, known: Known): Verdict {
  if (step.when && !holds(step.when, known)) return { type: "SKIP" };
  if (step.forEach === null) return { type: "BEGIN", total: 1 };
  const list = at(known, step.forEach);
  if (!Array.isArray(list)) return { type: "FAULT", failure: "NOT_A_LIST" };
  return list.length > ITEMS_MAX ? { type: "FAULT", failure: "TOO_MANY_ITEMS" } : { type: "BEGIN", total: list.length };
}

/** The payloads of a step's tasks from one item to another, as JSON text; one of null is too large for a task. */
export function payloadsOf(step: StepPlan, known: Known, from: number, to: number): (string | null)[] {
  const list = step.forEach === null ? [null] : (at(known, step.forEach) as readonly unknown[]);
  return list.slice(from, to).map((item, n) => payloadOf(step, { ...known, item, index: from + n }));
}

function payloadOf(step: StepPlan, known: Known & Item): string | null {
  const entries = Object.entries(step.input).map(
    ([name, source]) => [name, (typeof source === "string" ? at(known, source) : source.value) ?? null] as const,
  );
  const text = JSON.stringify(Object.fromEntries(entries));
  return bytesOf(text) > TASK_JSON_BYTES_MAX ? null : text;
}

/** The steps whose outputs a step's pointers look at. */
export const readsOf = (step: StepPlan): string[] => before({ ...step, after: [] });
