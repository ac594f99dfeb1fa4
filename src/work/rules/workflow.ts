import type { Graph, Node } from "./definition.ts";
import type { StepFailure } from "./mapping.ts";

export const WORKFLOW_STATES = [
  "PENDING",
  "RUNNING",
  "PAUSED",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "COMPENSATING",
  "COMPENSATED",
] as const;
export type WorkflowState = (typeof WORKFLOW_STATES)[number];

export const STEP_STATES = [
  "WAITING",
  "RUNNING",
  "COMPLETED",
  "FAILED",
  "SKIPPED",
  "UNREACHED",
  "CANCELLED",
  "COMPENSATING",
  "COMPENSATED",
] as const;
export type StepState = (typeof STEP_STATES)[number];

export const WORKFLOW_FAILURES = ["STEP_FAILED", "COMPENSATION_FAILED"] as const;
export type WorkflowFailure = (typeof WORKFLOW_FAILURES)[number];

/** How many tasks of one kind there are to be, were made, and ended in which way. */
export type Count = { total: number; made: number; completed: number; failed: number };
/** What the machine knows of a step: a task, or one for each item, and those that undo it. */
export type StepRun = {
  state: StepState;
  failure: StepFailure | null;
  work: Count;
  undo: Count;
  /** Its place among the steps that ended with something done, from 1; 0 before. */
  place: number;
};
/** A run of a workflow as the machine sees it. Its size is that of the definition, however many tasks there are. */
export type Run = { state: WorkflowState; failure: WorkflowFailure | null; steps: ReadonlyMap<string, StepRun> };

/** Tasks that ended since the last look: CANCELLED ones count as failed. */
type Ended = { key: string; completed: number; failed: number };
export type WorkflowCommand =
  | { type: "START" }
  | { type: "PAUSE" }
  | { type: "RESUME" }
  | { type: "CANCEL" }
  | { type: "SKIP"; key: string }
  | { type: "BEGIN"; key: string; total: number }
  | { type: "FAULT"; key: string; failure: StepFailure }
  | { type: "MADE"; key: string; undo: boolean; count: number }
  | ({ type: "ENDED"; undo: boolean } & Ended);
type PersonsType = "START" | "PAUSE" | "RESUME" | "CANCEL";

export type WorkflowEvent =
  | { type: "WorkflowStateChanged"; state: WorkflowState; failure: WorkflowFailure | null }
  | { type: "WorkflowStepChanged"; key: string; state: StepState; failure: StepFailure | null; counts: Count };

export type WorkflowRefusal = { ok: false; refusal: "INVALID_TRANSITION"; from: string; to: string };
export type WorkflowDecision = { ok: true; run: Run; events: WorkflowEvent[] } | WorkflowRefusal;

const NONE: Count = { total: 0, made: 0, completed: 0, failed: 0 };
export const WAITING_STEP: StepRun = { state: "WAITING", failure: null, work: NONE, undo: NONE, place: 0 };

/** A run that has not begun. */
export const newRun = ({ nodes }: Graph): Run => ({
  state: "PENDING",
  failure: null,
  steps: new Map([...nodes.keys()].map((key) => [key, WAITING_STEP])),
});

/** From which states a person's command leads where. */
export const TRANSITIONS: Record<PersonsType, { from: readonly WorkflowState[]; to: WorkflowState }> = {
  START: { from: ["PENDING"], to: "RUNNING" },
  PAUSE: { from: ["PENDING", "RUNNING"], to: "PAUSED" },
  RESUME: { from: ["PAUSED"], to: "RUNNING" },
  CANCEL: { from: ["PENDING", "RUNNING", "PAUSED"], to: "CANCELLED" },
};

/** The machine of a workflow: what a command makes of a run, or why it is refused. Nothing else changes a run. */
export function decide(graph: Graph, run: Run, command: WorkflowCommand): WorkflowDecision {
  const moved = "key" in command ? moveStep(graph, run, command) : move(run, command.type);
  return "refusal" in moved ? moved : told(run, settle(graph, moved));
}

function move(run: Run, type: PersonsType): Run | WorkflowRefusal {
  const { from, to } = TRANSITIONS[type];
  if (!from.includes(run.state)) return forbid(run.state, to);
  return type === "CANCEL" ? abandon({ ...run, state: to }) : { ...run, state: to };
}

const forbid = (from: string, to: string): WorkflowRefusal => ({ ok: false, refusal: "INVALID_TRANSITION", from, to });
const leaves = ({ made, completed, failed }: Count) => made - completed - failed;
/** How many tasks of a step are out. */
export const open = ({ work, undo }: StepRun): number => leaves(work) + leaves(undo);
const isWhole = (counts: Count) => counts.completed + counts.failed === counts.total;
const set = (run: Run, key: string, step: StepRun): Run => ({ ...run, steps: new Map(run.steps).set(key, step) });

