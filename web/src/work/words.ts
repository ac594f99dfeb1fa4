import type { TaskFailure, TaskState, WorkflowState, WorkflowStepState } from "../generated/graphql.ts";

/** How a run is called, and the colour of its tag. */
export const RUN_WORDS: Record<WorkflowState, readonly [word: string, tag: string]> = {
  PENDING: ["Starting", "info"],
  RUNNING: ["Running", "live"],
  PAUSED: ["Paused", "warn"],
  COMPLETED: ["Completed", "good"],
  FAILED: ["Failed", "bad"],
  CANCELLED: ["Cancelled", "out"],
  COMPENSATING: ["Undoing", "warn"],
  COMPENSATED: ["Undone", "warn"],
};
export const OPEN_RUN: readonly WorkflowState[] = ["PENDING", "RUNNING", "PAUSED"];

export const STEP_WORDS: Record<WorkflowStepState, string> = {
  WAITING: "waits",
  RUNNING: "running",
  COMPLETED: "done",
  FAILED: "failed",
  SKIPPED: "skipped",
  UNREACHED: "not reached",
  CANCELLED: "cancelled",
  COMPENSATING: "being undone",
  COMPENSATED: "undone",
};

/** How a task is called, and the colour of its tag. */
export const TASK_WORDS: Record<TaskState, readonly [word: string, tag: string]> = {
  BLOCKED: ["Blocked", "out"],
  PENDING: ["Pending", "info"],
  ASSIGNED: ["Assigned", "info"],
  IN_PROGRESS: ["In progress", "live"],
  AWAITING_APPROVAL: ["Awaiting approval", "warn"],
  COMPLETED: ["Completed", "good"],
  FAILED: ["Failed", "bad"],
  CANCELLED: ["Cancelled", "out"],
};
export const FAILURES: Record<TaskFailure, string> = {
  WORKER_FAILED: "Its worker gave up.",
  ATTEMPTS_EXHAUSTED: "Every attempt failed.",
  NOT_STARTED_IN_TIME: "Nobody began in time.",
  REJECTED: "A person said no.",
};

/** The columns of the board, and what waits in each. */
export const COLUMNS: readonly { name: string; states: readonly TaskState[]; empty: string }[] = [
  { name: "Pending", states: ["PENDING", "BLOCKED"], empty: "Nothing waits for a bot." },
  { name: "Assigned", states: ["ASSIGNED"], empty: "No bot is about to begin." },
  { name: "In progress", states: ["IN_PROGRESS"], empty: "No bot is at work." },
  { name: "Awaiting approval", states: ["AWAITING_APPROVAL"], empty: "Nothing waits for a person." },
];
