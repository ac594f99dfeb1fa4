import type { Tx } from "../../platform/database.ts";
import type { JsonObject } from "../../platform/canonical-json.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Platform } from "../../platform/platform.ts";
import type { LadderKind } from "../../ladder/rules/ladders.ts";
import type { EndedTask } from "../../work/events.ts";
import { XP_JOBS } from "../events.ts";
import type { Complexity, Result } from "../rules/formula.ts";
import { contestResults } from "../store/record.ts";
import { keepCompleted } from "../store/take-back.ts";
import { record, recordWithin, type Recorded, type Seen } from "./record.ts";

/** What of an ended task is counted, as the job's plain JSON. */
type TaskSeen = {
  taskId: string;
  fence: number;
  botId: string;
  ownerId: string;
  creatorId: string;
  projectId: string | null;
  success: boolean;
  complexity: Complexity;
  capabilities: readonly string[];
  durationMs: number | null;
  attempt: number;
  endedAt: string;
};

/** Why a job and not at once: who finishes a task must not wait for the bot's XP row, and a crash after the commit loses no job. */
export async function observeTask(tx: Tx, ended: EndedTask): Promise<void> {
  const { taskId, fence, state, bot, creatorId, projectId, complexity, capabilities, durationMs, endedAt } = ended;
  const { attempt, approval } = ended;
  // Who never began has done nothing, well or badly; what a person decided is no bot's work.
  if (!bot || approval || state === "CANCELLED" || durationMs === null) return;
  const seen: TaskSeen = {
    taskId,
    fence,
    botId: bot.id,
    ownerId: bot.ownerId,
    creatorId,
    projectId,
    success: state === "COMPLETED",
    complexity,
    capabilities,
    durationMs,
    attempt,
    endedAt: endedAt.toISOString(),
  };
  const payload = seen as unknown as JsonObject;
  await enqueue(tx, [{ task: XP_JOBS.task, payload, key: `${XP_JOBS.task}:${taskId}:${fence}` }]);
}

/** Counts a task that has ended; one that was retried and ended again counts again, by its newer lease. */
export function recordTask(platform: Platform, payload: JsonObject): Promise<Recorded> {
  const seen = payload as unknown as TaskSeen;
  const { botId, ownerId, creatorId, success, complexity, durationMs } = seen;
  return record(platform, {
    source: "task",
    externalId: `${seen.taskId}:${seen.fence}`,
    botId,
    ownerId,
    requesterId: creatorId,
    // Jobs that were enqueued before there were projects name none.
    projectId: seen.projectId ?? null,
    origin: "OBSERVED",
    publicly: creatorId !== ownerId,
    deed: {
      kind: "WORK",
      action: "TASK_COMPLETION",
      complexity,
      success,
      durationMs,
      // Jobs that were enqueued before attempts counted name none.
      attempt: seen.attempt ?? 1,
      quality: null,
      custom: 100,
    },
    skills: seen.capabilities,
    reason: null,
    evidence: null,
    occurredAt: new Date(seen.endedAt),
  });
}

/** Counts a completed contest for each of its bots that is somebody's; one that is not completed counts for nobody. */
export async function recordContest(platform: Platform, payload: JsonObject): Promise<void> {
  const contestId = String(payload["contestId"]);
  const qualities = (payload["qualities"] ?? {}) as Record<string, number>;
  for (const row of await platform.db.query(contestResults, [contestId])) {
    const { ladder, rated, bot_id: botId, owner_id: ownerId, placement, firsts, advantage, ended_at: occurredAt } = row;
    const result: Result = placement > 1 ? "LOSS" : firsts > 1 ? "DRAW" : "WIN";
    await recordKept(platform, contestId, {
      source: "contest",
      externalId: `${contestId}:${botId}`,
      botId,
      ownerId,
      requesterId: null,
      projectId: null,
      origin: "OBSERVED",
      publicly: rated,
      deed: {
        kind: "BOUT",
        result,
        advantage,
        quality: qualities[botId] ?? null,
        ladder: ladder as LadderKind,
        rated,
      },
      skills: [],
      reason: null,
      evidence: null,
      occurredAt,
    });
  }
}

/** Counts a contest that cannot be voided meanwhile: a void waits for this, or has come first and nothing is counted. */
async function recordKept(platform: Platform, contestId: string, seen: Seen): Promise<void> {
  await platform.db.transact(async (tx) => {
    const kept = await tx.query(keepCompleted, [contestId]);
    if (kept.length > 0) await recordWithin(tx, platform, seen);
  });
}
