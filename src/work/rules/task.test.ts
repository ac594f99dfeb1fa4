import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  create,
  deadlineOf,
  decide,
  TASK_STATES,
  type Holder,
  type Task,
  type TaskCommand,
  type TaskCommandType,
  type TaskState,
} from "./task.ts";
import type { Plan } from "./timing.ts";

const plan: Plan = {
  maxAttempts: 3,
  heartbeatMs: 30_000,
  acceptMs: 15_000,
  scheduleToStartMs: 60_000,
  startToCloseMs: 120_000,
  backoffMs: 1_000,
  backoffMaxMs: 300_000,
};
const holder: Holder = { botId: "bot", token: 1 };
const at = (nowMs: number, jitter = 0) => ({ nowMs, jitter });

const COMMANDS: Record<TaskCommandType, TaskCommand> = {
  UNBLOCK: { type: "UNBLOCK" },
  CLAIM: { type: "CLAIM", botId: "bot", start: false },
  ASSIGN: { type: "ASSIGN", botId: "bot" },
  START: { type: "START", holder },
  HEARTBEAT: { type: "HEARTBEAT", holder, progress: null, tellEveryMs: 5_000 },
  COMPLETE: { type: "COMPLETE", holder },
  FAIL: { type: "FAIL", holder, retryable: false },
  RELEASE: { type: "RELEASE", holder },
  DEADLINE: { type: "DEADLINE" },
  BOT_GONE: { type: "BOT_GONE" },
  CANCEL: { type: "CANCEL" },
  RETRY: { type: "RETRY" },
  APPROVE: { type: "APPROVE" },
  REJECT: { type: "REJECT" },
};

/** The task that commands make of another, all at the instant 0; a refusal is a fault of the test. */
function after(task: Task, ...commands: TaskCommandType[]): Task {
  return commands.reduce((before, type) => {
    const decision = decide(before, COMMANDS[type], at(0));
    if (!decision.ok) throw new Error(`${type} was refused in ${before.state}`);
    return decision.task;
  }, task);
}

const fresh = create(plan, 0);
const STATES: Record<TaskState, Task> = {
  BLOCKED: create(plan, 0, { blocked: true }),
  PENDING: fresh,
  ASSIGNED: after(fresh, "CLAIM"),
  IN_PROGRESS: after(fresh, "CLAIM", "START"),
  AWAITING_APPROVAL: create(plan, 0, { approval: true }),
  COMPLETED: after(fresh, "CLAIM", "START", "COMPLETE"),
  FAILED: after(fresh, "CLAIM", "START", "FAIL"),
  CANCELLED: after(fresh, "CLAIM", "CANCEL"),
};

