import { requireBot } from "../../bots/service/bots.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { HELD_PER_BOT_MAX } from "../rules/input.ts";
import { holdBot, lockForBot, lockNext } from "../store/tasks.ts";
import { refusalOf, seenAtWork, step, type LockedTask, type StepRefusal } from "./steps.ts";

export type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
/** The right to work on a task: the token goes with every later call. */
export type Leased = { taskId: string; token: number };
type ClaimCode = OwnRefusal | StepRefusal | "HOLDS_TOO_MANY";

export type ClaimNext = { botId: string; capabilities?: readonly string[] | null; start?: boolean | null } & Keyed;

/** The best task that a bot can take, claimed for it: by priority, then by age. Two bots never get the same one. */
export async function claimNextTask(
  platform: Platform,
  viewer: SignedIn,
  input: ClaimNext,
): Promise<Outcome<Leased, ClaimCode | "NO_TASK" | Reuse>> {
  const { botId, capabilities, start } = input;
  const request = requestOf(platform, viewer, "claimNextTask", input);
  const outcome = await transactOnce<Leased, ClaimCode | "NO_TASK">(platform.db, request, async (tx) => {
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const [[bot], [row]] = await Promise.all([
      tx.query(holdBot, [botId]),
      tx.query(lockNext, [botId, capabilities ?? null]),
    ]);
    const barred = refuseBarred(bot);
    if (barred) return barred;
    const taken = row && (await take(tx, platform, row, { botId, start: start ?? false }));
    // Its time is over, and the next sweep ends it.
    return taken && (taken.ok || taken.code !== "INVALID_TRANSITION") ? taken : refuse("NO_TASK");
  });
  if (outcome.ok) await seenAtWork(platform, botId);
  return outcome;
}

export type Claim = { botId: string; taskId: string; start?: boolean | null } & Keyed;

/** One task, claimed for a bot. */
export async function claimTask(
  platform: Platform,
  viewer: SignedIn,
  input: Claim,
): Promise<Outcome<Leased, ClaimCode | "NOT_FOUND" | "MISSING_CAPABILITIES" | Reuse>> {
  const { botId, taskId, start } = input;
  const request = requestOf(platform, viewer, "claimTask", input);
  const outcome = await transactOnce<Leased, ClaimCode | "NOT_FOUND" | "MISSING_CAPABILITIES">(
    platform.db,
    request,
    async (tx) => {
      const own = await requireBot(tx, viewer, botId);
      if (!own.ok) return own;
      const [[bot], [row]] = await Promise.all([tx.query(holdBot, [botId]), tx.query(lockForBot, [botId, taskId])]);
      const barred = refuseBarred(bot);
      if (barred) return barred;
      if (!row?.offered) return refuse("NOT_FOUND", { path: ["input", "taskId"] });
      const missing = row.capabilities.filter((each) => !bot?.capabilities.includes(each));
      if (missing.length > 0)
        return refuse("MISSING_CAPABILITIES", {
          path: ["input", "botId"],
          message: `The bot does not have ${missing.join(", ")}.`,
        });
      return take(tx, platform, row, { botId, start: start ?? false });
    },
  );
  if (outcome.ok) await seenAtWork(platform, botId);
  return outcome;
}

/** What was true before the bot's row was held may be so no more. */
function refuseBarred(
  bot: { suspended: boolean; archived: boolean } | undefined,
): Refusal<"BOT_SUSPENDED" | "BOT_ARCHIVED"> | null {
  const path = ["input", "botId"];
  if (bot?.suspended) return refuse("BOT_SUSPENDED", { path });
  return bot?.archived ? refuse("BOT_ARCHIVED", { path }) : null;
}

async function take(
  tx: Tx,
  platform: Platform,
  row: LockedTask & { held: number },
  { botId, start }: { botId: string; start: boolean },
): Promise<Outcome<Leased, StepRefusal | "HOLDS_TOO_MANY">> {
  if (row.held >= HELD_PER_BOT_MAX) return refuse("HOLDS_TOO_MANY", { path: ["input", "botId"] });
  const decision = await step(tx, platform, row, { type: "CLAIM", botId, start });
  if (!decision.ok) return refusalOf(decision, "taskId");
  return { ok: true, taskId: row.id, token: decision.task.fence };
}
