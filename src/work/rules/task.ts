import { backoffMs, type Plan } from "./timing.ts";

export const TASK_STATES = [
  "BLOCKED",
  "PENDING",
  "ASSIGNED",
  "IN_PROGRESS",
  "AWAITING_APPROVAL",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type TaskState = (typeof TASK_STATES)[number];
/** States that time or people can still change without a retry. */
export const OPEN_STATES = ["BLOCKED", "PENDING", "ASSIGNED", "IN_PROGRESS", "AWAITING_APPROVAL"] as const;

/** Why a task failed; ATTEMPTS_EXHAUSTED is the dead letter. */
export const FAILURE_REASONS = ["WORKER_FAILED", "ATTEMPTS_EXHAUSTED", "NOT_STARTED_IN_TIME", "REJECTED"] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why a task went back to the queue. */
export const RETURN_REASONS = [
  "RELEASED",
  "NOT_ACCEPTED",
  "LEASE_EXPIRED",
  "TOOK_TOO_LONG",
  "BOT_GONE",
  "WORKER_FAILED",
] as const;
export type ReturnReason = (typeof RETURN_REASONS)[number];

/** Who holds a task: the bot, and the fencing number that its claim was given. */
export type Holder = { botId: string; token: number };

type Common = {
  plan: Plan;
  /** The attempt that runs or comes next, from 1. */
  attempt: number;
  /** Whether a person decides instead of a bot. */
  approval: boolean;
  /** The newest fencing number that was given; 0 before the first claim. */
  fence: number;
  /** When its progress was told last, or null. */
  toldAtMs: number | null;
};
type Waiting = { ready: boolean; readyAtMs: number; startByMs: number | null };
type Held = { botId: string; leaseUntilMs: number };

/** A task as the machine sees it: each state carries only what belongs to it. */
export type Task = Common &
  /** Hopeless once something that it waits for was cancelled, which nothing revives. */
  (
    | { state: "BLOCKED"; hopeless: boolean }
    | ({ state: "PENDING" } & Waiting)
    | ({ state: "ASSIGNED"; pushed: boolean; startByMs: number | null } & Held)
    | ({ state: "IN_PROGRESS"; closeByMs: number | null } & Held)
    | { state: "AWAITING_APPROVAL" }
    | { state: "COMPLETED"; botId: string | null }
    | { state: "FAILED"; botId: string | null; reason: FailureReason }
    | { state: "CANCELLED"; botId: string | null }
  );
type In<State extends TaskState> = Extract<Task, { state: State }>;

/** What a worker says of its work: a part in percent, a note, or both. */
export type Progress = { percent: number | null; note: string | null };

export type TaskCommand =
  | { type: "UNBLOCK" }
  | { type: "CLAIM"; botId: string; start: boolean }
  | { type: "ASSIGN"; botId: string }
  | { type: "START"; holder: Holder }
  /** Progress is always kept, and told every so often. */
  | { type: "HEARTBEAT"; holder: Holder; progress: Progress | null; tellEveryMs: number }
  | { type: "COMPLETE"; holder: Holder }
  | { type: "FAIL"; holder: Holder; retryable: boolean }
  | { type: "RELEASE"; holder: Holder }
  | { type: "DEADLINE" }
  | { type: "BOT_GONE" }
  | { type: "CANCEL" }
  | { type: "RETRY" }
  | { type: "APPROVE" }
  | { type: "REJECT" };
export type TaskCommandType = TaskCommand["type"];

/** What happened to a task; ids are raw UUIDs, instants RFC 3339. */
export type TaskEvent =
  | { type: "TaskUnblocked" | "TaskReady" | "TaskCancelled" | "TaskApproved" }
  | { type: "TaskRetried"; attempt: number }
  | { type: "TaskClaimed"; botId: string; attempt: number; pushed: boolean; leaseUntil: string }
  | { type: "TaskStarted"; botId: string; attempt: number }
  | { type: "TaskProgressed"; botId: string; percent: number | null; note: string | null }
  | { type: "TaskReturned"; botId: string; reason: ReturnReason; attempt: number; readyAt: string }
  | { type: "TaskCompleted"; botId: string }
  | { type: "TaskFailed"; botId: string | null; reason: FailureReason; after: ReturnReason | null };

/** Time and chance, as the caller has them: `jitter` is at least 0 and below 1. */
export type Instant = { nowMs: number; jitter: number };

export type TaskRefusal =
  | { ok: false; refusal: "INVALID_TRANSITION"; from: TaskState; to: TaskState }
  | { ok: false; refusal: "LEASE_LOST" }
  | { ok: false; refusal: "TASK_NOT_READY"; retryAfterMs: number };
export type TaskDecision = { ok: true; task: Task; events: TaskEvent[]; progress?: Progress } | TaskRefusal;

/** Where each command leads when all goes as it says: what a refusal names. */
export const TARGETS: Record<TaskCommandType, TaskState> = {
  UNBLOCK: "PENDING",
  CLAIM: "ASSIGNED",
  ASSIGN: "ASSIGNED",
  START: "IN_PROGRESS",
  HEARTBEAT: "IN_PROGRESS",
  COMPLETE: "COMPLETED",
  FAIL: "FAILED",
  RELEASE: "PENDING",
  DEADLINE: "PENDING",
  BOT_GONE: "PENDING",
  CANCEL: "CANCELLED",
  RETRY: "PENDING",
  APPROVE: "COMPLETED",
  REJECT: "FAILED",
};

/** The machine of a task: what a command makes of it, or why it is refused. Nothing else changes a task. */
export function decide(task: Task, command: TaskCommand, at: Instant): TaskDecision {
  if ("holder" in command) return decideForHolder(task, command, at);
  switch (command.type) {
    case "UNBLOCK":
      return task.state === "BLOCKED" ? to(waiting(task, at.nowMs), { type: "TaskUnblocked" }) : forbid(task, command);
    case "CLAIM":
      return task.state === "PENDING" ? claim(task, command, at.nowMs) : forbid(task, command);
    case "ASSIGN":
      return task.state === "PENDING" ? assign(task, command.botId, at.nowMs) : forbid(task, command);
    case "DEADLINE":
      return decideDeadline(task, at);
    case "BOT_GONE":
      return isHeld(task) ? giveBack(task, "BOT_GONE", at) : forbid(task, command);
    case "CANCEL":
    case "RETRY":
    case "APPROVE":
    case "REJECT":
      return decideForPerson(task, command, at);
  }
}

type PersonsCommand = Extract<TaskCommand, { type: "CANCEL" | "RETRY" | "APPROVE" | "REJECT" }>;

/** Commands of who made the task or leads its team. */
function decideForPerson(task: Task, command: PersonsCommand, at: Instant): TaskDecision {
  switch (command.type) {
    case "CANCEL":
      return isOpen(task) ? cancel(task) : forbid(task, command);
    case "RETRY":
      return task.state === "FAILED" ? retry(task, at.nowMs) : forbid(task, command);
    case "APPROVE":
      return task.state === "AWAITING_APPROVAL" ? approve(task) : forbid(task, command);
    case "REJECT":
      return task.state === "AWAITING_APPROVAL" ? fail(task, null, "REJECTED", null) : forbid(task, command);
  }
}

/** Commands of the worker: only who holds the newest lease is heard, before it ends or the time for the task is over. */
function decideForHolder(task: Task, command: Extract<TaskCommand, { holder: Holder }>, at: Instant): TaskDecision {
  const { holder } = command;
  if (!isHeld(task)) return decideAfterwards(task, command);
  if (!holds(task, holder) || isPast(deadlineOf(task), at)) return { ok: false, refusal: "LEASE_LOST" };
  switch (command.type) {
    case "START":
      return task.state === "ASSIGNED" ? start(task, at.nowMs) : forbid(task, command);
    case "HEARTBEAT":
      return beat(task, command, at.nowMs);
    case "COMPLETE":
      return task.state === "IN_PROGRESS" ? complete(task) : forbid(task, command);
    case "FAIL":
      return task.state === "IN_PROGRESS" ? failAttempt(task, command.retryable, at) : forbid(task, command);
    case "RELEASE":
      return task.state === "ASSIGNED" ? release(task, at) : forbid(task, command);
  }
}

/** Nobody holds the task: who held it last hears of the cancellation, or that it is over; everybody else has lost it. */
function decideAfterwards(task: Task, command: Extract<TaskCommand, { holder: Holder }>): TaskDecision {
  const { token } = command.holder;
  const wasGiven = token >= 1 && token <= task.fence;
  if (wasGiven && !holds(task, command.holder)) return { ok: false, refusal: "LEASE_LOST" };
  if (task.state === "CANCELLED" && command.type === "HEARTBEAT") return to(task);
  return forbid(task, command);
}

const holds = (task: Task, { botId, token }: Holder) => "botId" in task && task.botId === botId && task.fence === token;
const isHeld = (task: Task): task is In<"ASSIGNED" | "IN_PROGRESS"> =>
  task.state === "ASSIGNED" || task.state === "IN_PROGRESS";
const isOpen = (task: Task): task is In<(typeof OPEN_STATES)[number]> =>
  (OPEN_STATES as readonly TaskState[]).includes(task.state);

const to = (task: Task, ...events: TaskEvent[]): TaskDecision => ({ ok: true, task, events });
const forbid = (task: Task, { type }: { type: TaskCommandType }): TaskDecision => ({
  ok: false,
  refusal: "INVALID_TRANSITION",
  from: task.state,
  to: TARGETS[type],
});
const common = ({ plan, attempt, approval, fence, toldAtMs }: Task): Common => ({
  plan,
  attempt,
  approval,
  fence,
  toldAtMs,
});
const after = (ms: number | null, nowMs: number) => (ms === null ? null : nowMs + ms);
const time = (ms: number) => new Date(ms).toISOString();

/** Waits for a worker from now on; with a delay it is not ready yet. */
function pending(task: Task, nowMs: number, delayMs = 0): In<"PENDING"> {
  const readyAtMs = nowMs + delayMs;
  const startByMs = after(task.plan.scheduleToStartMs, readyAtMs);
  return { ...common(task), state: "PENDING", ready: delayMs <= 0, readyAtMs, startByMs };
}

/** Waits for whoever it is for: a person, or a bot. */
function waiting(task: Task, nowMs: number): In<"PENDING" | "AWAITING_APPROVAL"> {
  return task.approval ? { ...common(task), state: "AWAITING_APPROVAL" } : pending(task, nowMs);
}

/** What a task is when it is made: BLOCKED where it waits for others. */
export function create(plan: Plan, nowMs: number, { blocked = false, approval = false } = {}): Task {
  const made: Task = { plan, attempt: 1, approval, fence: 0, toldAtMs: null, state: "BLOCKED", hopeless: false };
  return blocked ? made : waiting(made, nowMs);
}

function claim(
  task: In<"PENDING">,
  { botId, start: startNow }: { botId: string; start: boolean },
  nowMs: number,
): TaskDecision {
  const untimely = refuseUntimely(task, nowMs);
  if (untimely) return untimely;
  const held = lease(task, botId, nowMs + task.plan.heartbeatMs, false);
  const claimed = claimedEvent(held);
  return startNow ? to(started(held, nowMs), claimed, startedEvent(held)) : to(held, claimed);
}

function assign(task: In<"PENDING">, botId: string, nowMs: number): TaskDecision {
  const untimely = refuseUntimely(task, nowMs);
  if (untimely) return untimely;
  const held = lease(task, botId, nowMs + task.plan.acceptMs, true);
  return to(held, claimedEvent(held));
}

/** Not before it is ready, and not once nobody started it in time: what time makes of it then is for time alone. */
function refuseUntimely(task: In<"PENDING">, nowMs: number): TaskRefusal | null {
  if (isPast(task.startByMs, { nowMs }))
    return { ok: false, refusal: "INVALID_TRANSITION", from: "PENDING", to: "ASSIGNED" };
  const waitMs = task.readyAtMs - nowMs;
  return task.ready || waitMs <= 0 ? null : { ok: false, refusal: "TASK_NOT_READY", retryAfterMs: waitMs };
}

function lease(task: In<"PENDING">, botId: string, leaseUntilMs: number, pushed: boolean): In<"ASSIGNED"> {
  const { startByMs } = task;
  return { ...common(task), fence: task.fence + 1, state: "ASSIGNED", botId, leaseUntilMs, pushed, startByMs };
}

const claimedEvent = ({ botId, attempt, pushed, leaseUntilMs }: In<"ASSIGNED">): TaskEvent => ({
  type: "TaskClaimed",
  botId,
  attempt,
  pushed,
  leaseUntil: time(leaseUntilMs),
});
const startedEvent = ({ botId, attempt }: In<"ASSIGNED">): TaskEvent => ({ type: "TaskStarted", botId, attempt });

function started(task: In<"ASSIGNED">, nowMs: number): In<"IN_PROGRESS"> {
  const { heartbeatMs, startToCloseMs } = task.plan;
  const until = { leaseUntilMs: nowMs + heartbeatMs, closeByMs: after(startToCloseMs, nowMs) };
  return { ...common(task), state: "IN_PROGRESS", botId: task.botId, ...until };
}

const start = (task: In<"ASSIGNED">, nowMs: number) => to(started(task, nowMs), startedEvent(task));

type Beat = Extract<TaskCommand, { type: "HEARTBEAT" }>;

/** Extends the lease. An assignment that was pushed is accepted by starting it, not by signs of life. */
function beat(task: In<"ASSIGNED" | "IN_PROGRESS">, { progress, tellEveryMs }: Beat, nowMs: number): TaskDecision {
  const isAccepted = task.state === "IN_PROGRESS" || !task.pushed;
  const alive = isAccepted ? { ...task, leaseUntilMs: nowMs + task.plan.heartbeatMs } : task;
  if (progress === null) return to(alive);
  const isTold = task.toldAtMs === null || nowMs >= task.toldAtMs + tellEveryMs;
  const events: TaskEvent[] = isTold ? [{ type: "TaskProgressed", botId: task.botId, ...progress }] : [];
  return { ok: true, task: isTold ? { ...alive, toldAtMs: nowMs } : alive, events, progress };
}

const complete = (task: In<"IN_PROGRESS">) =>
  to({ ...common(task), state: "COMPLETED", botId: task.botId }, { type: "TaskCompleted", botId: task.botId });
const approve = (task: Task) => to({ ...common(task), state: "COMPLETED", botId: null }, { type: "TaskApproved" });
const cancel = (task: Task) =>
  to({ ...common(task), state: "CANCELLED", botId: isHeld(task) ? task.botId : null }, { type: "TaskCancelled" });

function failAttempt(task: In<"IN_PROGRESS">, retryable: boolean, at: Instant): TaskDecision {
  return retryable ? giveBack(task, "WORKER_FAILED", at) : fail(task, task.botId, "WORKER_FAILED", null);
}

function fail(task: Task, botId: string | null, reason: FailureReason, cause: ReturnReason | null): TaskDecision {
  return to({ ...common(task), state: "FAILED", botId, reason }, { type: "TaskFailed", botId, reason, after: cause });
}

/** An attempt is over without a result: the next one comes after its back-off, or the task is dead. */
function giveBack(task: In<"ASSIGNED" | "IN_PROGRESS">, reason: ReturnReason, at: Instant): TaskDecision {
  const { plan, attempt, botId } = task;
  if (attempt >= plan.maxAttempts) return fail(task, null, "ATTEMPTS_EXHAUSTED", reason);
  const next = pending({ ...task, attempt: attempt + 1 }, at.nowMs, backoffMs(plan, attempt, at.jitter));
  return to(next, returnedEvent(next, botId, reason));
}

/** Nothing was begun: the attempt is not counted, and the task waits a back-off of the first attempt. */
function release(task: In<"ASSIGNED">, at: Instant, reason: ReturnReason = "RELEASED"): TaskDecision {
  const again = pending(task, at.nowMs, backoffMs(task.plan, 1, at.jitter));
  const next = { ...again, startByMs: task.startByMs };
  return to(next, returnedEvent(next, task.botId, reason));
}

const returnedEvent = ({ attempt, readyAtMs }: In<"PENDING">, botId: string, reason: ReturnReason): TaskEvent => ({
  type: "TaskReturned",
  botId,
  reason,
  attempt,
  readyAt: time(readyAtMs),
});

function retry(task: In<"FAILED">, nowMs: number): TaskDecision {
  const again = waiting({ ...task, attempt: 1 }, nowMs);
  return to(again, { type: "TaskRetried", attempt: 1 });
}

/** What time alone changes; a deadline that has not come, or belongs to no state, is a forbidden transition. */
function decideDeadline(task: Task, at: Instant): TaskDecision {
  if (task.state === "BLOCKED" && task.hopeless) return cancel(task);
  const dueMs = deadlineOf(task);
  if (dueMs === null || at.nowMs < dueMs) return forbid(task, { type: "DEADLINE" });
  if (task.state === "PENDING") return isPast(task.startByMs, at) ? notStarted(task) : ready(task);
  if (task.state === "ASSIGNED") {
    if (isPast(task.startByMs, at)) return notStarted(task);
    return task.pushed ? release(task, at, "NOT_ACCEPTED") : giveBack(task, "LEASE_EXPIRED", at);
  }
  if (task.state !== "IN_PROGRESS") return forbid(task, { type: "DEADLINE" });
  return giveBack(task, isPast(task.closeByMs, at) ? "TOOK_TOO_LONG" : "LEASE_EXPIRED", at);
}

const isPast = (ms: number | null, { nowMs }: Pick<Instant, "nowMs">) => ms !== null && nowMs >= ms;
const notStarted = (task: Task) => fail(task, null, "NOT_STARTED_IN_TIME", null);
const ready = (task: In<"PENDING">) => to({ ...task, ready: true }, { type: "TaskReady" });

/** When time alone changes a task next, or null. */
export function deadlineOf(task: Task): number | null {
  if (task.state === "PENDING") return earliest(task.ready ? null : task.readyAtMs, task.startByMs);
  if (task.state === "ASSIGNED") return earliest(task.leaseUntilMs, task.startByMs);
  return task.state === "IN_PROGRESS" ? earliest(task.leaseUntilMs, task.closeByMs) : null;
}

function earliest(...instants: readonly (number | null)[]): number | null {
  const set = instants.filter((ms) => ms !== null);
  return set.length === 0 ? null : Math.min(...set);
}
