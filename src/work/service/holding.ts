import { requireBot } from "../../bots/service/bots.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import {
  bytesOf,
  ERROR_LENGTH_MAX,
  isStorable,
  NOTE_LENGTH_MAX,
  TASK_JSON_BYTES_MAX,
  UNSTORABLE_SAYS,
} from "../rules/input.ts";
import type { Holder, Progress, TaskCommand } from "../rules/task.ts";
import { lockForBot } from "../store/tasks.ts";
import type { OwnRefusal } from "./claims.ts";
import { misfit } from "./json-schemas.ts";
import { refusalOf, seenAtWork, step, type Content, type LockedTask, type StepRefusal } from "./steps.ts";

/** What every call of a worker says: the task, its bot, and the token of its claim. */
export type OfHolder = { taskId: string; botId: string; token: number } & Keyed;
type Held = { taskId: string; cancelled: boolean };
type Code = OwnRefusal | StepRefusal | "NOT_FOUND";
type Said<More extends string = never> = Promise<Outcome<Held, Code | More | Reuse>>;
type Refuse = (row: LockedTask) => Refusal<"RESULT_MISFIT"> | null;

/** One call of a worker: decided under the task's lock, and of no effect once the lease is another's. */
async function hold(
  platform: Platform,
  viewer: SignedIn,
  operation: string,
  input: OfHolder,
  { command, content, refuseRow }: { command: (holder: Holder) => TaskCommand; content?: Content; refuseRow?: Refuse },
): Said<"RESULT_MISFIT"> {
  const { taskId, botId, token } = input;
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<Held, Code | "RESULT_MISFIT">(platform.db, request, async (tx) => {
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const [row] = await tx.query(lockForBot, [botId, taskId]);
    if (!row || (!row.offered && !row.had)) return refuse("NOT_FOUND", { path: ["input", "taskId"] });
    const misfitting = row.bot_id === botId && row.fence === token ? refuseRow?.(row) : null;
    if (misfitting) return misfitting;
    const decision = await step(tx, platform, row, command({ botId, token }), content);
    if (!decision.ok) return refusalOf(decision, decision.refusal === "LEASE_LOST" ? "token" : "taskId");
    return { ok: true, taskId, cancelled: decision.task.state === "CANCELLED" };
  });
}

const wrong = (field: string, message: string) => refuse("BAD_INPUT", { path: ["input", field], message });

/** Begins the work on a claimed task, or accepts one that was laid on the bot. */
export const startTask = (platform: Platform, viewer: SignedIn, input: OfHolder) =>
  hold(platform, viewer, "startTask", input, { command: (holder) => ({ type: "START", holder }) }) as Said;

/** Gives a claimed task back before it was begun: its attempt is not counted. */
export const releaseTask = (platform: Platform, viewer: SignedIn, input: OfHolder) =>
  hold(platform, viewer, "releaseTask", input, { command: (holder) => ({ type: "RELEASE", holder }) }) as Said;

export type Beat = OfHolder & { percent?: number | null; note?: string | null };

/** A worker's sign of life: extends the lease, says how far it is, and hears whether the task was cancelled. */
export async function heartbeatTask(platform: Platform, viewer: SignedIn, input: Beat): Said {
  const { percent = null, note = null } = input;
  if (percent !== null && (percent < 0 || percent > 100)) return wrong("percent", "A percentage is 0 to 100.");
  if (note !== null && Array.from(note).length > NOTE_LENGTH_MAX)
    return wrong("note", `A note has at most ${NOTE_LENGTH_MAX} characters.`);
  const progress: Progress | null = percent === null && note === null ? null : { percent, note };
  const tellEveryMs = platform.settings.taskProgressIntervalMs;
  const command = (holder: Holder): TaskCommand => ({ type: "HEARTBEAT", holder, progress, tellEveryMs });
  const outcome = await (hold(platform, viewer, "heartbeatTask", input, { command }) as Said);
  if (outcome.ok) await seenAtWork(platform, input.botId);
  return outcome;
}

/** Hands the result in: once, and only while the lease is this worker's. */
export async function completeTask(
  platform: Platform,
  viewer: SignedIn,
  input: OfHolder & { result?: unknown },
): Said<"RESULT_MISFIT" | "RESULT_TOO_LARGE"> {
  const result = input.result ?? null;
  const text = JSON.stringify(result);
  if (bytesOf(text) > TASK_JSON_BYTES_MAX) return refuse("RESULT_TOO_LARGE", { path: ["input", "result"] });
  if (!isStorable(text)) return wrong("result", UNSTORABLE_SAYS);
  return hold(platform, viewer, "completeTask", input, {
    command: (holder) => ({ type: "COMPLETE", holder }),
    content: { result, error: null },
    refuseRow: ({ result_schema: schema }) => {
      const message = schema === null ? null : misfit(schema, result);
      return message === null ? null : refuse("RESULT_MISFIT", { path: ["input", "result"], message });
    },
  });
}

const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
export type FailTask = OfHolder & { code: string; message: string; retryable: boolean };

/** Says that the attempt failed: it is tried again after a back-off where that may help and attempts are left. */
export async function failTask(platform: Platform, viewer: SignedIn, input: FailTask): Said {
  const { code, message, retryable } = input;
  if (!ERROR_CODE.test(code)) return wrong("code", "A code is 1 to 64 capitals, digits and _, such as OUT_OF_QUOTA.");
  if (Array.from(message).length > ERROR_LENGTH_MAX)
    return wrong("message", `An error says at most ${ERROR_LENGTH_MAX} characters.`);
  return hold(platform, viewer, "failTask", input, {
    command: (holder) => ({ type: "FAIL", holder, retryable }),
    content: { error: { code, message } },
  }) as Said;
}
