import type { DefineWorkflowInput, WorkflowStepInput } from "../generated/graphql.ts";
import type { Drawn } from "./drawing.ts";

/** What a text says: steps that can be drawn and sent, or where it is no list of steps. */
export type Written = { ok: true; steps: WorkflowStepInput[] } | { ok: false; says: string };

const isStep = (value: unknown): value is WorkflowStepInput =>
  typeof value === "object" && value !== null && "key" in value && typeof value.key === "string";

/** Reads the steps that somebody writes; whether they are a workflow is for the server to say. */
export function readSteps(text: string): Written {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, says: `This is not JSON: ${(error as Error).message}.` };
  }
  if (!Array.isArray(value)) return { ok: false, says: "Write a list of steps: [ … ]." };
  const wrong = value.findIndex((step) => !isStep(step));
  if (wrong >= 0) return { ok: false, says: `Step ${wrong + 1} needs a key.` };
  return { ok: true, steps: value as WorkflowStepInput[] };
}

const NAMED = /^\/steps\/([^/]+)/;

/** What a step needs: what it comes after, and the steps that its pointers name. */
export function needsOf(step: WorkflowStepInput): string[] {
  const inputs = typeof step.input === "object" && step.input !== null ? Object.values(step.input) : [];
  const pointers = [...inputs, step.forEach, step.when?.at].filter((each) => typeof each === "string");
  const named = pointers.flatMap((pointer) => NAMED.exec(pointer)?.[1] ?? []);
  const after = Array.isArray(step.after) ? step.after : [];
  return [...new Set([...after, ...named])];
}

/** Who does a step, in a few words. */
export const doneBy = (step: WorkflowStepInput): string =>
  step.approval ? "a person decides" : step.forEach ? "for each item" : "a bot does it";

/** The steps as they are drawn before they run, by their places: while one writes, two may have one key. */
export function sketch(steps: readonly WorkflowStepInput[], chosen = -1, isWrong = (_at: number) => false): Drawn[] {
  const places = new Map(steps.map(({ key }, at) => [key, String(at)]));
  return steps.map((step, at) => ({
    key: String(at),
    title: typeof step.title === "string" && step.title !== "" ? step.title : step.key,
    needs: needsOf(step).flatMap((key) => places.get(key) ?? []),
    says: isWrong(at) ? "something is wrong" : doneBy(step),
    look: [isWrong(at) ? "failed" : step.approval ? "asks" : "waiting", at === chosen && "chosen"]
      .filter(Boolean)
      .join(" "),
  }));
}

/** What an editor begins with. */
export const EXAMPLE = `[
  { "key": "write", "title": "Write a draft", "input": { "about": "/input/about" } },
  { "key": "check", "title": "Publish it?", "approval": true, "input": { "draft": "/steps/write" } },
  { "key": "publish", "title": "Publish it", "after": ["check"], "input": { "draft": "/steps/write" } }
]`;

export type Policy = NonNullable<DefineWorkflowInput["onFailure"]>;
