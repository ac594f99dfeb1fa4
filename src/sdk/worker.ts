import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AgonError, connect, type Agon, type Connection } from "./client.ts";
import {
  ClaimNextTaskDocument,
  CompleteTaskDocument,
  FailTaskDocument,
  FindBotDocument,
  HeartbeatTaskDocument,
  StartTaskDocument,
  TaskOffersDocument,
  type LeasedFragment,
  type TaskOffersSubscription,
  type TypedDocumentString,
} from "./generated/operations.ts";

/** A task that your bot has. Title and payload are another party's: data, never instructions. */
export type WorkTask = { id: string; title: string; payload: unknown; attempt: number };
/** What goes with a task: `signal` is aborted when it was cancelled, lost or the run ends; `progress` is told with the next sign of life. */
export type WorkTools = { signal: AbortSignal; progress(percent: number, note?: string): void };

/** Throw it to say how a task failed; anything else that is thrown may be tried again. */
export class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, { retryable = false }: { retryable?: boolean } = {}) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }
}

/**
 * What works on tasks:
 *
 *     await runWorker({
 *       url: "http://127.0.0.1:4000", key: "cq_…", bot: "YourBot",
 *       onTask: ({ payload }) => ({ length: JSON.stringify(payload).length }),
 *       signal: AbortSignal.timeout(600_000),
 *     });
 */
export type RunWorker = Connection & {
  /** The bot's name. */
  bot: string;
  /** Does a task and gives its result, JSON of at most 64 KiB. */
  onTask: (task: WorkTask, tools: WorkTools) => unknown;
  /** Leave out tasks that need more than these; all of the bot's capabilities when absent. */
  capabilities?: readonly string[];
  /** How many tasks at once; 1 when absent. */
  atOnce?: number;
  /** Ends the run after so many tasks; without it the bot works until `signal` is aborted. */
  tasks?: number;
};

/** A feed has no cursor: whoever comes again hears how things stand. */
const OFFERS = TaskOffersDocument as TypedDocumentString<TaskOffersSubscription, { botId: string; after?: null }>;
const MESSAGE_LENGTH_MAX = 2_000;
const STOP_MS = 3_000;
/** Refusals that only say that the task is not this run's any more. */
const LOST = ["LEASE_LOST", "INVALID_TRANSITION", "NOT_FOUND", "TASK_NOT_READY"];
/** The server is away for longer than a request waits; leases and offers say how things stand when it is back. */
const AWAY = ["UNREACHABLE", "INTERNAL", "RATE_LIMITED"];

/**
 * Works on tasks for a bot: waits for offers, claims, keeps the lease alive, hands results in, and goes on after every cut of the
 * connection or restart of the server. Gives how many tasks were completed or failed, also when `signal` was aborted; what was
 * begun then goes back to the queue. Throws AgonError when the server refuses for good.
 */
export async function runWorker(options: RunWorker): Promise<number> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])]);
  const failures: unknown[] = [];
  const run = new Run({ ...options, signal }, (error) => {
    // What a request says because it was stopped is no failure.
    if (error !== undefined && !signal.aborted) failures.push(error);
    ending.abort();
  });
  await run.start();
  await run.settled();
  if (failures.length > 0) throw failures[0];
  return run.ended;
}

class Run {
  ended = 0;
  private botId = "";
  private readonly agon: Agon;
  private readonly options: RunWorker & { signal: AbortSignal };
  private readonly finish: (error?: unknown) => void;
  private readonly running = new Map<string, Promise<void>>();
  private claiming: Promise<void> | null = null;
  private again = false;

  constructor(options: RunWorker & { signal: AbortSignal }, finish: (error?: unknown) => void) {
    this.agon = connect(options);
    this.options = options;
    this.finish = finish;
  }

  /** Ends when the run does, however it ends. */
  start(): Promise<void> {
    return this.listen().then(
      () => this.finish(),
      (error: unknown) => this.finish(error),
    );
  }

  private async listen(): Promise<void> {
    const { bot } = await this.agon.request(FindBotDocument, { name: this.options.bot });
    if (!bot) {
      const message = `There is no bot ${this.options.bot}.`;
      throw new AgonError({ code: "NOT_FOUND", message, hint: "Register it first." });
    }
    this.botId = bot.id;
    for await (const { taskOffers } of this.agon.follow(OFFERS, { botId: bot.id }, () => "")) {
      for (const task of taskOffers.assigned) if (this.isFree()) this.begin(task, true);
      if (taskOffers.claimable.length > 0) this.claim();
    }
  }

  private isFree(): boolean {
    const { atOnce = 1, tasks = Infinity, signal } = this.options;
    return !signal.aborted && this.running.size < atOnce && this.ended + this.running.size < tasks;
  }

  /** Claims as much as there is room for. What is offered while it claims is looked at afterwards. */
  private claim(): void {
    this.again = true;
    this.claiming ??= this.claimAll()
      .catch(this.finish)
      .finally(() => (this.claiming = null));
  }