/** The arrows of the design, by hand: what each state allows, and where it leads. DEADLINE is looked at below. */
const ARROWS: Record<TaskState, Partial<Record<TaskCommandType, TaskState>>> = {
  BLOCKED: { UNBLOCK: "PENDING", CANCEL: "CANCELLED" },
  PENDING: { CLAIM: "ASSIGNED", ASSIGN: "ASSIGNED", CANCEL: "CANCELLED" },
  ASSIGNED: {
    START: "IN_PROGRESS",
    HEARTBEAT: "ASSIGNED",
    RELEASE: "PENDING",
    BOT_GONE: "PENDING",
    CANCEL: "CANCELLED",
  },
  IN_PROGRESS: {
    HEARTBEAT: "IN_PROGRESS",
    COMPLETE: "COMPLETED",
    FAIL: "FAILED",
    BOT_GONE: "PENDING",
    CANCEL: "CANCELLED",
  },
  AWAITING_APPROVAL: { APPROVE: "COMPLETED", REJECT: "FAILED", CANCEL: "CANCELLED" },
  COMPLETED: {},
  FAILED: { RETRY: "PENDING" },
  CANCELLED: { HEARTBEAT: "CANCELLED" },
};
/** Where a command leads, as its refusal says. */
const LEADS_TO: Record<TaskCommandType, TaskState> = {
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

const pairs = TASK_STATES.flatMap((state) =>
  (Object.keys(COMMANDS) as TaskCommandType[]).map((command) => [state, command, ARROWS[state][command]] as const),
);
const allowed = pairs.flatMap(([state, command, next]) => (next ? [[state, command, next] as const] : []));
const forbidden = pairs.filter(([, , next]) => !next);

test("every state and command is looked at", () => {
  expect(pairs.length).toBe(8 * 14);
  expect(allowed.length).toBe(20);
});

test.each(allowed)("%s by %s becomes %s", (state, command, next) => {
  const decision = decide(STATES[state], COMMANDS[command], at(0));
  expect(decision.ok && decision.task.state).toBe(next);
});

test.each(forbidden)("%s refuses %s and names both states", (state, command) => {
  expect(decide(STATES[state], COMMANDS[command], at(0))).toEqual({
    ok: false,
    refusal: "INVALID_TRANSITION",
    from: state,
    to: LEADS_TO[command],
  });
});

const WORKER = ["START", "HEARTBEAT", "COMPLETE", "FAIL", "RELEASE"] as const;
const stale: [string, Task, Holder, number][] = [
  ["after its lease ended", STATES.IN_PROGRESS, holder, 30_000],
  [
    "after its attempt took too long, whatever signs of life came",
    { ...STATES.IN_PROGRESS, leaseUntilMs: 600_000 } as Task,
    holder,
    120_000,
  ],
  [
    "after nobody started the task in time, whatever signs of life came",
    { ...STATES.ASSIGNED, leaseUntilMs: 600_000 } as Task,
    holder,
    60_000,
  ],
  ["after the task went back to the queue", after(fresh, "CLAIM", "START", "BOT_GONE"), holder, 0],
  ["after another took it", { ...STATES.IN_PROGRESS, fence: 2 }, holder, 0],
  [
    "after the task died",
    { ...fresh, fence: 1, state: "FAILED", botId: null, reason: "ATTEMPTS_EXHAUSTED" },
    holder,
    0,
  ],
  ["with another's token", STATES.ASSIGNED, { botId: "another", token: 1 }, 0],
  ["with a token that was never given", STATES.ASSIGNED, { botId: "bot", token: 2 }, 0],
];
describe.each(stale)("a worker %s", (_when, task, by, nowMs) => {
  test.each(WORKER)("has lost the lease for %s", (type) => {
    expect(decide(task, { ...COMMANDS[type], holder: by } as TaskCommand, at(nowMs))).toEqual({
      ok: false,
      refusal: "LEASE_LOST",
    });
  });
});

/** A task's fate in one line: its state, its attempt and what is told. */
function fate(task: Task, command: TaskCommand, nowMs: number, jitter = 0): string {
  const decision = decide(task, command, at(nowMs, jitter));
  if (!decision.ok) return decision.refusal;
  const told = decision.events.map((event) => ("reason" in event ? `${event.type} ${event.reason}` : event.type));
  return [decision.task.state, decision.task.attempt, ...told].join(" ");
}
const pushed = after(fresh, "ASSIGN");
const last = (task: Task): Task => ({ ...task, attempt: 3 });

test.each([
  ["nobody starts it within its minute", fresh, 60_000, "FAILED 1 TaskFailed NOT_STARTED_IN_TIME"],
  ["one millisecond before", fresh, 59_999, "INVALID_TRANSITION"],
  ["its claim is silent for 30 s", STATES.ASSIGNED, 30_000, "PENDING 2 TaskReturned LEASE_EXPIRED"],
  ["its claim is silent for less", STATES.ASSIGNED, 29_999, "INVALID_TRANSITION"],
  ["the bot that it was given does not start it in 15 s", pushed, 15_000, "PENDING 1 TaskReturned NOT_ACCEPTED"],
  [
    "it is claimed, but not started within its minute",
    STATES.ASSIGNED,
    60_000,
    "FAILED 1 TaskFailed NOT_STARTED_IN_TIME",
  ],
  ["its worker is silent for 30 s", STATES.IN_PROGRESS, 30_000, "PENDING 2 TaskReturned LEASE_EXPIRED"],
  ["its worker takes two minutes", STATES.IN_PROGRESS, 120_000, "PENDING 2 TaskReturned TOOK_TOO_LONG"],
  ["it was the last attempt", last(STATES.IN_PROGRESS), 30_000, "FAILED 3 TaskFailed ATTEMPTS_EXHAUSTED"],
] as const)("when %s", (_sentence, task, nowMs, expected) => {
  expect(fate(task, { type: "DEADLINE" }, nowMs)).toBe(expected);
});

test.each([
  ["a failure that may be retried is", STATES.IN_PROGRESS, true, "PENDING 2 TaskReturned WORKER_FAILED"],
  ["a failure that may not ends it", STATES.IN_PROGRESS, false, "FAILED 1 TaskFailed WORKER_FAILED"],
  ["the third failure is the last", last(STATES.IN_PROGRESS), true, "FAILED 3 TaskFailed ATTEMPTS_EXHAUSTED"],
] as const)("%s", (_sentence, task, retryable, expected) => {
  expect(fate(task, { type: "FAIL", holder, retryable }, 0)).toBe(expected);
});

test("what waits for its back-off cannot be claimed before, and says when", () => {
  const waiting = after(fresh, "CLAIM", "START", "BOT_GONE");
  const claim = COMMANDS.CLAIM;
  // Half of one second at least, by chance up to the whole.
  expect(decide(waiting, claim, at(499))).toEqual({ ok: false, refusal: "TASK_NOT_READY", retryAfterMs: 1 });
  expect(fate(waiting, { type: "DEADLINE" }, 500)).toBe("PENDING 2 TaskReady");
  expect(fate(waiting, claim, 500)).toBe("ASSIGNED 2 TaskClaimed");
});

test("what nobody started in time is not claimed any more, though time has not ended it yet", () => {
  for (const command of [COMMANDS.CLAIM, COMMANDS.ASSIGN]) {
    expect(fate(fresh, command, 59_999)).toBe("ASSIGNED 1 TaskClaimed");
    expect(fate(fresh, command, 60_000)).toBe("INVALID_TRANSITION");
  }
});

test("signs of life move the lease, but not the time that an attempt may take", () => {
  const beaten = decide(STATES.IN_PROGRESS, COMMANDS.HEARTBEAT, at(29_999));
  expect(beaten.ok && deadlineOf(beaten.task)).toBe(59_999);
  const late = decide({ ...STATES.IN_PROGRESS, leaseUntilMs: 130_000 } as Task, COMMANDS.HEARTBEAT, at(119_000));
  expect(late.ok && deadlineOf(late.task)).toBe(120_000);
});

test.each([
  // when the worker says how far it is after it was told at 10 s, whether that is told, and when it was told last then
  [10_000, false, 10_000],
  [14_999, false, 10_000],
  [15_000, true, 15_000],
])("of progress at %i ms the stream is told: %s; it is kept at any rate", (nowMs, isTold, toldAtMs) => {
  const progress = { percent: 40, note: null };
  const before = { ...STATES.IN_PROGRESS, toldAtMs: 10_000 } as Task;
  const beaten = decide(before, { type: "HEARTBEAT", holder, progress, tellEveryMs: 5_000 }, at(nowMs));
  const events = isTold ? [{ type: "TaskProgressed", botId: "bot", ...progress }] : [];
  expect(beaten).toMatchObject({ ok: true, task: { toldAtMs }, events, progress });
});

test("signs of life do not accept what was pushed", () => {
  const beaten = decide(pushed, COMMANDS.HEARTBEAT, at(14_000));
  expect(beaten.ok && deadlineOf(beaten.task)).toBe(15_000);
});

test.each([
  [
    "a person's step waits for a person",
    create(plan, 0, { approval: true, blocked: true }),
    "UNBLOCK",
    "AWAITING_APPROVAL",
  ],
  ["and again after a rejection", after(create(plan, 0, { approval: true }), "REJECT"), "RETRY", "AWAITING_APPROVAL"],
  ["a bot's step waits for a bot", create(plan, 0, { blocked: true }), "UNBLOCK", "PENDING"],
] as const)("%s", (_sentence, task, type, state) => {
  const decision = decide(task, COMMANDS[type], at(0));
  expect(decision.ok && decision.task.state).toBe(state);
});

test("what waits for a task that was cancelled is ended by time, and what waits for others is not", () => {
  const waits = create(plan, 0, { blocked: true });
  expect(fate(waits, { type: "DEADLINE" }, 1)).toBe("INVALID_TRANSITION");
  expect(fate({ ...waits, hopeless: true } as Task, { type: "DEADLINE" }, 1)).toBe("CANCELLED 1 TaskCancelled");
});

test("a claim that starts at once is told as both", () => {
  expect(fate(fresh, { type: "CLAIM", botId: "bot", start: true }, 0)).toBe("IN_PROGRESS 1 TaskClaimed TaskStarted");
});

test("whatever happens, tokens only grow, attempts stay in their bounds and one bot at most holds the task", () => {
  const command = fc.constantFrom(...(Object.keys(COMMANDS) as TaskCommandType[]));
  const step = fc.record({
    command,
    waitMs: fc.integer({ min: 0, max: 70_000 }),
    token: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let [task, nowMs] = [create(plan, 0), 0];
      for (const { command: type, waitMs, token } of steps) {
        nowMs += waitMs;
        const given = COMMANDS[type];
        const decision = decide(
          task,
          "holder" in given ? { ...given, holder: { botId: "bot", token } } : given,
          at(nowMs),
        );
        if (!decision.ok) continue;
        const next = decision.task;
        expect(next.fence).toBeGreaterThanOrEqual(task.fence);
        expect(next.attempt).toBeLessThanOrEqual(plan.maxAttempts);
        const isOver = task.state === "COMPLETED" || task.state === "CANCELLED";
        expect(isOver && !isDeepStrictEqual(next, task)).toBe(false);
        expect(type === "COMPLETE" && token !== task.fence).toBe(false);
        task = next;
      }
    }),
    { numRuns: 300 },
  );
});