type StepCommand = Extract<WorkflowCommand, { key: string }>;

function moveStep(graph: Graph, run: Run, command: StepCommand): Run | WorkflowRefusal {
  const step = run.steps.get(command.key);
  const node = graph.nodes.get(command.key);
  if (!step || !node) return forbid("NO_STEP", command.type);
  switch (command.type) {
    case "SKIP":
      return isReady(graph, run, node)
        ? set(run, node.key, { ...step, state: "SKIPPED" })
        : forbid(step.state, "SKIPPED");
    case "BEGIN":
      return isReady(graph, run, node) ? set(run, node.key, begun(step, command.total)) : forbid(step.state, "RUNNING");
    case "FAULT":
      return isReady(graph, run, node) || (run.state === "RUNNING" && step.state === "RUNNING")
        ? set(run, node.key, placed(run, { ...step, state: "FAILED", failure: command.failure }))
        : forbid(step.state, "FAILED");
    case "MADE":
      return noteMade(run, step, command);
    case "ENDED":
      if (command.undo) return noteUndone(run, step, command);
      return noteEnded(run, step, command, node.optional || graph.onFailure === "CONTINUE");
  }
}

/** A list of nothing is done at once. */
const begun = (step: StepRun, total: number): StepRun => ({
  ...step,
  state: total === 0 ? "COMPLETED" : "RUNNING",
  work: { ...NONE, total },
});

function noteMade(
  run: Run,
  step: StepRun,
  { key, undo, count }: Extract<StepCommand, { type: "MADE" }>,
): Run | WorkflowRefusal {
  if (count > roomFor(run, step, undo)) return forbid(step.state, undo ? "COMPENSATING" : "RUNNING");
  const which = undo ? "undo" : "work";
  return set(run, key, { ...step, [which]: { ...step[which], made: step[which].made + count } });
}

/** Some of a step's tasks ended. A patient step waits for its other items where one failed. */
function noteEnded(
  run: Run,
  step: StepRun,
  { key, completed, failed }: Ended,
  patient: boolean,
): Run | WorkflowRefusal {
  if (completed + failed > leaves(step.work)) return forbid(step.state, "COMPLETED");
  const work = { ...step.work, completed: step.work.completed + completed, failed: step.work.failed + failed };
  const next = { ...step, work };
  if (step.state !== "RUNNING") return set(run, key, placed(run, next));
  if (work.failed > 0 && (isWhole(work) || !patient))
    return set(run, key, placed(run, { ...next, state: "FAILED", failure: "TASK_FAILED" }));
  return set(run, key, isWhole(work) ? placed(run, { ...next, state: "COMPLETED" }) : next);
}

/** What ended with something done takes its place once none of its tasks is out. */
function placed(run: Run, step: StepRun): StepRun {
  if (step.place > 0 || leaves(step.work) > 0 || step.work.completed === 0) return step;
  return { ...step, place: 1 + Math.max(0, ...[...run.steps.values()].map(({ place }) => place)) };
}

function noteUndone(run: Run, step: StepRun, { key, completed, failed }: Ended): Run | WorkflowRefusal {
  if (completed + failed > leaves(step.undo)) return forbid(step.state, "COMPENSATED");
  const undo = { ...step.undo, completed: step.undo.completed + completed, failed: step.undo.failed + failed };
  const next = { ...step, undo };
  if (step.state !== "COMPENSATING") return set(run, key, next);
  if (undo.failed === 0) return set(run, key, isWhole(undo) ? { ...next, state: "COMPENSATED" } : next);
  const stuck = set(run, key, { ...next, state: "FAILED", failure: "TASK_FAILED" });
  return { ...stuck, state: "FAILED", failure: "COMPENSATION_FAILED" };
}

const isOver = ({ optional }: Node, { state }: StepRun) =>
  state === "COMPLETED" || state === "SKIPPED" || (state === "FAILED" && optional);

/** Whether a step may begin: it waits, and all that it needs is over. */
function isReady({ nodes }: Graph, run: Run, node: Node): boolean {
  if (run.state !== "RUNNING" || run.steps.get(node.key)?.state !== "WAITING") return false;
  return node.needs.every((key) => {
    const [needed, step] = [nodes.get(key), run.steps.get(key)];
    return needed !== undefined && step !== undefined && isOver(needed, step);
  });
}

/** The steps that may begin now. */
export const readySteps = (graph: Graph, run: Run): string[] =>
  [...graph.nodes.values()].filter((node) => isReady(graph, run, node)).map(({ key }) => key);

