import { markSeen } from "../../bots/service/presence.ts";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import { appendBatch, storedEvents, type Append } from "../../platform/streams.ts";
import {
  WORKFLOWS_TOPIC,
  assignedTopic,
  boardsOf,
  offersTopic,
  onTaskEnded,
  taskAssigned,
  toTask,
  type EndedTask,
} from "../events.ts";
import type { Complexity } from "../rules/input.ts";
import {
  deadlineOf,
  decide,
  type FailureReason,
  type Instant,
  type Task,
  type TaskCommand,
  type TaskDecision,
  type TaskRefusal,
} from "../rules/task.ts";
import type { Plan } from "../rules/timing.ts";
import { dependents, doomDependents, lockTask, waitsForMore, writeStep } from "../store/tasks.ts";

/** A task's row as it was locked. */
export type LockedTask = Row<typeof lockTask>;
/** What a step writes besides the machine's state; an error of null is forgotten, one that is absent stays. */
export type Content = { result?: unknown; error?: { code: string; message: string } | null };
export type StepRefusal = "INVALID_TRANSITION" | "LEASE_LOST" | "TASK_NOT_READY";

const ms = (at: Date | null) => at?.getTime() ?? null;
const date = (atMs: number | null) => (atMs === null ? null : new Date(atMs));

/** The machine's view of a row. */
export function machineOf(row: LockedTask): Task {
  const { attempt, approval, fence } = row;
  const common = { plan: row.plan as Plan, attempt, approval, fence, toldAtMs: ms(row.progress_told_at) };
  const state = row.state as Task["state"];
  const held = { botId: row.bot_id ?? "", leaseUntilMs: ms(row.lease_until) ?? 0 };
  switch (state) {
    case "PENDING":
      return { ...common, state, ready: row.ready, readyAtMs: ms(row.ready_at) ?? 0, startByMs: ms(row.start_by) };
    case "ASSIGNED":
      return { ...common, state, ...held, pushed: row.pushed, startByMs: ms(row.start_by) };
    case "IN_PROGRESS":
      return { ...common, state, ...held, closeByMs: ms(row.close_by) };
    case "COMPLETED":
    case "CANCELLED":
      return { ...common, state, botId: row.bot_id };
    case "FAILED":
      return { ...common, state, botId: row.bot_id, reason: row.failure as FailureReason };
    case "BLOCKED":
      return { ...common, state, hopeless: row.hopeless };
    case "AWAITING_APPROVAL":
      return { ...common, state };
  }
}

/** The columns that the machine owns, in the order of the statement that writes them. */
export function columnsOf(task: Task): unknown[] {
  const of = <Key extends string, Value>(key: Key, otherwise: Value) =>
    key in task ? ((task as Record<Key, unknown>)[key] as Value) : otherwise;
  return [
    task.state,
    of("ready", false),
    task.attempt,
    task.fence,
    of<"botId", string | null>("botId", null),
    of("pushed", false),
    date(of<"readyAtMs", number | null>("readyAtMs", null)),
    date(of<"startByMs", number | null>("startByMs", null)),
    date(of<"leaseUntilMs", number | null>("leaseUntilMs", null)),
    date(of<"closeByMs", number | null>("closeByMs", null)),
    date(deadlineOf(task)),
    of<"reason", string | null>("reason", null),
  ];
}

/** Now, with the chance that a back-off may take. */
export const instant = ({ clock, random }: Pick<Platform, "clock" | "random">): Instant => ({
  nowMs: clock.now().getTime(),
  jitter: random.bytes(4).readUInt32BE() / 2 ** 32,
});

/** The machine's refusal in the API's words. */
export function refusalOf(refused: TaskRefusal, path: string): Refusal<StepRefusal> {
  const at = ["input", path];
  if (refused.refusal === "INVALID_TRANSITION")
    return refuse(refused.refusal, {
      path: at,
      message: `A task that is ${refused.from} cannot become ${refused.to} like this.`,
    });
  if (refused.refusal === "LEASE_LOST") return refuse(refused.refusal, { path: at });
  return refuse(refused.refusal, { path: at, retryAfterMs: refused.retryAfterMs });
}

/** Decides about a locked task and writes what follows as the transaction's last statement; refuses what the machine refuses. */
export async function step(
  tx: Tx,
  platform: Platform,
  row: LockedTask,
  command: TaskCommand,
  content: Content = {},
): Promise<TaskDecision> {
  const decision = decide(machineOf(row), command, instant(platform));
  if (!decision.ok || isNothing(row, decision)) return decision;
  const at = platform.clock.now();
  const appends = [...toldBy(row, decision), ...(await end(tx, platform, row, decision))];
  if (decision.task.state === "COMPLETED") appends.push(...(await unblock(tx, platform, row.id)));
  if (decision.task.state === "CANCELLED") await tx.query(doomDependents, [row.id, at]);
  const places = await tx.finish(writeStep, [...valuesOf(row, decision, content, at), appendBatch(appends, at)]);
  const stored = storedEvents(appends, at, places);
  tx.afterCommit(() => {
    platform.hub.publish(stored);
    for (const topic of movedBy(row, decision)) platform.hub.touch(topic);
  });
  return decision;
}

