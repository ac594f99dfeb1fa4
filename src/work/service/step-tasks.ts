import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Append } from "../../platform/streams.ts";
import { offersTopic, toTask } from "../events.ts";
import type { StepPlan } from "../rules/definition.ts";
import { OPEN_PER_CREATOR_MAX } from "../rules/input.ts";
import { create } from "../rules/task.ts";
import { holdCreator, makeLane, openBy } from "../store/tasks.ts";
import { insertStepTasks, insertUndoTasks } from "../store/workflows.ts";
import { boardsOfRun, scopeOfRun, type LockedWorkflow } from "./runs.ts";
import { columnsOf } from "./steps.ts";

/** Where tasks of a step are made: in this transaction, for this run. */
export type Making = { tx: Tx; platform: Platform; row: LockedWorkflow };

/** How many tasks its creator may have open besides those that are, at most `max`. */
export async function roomOfCreator(tx: Tx, creatorId: string, max: number): Promise<number> {
  const [, [count]] = await Promise.all([
    tx.query(holdCreator, [creatorId]),
    tx.query(openBy, [creatorId, OPEN_PER_CREATOR_MAX]),
  ]);
  return Math.min(max, OPEN_PER_CREATOR_MAX - (count?.open ?? 0));
}

const json = (value: unknown) => (value === null ? null : JSON.stringify(value));

/** Makes a step's tasks from one item on, one for each payload; gives what is to be told. */
export async function makeTasks(
  { tx, platform, row }: Making,
  step: StepPlan,
  from: number,
  payloads: readonly string[],
): Promise<Append[]> {
  const at = platform.clock.now();
  const scope = scopeOfRun(row);
  const ids = payloads.map(() => platform.random.id(at));
  const [state, ready, , , , , readyAt, startBy, , , deadlineAt] = columnsOf(create(step.plan, at.getTime(), step));
  const { capabilities, title, priority, complexity, assign, plan, approval, resultSchema } = step;
  await Promise.all([
    tx.query(makeLane, [scope, capabilities]),
    tx.query(insertStepTasks, [
      ...[scope, capabilities, row.creator_id, row.team_id, title, json(resultSchema), priority, complexity, assign],
      ...[JSON.stringify(plan), approval, state, ready, readyAt, startBy, deadlineAt, at, row.id, step.key, from],
      ...[ids, payloads, row.project_id],
    ]),
  ]);
  tx.afterCommit(() => [offersTopic(scope), ...boardsOfRun(row)].forEach(platform.hub.touch));
  return ids.map((id) => toTask(id, [{ type: "TaskCreated" }]));
}

/** Makes tasks that undo what a step did, for the next items; gives what is to be told. */
export async function makeUndoTasks(
  { tx, platform, row }: Making,
  { key, compensation, plan, priority, complexity, assign }: StepPlan,
  count: number,
): Promise<Append[]> {
  const at = platform.clock.now();
  const scope = scopeOfRun(row);
  const ids = Array.from({ length: count }, () => platform.random.id(at));
  const [state, ready, , , , , readyAt, startBy, , , deadlineAt] = columnsOf(create(plan, at.getTime()));
  const { title = "", capabilities = [] } = compensation ?? {};
  await Promise.all([
    tx.query(makeLane, [scope, capabilities]),
    tx.query(insertUndoTasks, [
      ...[scope, capabilities, row.creator_id, row.team_id, title, priority, complexity, assign, JSON.stringify(plan)],
      ...[state, ready, readyAt, startBy, deadlineAt, at, row.id, key, ids, row.project_id],
    ]),
  ]);
  tx.afterCommit(() => [offersTopic(scope), ...boardsOfRun(row)].forEach(platform.hub.touch));
  return ids.map((id) => toTask(id, [{ type: "TaskCreated" }]));
}
