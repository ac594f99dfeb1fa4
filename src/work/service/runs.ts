import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { appendBatch, storedEvents, type Append } from "../../platform/streams.ts";
import { boardsOf, toWorkflow } from "../events.ts";
import { scopeOf } from "../rules/input.ts";
import type { StepFailure } from "../rules/mapping.ts";
import type { Run, StepRun, StepState, WorkflowEvent, WorkflowFailure, WorkflowState } from "../rules/workflow.ts";
import { stepsOf, writeWorkflow, type lockWorkflow } from "../store/workflows.ts";

/** A run's row as it was locked. */
export type LockedWorkflow = Row<typeof lockWorkflow>;

type OfRun = Pick<LockedWorkflow, "creator_id" | "team_id">;

/** The lane of a run's tasks: its team's, or its creator's own. */
export const scopeOfRun = ({ team_id: teamId, creator_id: creatorId }: OfRun) =>
  scopeOf({ visibility: teamId === null ? "PRIVATE" : "TEAM", teamId }, creatorId);

/** The boards that a run moves. */
export const boardsOfRun = (row: OfRun) =>
  boardsOf({ creatorId: row.creator_id, teamId: row.team_id, scope: scopeOfRun(row) });

const OVER: readonly WorkflowState[] = ["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"];

/** The machine's view of a run. */
export async function runOf(tx: Tx, row: LockedWorkflow): Promise<Run> {
  const rows = await tx.query(stepsOf, [row.id]);
  return {
    state: row.state as WorkflowState,
    failure: row.failure as WorkflowFailure | null,
    steps: new Map(rows.map((step) => [step.key, stepRunOf(step)])),
  };
}

const stepRunOf = (row: Row<typeof stepsOf>): StepRun => ({
  state: row.state as StepState,
  failure: row.failure as StepFailure | null,
  work: { total: row.total, made: row.made, completed: row.completed, failed: row.failed },
  undo: { total: row.undo_total, made: row.undo_made, completed: row.undo_completed, failed: row.undo_failed },
  place: row.place,
});

const rowOf = (key: string, { state, failure, work, undo, place }: StepRun) => ({
  key,
  state,
  failure,
  ...work,
  undo_total: undo.total,
  undo_made: undo.made,
  undo_completed: undo.completed,
  undo_failed: undo.failed,
  place,
});

/** What became of a run, with when it is to be looked at again and what else is to be told. */
export type Became = { run: Run; events: readonly WorkflowEvent[]; wakeAt: Date | null; appends?: readonly Append[] };

/** Writes what became of a run, as one statement, and tells it after the commit. */
export async function writeRun(
  tx: Tx,
  { clock, hub }: Pick<Platform, "clock" | "hub">,
  row: LockedWorkflow,
  was: Run,
  { run, events, wakeAt, appends = [] }: Became,
): Promise<void> {
  const at = clock.now();
  const changed = [...run.steps].filter(([key, step]) => was.steps.get(key) !== step);
  const told = events.length > 0 ? [...appends, toWorkflow(row.id, events)] : appends;
  const endedAt = OVER.includes(run.state) ? (row.ended_at ?? at) : null;
  const places = await tx.query(writeWorkflow, [
    ...[row.id, run.state, run.failure, wakeAt, at, endedAt],
    JSON.stringify(changed.map(([key, step]) => rowOf(key, step))),
    appendBatch(told, at),
  ]);
  const stored = storedEvents(told, at, places);
  tx.afterCommit(() => {
    hub.publish(stored);
    if (events.length > 0) boardsOfRun(row).forEach(hub.touch);
  });
}