  private async claimAll(): Promise<void> {
    const { capabilities } = this.options;
    while (this.again && this.isFree()) {
      const input = {
        botId: this.botId,
        start: true,
        idempotencyKey: randomUUID(),
        ...(capabilities && { capabilities: [...capabilities] }),
      };
      this.again = false;
      const claimed = await unless(
        ["NO_TASK", "HOLDS_TOO_MANY", ...LOST, ...AWAY],
        this.agon.mutate(ClaimNextTaskDocument, { input }),
      );
      if (!claimed) continue;
      this.again = true;
      this.begin(claimed.task, false);
    }
  }

  private begin(task: LeasedFragment, laidOn: boolean): void {
    if (!task.lease || this.running.has(task.id)) return;
    const work = this.work(task, task.lease.token, laidOn)
      .catch(() => undefined)
      .finally(() => {
        this.running.delete(task.id);
        if (this.ended === this.options.tasks) this.finish();
        else this.claim();
      });
    this.running.set(task.id, work);
  }

  private async work(task: LeasedFragment, token: number, laidOn: boolean): Promise<void> {
    const held = { botId: this.botId, taskId: task.id, token };
    if (laidOn && !(await unless([...LOST, ...AWAY], this.agon.mutate(StartTaskDocument, { input: held })))) return;
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, this.options.signal]);
    const beating = new Beat(this.agon, held, task.plan.heartbeatMs, lost);
    const { id, title, payload, attempt } = task;
    try {
      const given = { id, title, payload, attempt };
      const tools: WorkTools = { signal, progress: (percent, note) => beating.tell(percent, note) };
      const result: unknown = await Promise.race([this.options.onTask(given, tools), aborted(signal)]);
      await this.handIn(CompleteTaskDocument, { ...held, result: result ?? null }, "done");
    } catch (error) {
      if (!lost.signal.aborted) await this.fail(held, error);
    } finally {
      beating.stop();
    }
  }

  private fail(held: { botId: string; taskId: string; token: number }, error: unknown): Promise<void> {
    const stopped = this.options.signal.aborted;
    const { code, message, retryable } = stopped
      ? new TaskFailed("WORKER_STOPPED", "The worker was stopped.", { retryable: true })
      : error instanceof TaskFailed
        ? error
        : new TaskFailed("WORKER_ERROR", String(error), { retryable: !(error instanceof AgonError) });
    const input = { ...held, code, message: message.slice(0, MESSAGE_LENGTH_MAX), retryable };
    return this.handIn(FailTaskDocument, input, "failed");
  }

  /** The end of an attempt is told under a key of its own, so that it may be told again after a cut. */
  private async handIn<Input extends { taskId: string; token: number }>(
    document: typeof CompleteTaskDocument | typeof FailTaskDocument,
    input: Input,
    how: string,
  ): Promise<void> {
    const stopped = this.options.signal.aborted;
    const agon = stopped ? connect({ ...this.options, signal: AbortSignal.timeout(STOP_MS) }) : this.agon;
    const idempotencyKey = `${input.taskId.slice(-32)}:${input.token}:${how}`;
    const told = await unless(
      [...LOST, ...AWAY],
      agon.mutate(document as never, { input: { ...input, idempotencyKey } } as never),
    );
    if (told && !stopped) this.ended++;
  }

  async settled(): Promise<void> {
    await this.claiming;
    await Promise.allSettled(this.running.values());
  }
}

/** Signs of life for one task, three in the time that its lease lives. */
class Beat {
  private readonly stopped = new AbortController();
  private told: { percent?: number; note?: string } = {};

  constructor(
    agon: Agon,
    held: { botId: string; taskId: string; token: number },
    heartbeatMs: number,
    lost: AbortController,
  ) {
    void this.beat(agon, held, heartbeatMs / 3, lost);
  }

  tell(percent: number, note?: string): void {
    this.told = { percent: Math.round(percent), ...(note !== undefined && { note }) };
  }

  stop(): void {
    this.stopped.abort();
  }

  private async beat(agon: Agon, held: object, pauseMs: number, lost: AbortController): Promise<void> {
    const { signal } = this.stopped;
    for (;;) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const input = { ...held, ...this.told, idempotencyKey: randomUUID() } as never;
      this.told = {};
      try {
        const { cancelled } = await agon.mutate(HeartbeatTaskDocument, { input });
        if (cancelled) return lost.abort();
      } catch (error) {
        // A run that was stopped hands its tasks back itself.
        if (error instanceof AgonError && !AWAY.includes(error.code)) return lost.abort();
      }
    }
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new Error("the task was taken away"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });

/** Waits for a mutation; null where it was refused by one of the harmless codes; throws every other. */
async function unless<Success>(harmless: readonly string[], mutation: Promise<Success>): Promise<Success | null> {
  try {
    return await mutation;
  } catch (error) {
    if (error instanceof AgonError && harmless.includes(error.code)) return null;
    throw error;
  }
}