/** The same within a larger transaction, which goes on: gives what is to be told. */
export async function stepWithin(tx: Tx, platform: Platform, row: LockedTask, command: TaskCommand): Promise<Append[]> {
  const decision = decide(machineOf(row), command, instant(platform));
  if (!decision.ok || isNothing(row, decision)) return [];
  const at = platform.clock.now();
  const ended = await end(tx, platform, row, decision);
  if (decision.task.state === "CANCELLED") await tx.query(doomDependents, [row.id, at]);
  await tx.query(writeStep, [...valuesOf(row, decision, {}, at), appendBatch([], at)]);
  tx.afterCommit(() => {
    for (const topic of movedBy(row, decision)) platform.hub.touch(topic);
  });
  return [...toldBy(row, decision), ...ended];
}

/** Tells those above that a task ended; gives what they want told. */
function end(tx: Tx, platform: Platform, row: LockedTask, { task }: Decided): Promise<Append[]> | Append[] {
  const ended = isOver(task) ? endedOf(row, task, platform.clock.now()) : null;
  return ended ? onTaskEnded.call(tx, platform, ended) : [];
}

function endedOf(row: LockedTask, task: Over, endedAt: Date): EndedTask {
  return {
    taskId: row.id,
    state: task.state,
    failure: task.state === "FAILED" ? task.reason : null,
    bot: row.bot_id && row.bot_owner_id ? { id: row.bot_id, ownerId: row.bot_owner_id } : null,
    creatorId: row.creator_id,
    teamId: row.team_id,
    projectId: row.project_id,
    capabilities: row.capabilities,
    complexity: row.complexity as Complexity,
    approval: row.approval,
    attempt: row.attempt,
    fence: row.fence,
    endedAt,
    durationMs: row.state === "IN_PROGRESS" && row.started_at ? endedAt.getTime() - row.started_at.getTime() : null,
  };
}

/** Lets what waited for this task alone go on; gives what is to be told. Dependents are locked in the order of their ids. */
async function unblock(tx: Tx, platform: Platform, inputId: string): Promise<Append[]> {
  const appends: Append[] = [];
  for (const { task_id: taskId } of await tx.query(dependents, [inputId])) {
    const [row] = await tx.query(lockTask, [taskId]);
    const waits = await tx.query(waitsForMore, [taskId, inputId]);
    if (row && waits.length === 0) appends.push(...(await stepWithin(tx, platform, row, { type: "UNBLOCK" })));
  }
  return appends;
}

type Decided = Extract<TaskDecision, { ok: true }>;
const OVER: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];
type Over = Extract<Task, { state: "COMPLETED" | "FAILED" | "CANCELLED" }>;
const isOver = (task: Task): task is Over => OVER.includes(task.state);
const BEGINS = ["PENDING", "ASSIGNED", "IN_PROGRESS"];

const isNothing = (row: LockedTask, { task, events }: Decided) =>
  events.length === 0 && task.state === row.state && OVER.includes(task.state);

/** What a step writes into the task's row, in the order of its statement. */
function valuesOf(row: LockedTask, { task, progress }: Decided, content: Content, at: Date): unknown[] {
  const [state, ready, attempt, fence, botId, ...rest] = columnsOf(task);
  const lastBotId = botId === null ? (row.bot_id ?? row.last_bot_id) : row.last_bot_id;
  return [
    row.id,
    ...[state, ready, attempt, fence, botId, lastBotId, ...rest],
    OVER.includes(task.state) ? at : null,
    content.error !== undefined,
    content.error ? JSON.stringify(content.error) : null,
    content.result === undefined ? null : JSON.stringify(content.result),
    task.state !== row.state && BEGINS.includes(task.state),
    progress?.percent ?? null,
    progress?.note ?? null,
    task.state === "IN_PROGRESS" ? at : null,
    at,
    date(task.toldAtMs),
  ];
}

function toldBy(row: LockedTask, { task, events }: Decided): Append[] {
  if (events.length === 0) return [];
  const told = [toTask(row.id, events)];
  if (task.state === "ASSIGNED" && task.pushed && row.state === "PENDING") told.push(taskAssigned(task.botId, row.id));
  return told;
}

/** The feeds that a step moves: the boards on which it can be seen, and who is to act on it. */
const movedBy = (row: LockedTask, { task, events, progress }: Decided): string[] => [
  ...(events.length > 0 || progress
    ? boardsOf({ creatorId: row.creator_id, teamId: row.team_id, scope: row.scope })
    : []),
  ...actedOn(row, task),
];

/** The feeds by which others act on a step: what a lane offers, what is laid on a bot, and what runs have to take in. */
function actedOn(row: LockedTask, task: Task): string[] {
  if (row.workflow_id !== null && isOver(task)) return [WORKFLOWS_TOPIC];
  if (task.state === "PENDING" && task.ready && !row.ready) return [offersTopic(row.scope)];
  return task.state === "ASSIGNED" && task.pushed && row.state === "PENDING" ? [assignedTopic(task.botId)] : [];
}

/** Who works is alive. What was done stays done where this cannot be written: the next sign of life says the same. */
export async function seenAtWork(platform: Platform, botId: string): Promise<void> {
  await markSeen(platform, botId).catch((error: unknown) =>
    platform.log.warn({ error }, "a worker's sign of life was not written"),
  );
}

/** Applies what needs nobody's leave, such as time; what has become pointless meanwhile is nothing. */
export function apply(platform: Platform, taskId: string, command: TaskCommand): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    const [row] = await tx.query(lockTask, [taskId]);
    if (!row) return false;
    return (await step(tx, platform, row, command)).ok;
  });
}