/** How many of a step's tasks may be out at once. */
export const OUT_MAX = 500;

/** How many more tasks of a step may be made now. */
export function roomFor(run: Run, step: StepRun, undo: boolean): number {
  const counts = undo ? step.undo : step.work;
  const may = undo ? step.state === "COMPENSATING" : step.state === "RUNNING" && run.state === "RUNNING";
  return may ? Math.min(counts.total - counts.made, OUT_MAX - leaves(counts)) : 0;
}

/** What follows from where the steps stand. While a run is paused, nothing follows from anything. */
function settle(graph: Graph, run: Run): Run {
  if (run.state === "COMPENSATING") return compensate(graph, run);
  if (run.state !== "RUNNING") return run;
  const failed = [...graph.nodes.values()].some((node) => isLost(run.steps.get(node.key), node));
  if (!failed) return isSettled(run) ? { ...run, state: "COMPLETED" } : run;
  if (graph.onFailure === "COMPENSATE") return compensate(graph, abandon({ ...run, state: "COMPENSATING" }));
  const failure = "STEP_FAILED";
  if (graph.onFailure === "STOP") return { ...abandon(run), state: "FAILED", failure };
  const rest = leaveUnreached(graph, run);
  return isSettled(rest) ? { ...rest, state: "FAILED", failure } : rest;
}

/** Nothing is to be done any more, and nothing is out: a step that is at fault may have had some of its tasks made. */
const isSettled = ({ steps }: Run) =>
  [...steps.values()].every((step) => step.state !== "WAITING" && step.state !== "RUNNING" && open(step) === 0);

/** The steps whose tasks nobody needs though the run goes on: not all of them could be made. */
export const faulted = ({ state, steps }: Run): string[] =>
  state === "RUNNING"
    ? [...steps].filter(([, step]) => step.failure === "INPUT_TOO_LARGE" && open(step) > 0).map(([key]) => key)
    : [];

/** What waits is never reached, and what runs is called off. */
function abandon(run: Run): Run {
  const steps = new Map(run.steps);
  for (const [key, step] of steps) {
    if (step.state === "WAITING") steps.set(key, { ...step, state: "UNREACHED" });
    if (step.state === "RUNNING") steps.set(key, placed({ ...run, steps }, { ...step, state: "CANCELLED" }));
  }
  return { ...run, steps };
}

/** What needs a failed step, directly or not, is never reached; definitions need not be in order. */
function leaveUnreached({ nodes }: Graph, run: Run): Run {
  const steps = new Map(run.steps);
  const isDoomed = ({ key, needs }: Node) =>
    steps.get(key)?.state === "WAITING" && needs.some((needed) => isLost(steps.get(needed), nodes.get(needed)));
  for (let doomed = [...nodes.values()].filter(isDoomed); doomed.length > 0; ) {
    for (const { key } of doomed) steps.set(key, { ...WAITING_STEP, state: "UNREACHED" });
    doomed = [...nodes.values()].filter(isDoomed);
  }
  return { ...run, steps };
}

const isLost = (step: StepRun | undefined, node: Node | undefined) =>
  step?.state === "UNREACHED" || (step?.state === "FAILED" && !node?.optional);

/** Undoes one step after the other, the last one first, once nothing that could still be done is out. */
function compensate({ nodes }: Graph, run: Run): Run {
  const all = [...run.steps.values()];
  if (all.some((step) => open(step) > 0 || step.state === "COMPENSATING")) return run;
  const [last] = [...run.steps]
    .filter(([key, { work, undo }]) => nodes.get(key)?.compensable && work.completed > 0 && undo.total === 0)
    .toSorted(([, a], [, b]) => b.place - a.place);
  if (!last) return { ...run, state: "COMPENSATED", failure: "STEP_FAILED" };
  const [key, step] = last;
  return set(run, key, { ...step, state: "COMPENSATING", undo: { ...NONE, total: step.work.completed } });
}

/** A decision with the events that tell what is different. */
function told(was: Run, run: Run): WorkflowDecision {
  const events: WorkflowEvent[] = [];
  for (const [key, step] of run.steps) {
    const { state, failure, undo, work } = step;
    const old = was.steps.get(key) ?? WAITING_STEP;
    const isNews =
      state !== old.state || work.completed !== old.work.completed || undo.completed !== old.undo.completed;
    const counts = undo.total > 0 ? undo : work;
    if (isNews) events.push({ type: "WorkflowStepChanged", key, state, failure, counts });
  }
  if (run.state !== was.state) events.push({ type: "WorkflowStateChanged", state: run.state, failure: run.failure });
  return { ok: true, run, events };
}
