import { requireBot } from "../../bots/service/bots.ts";
import { statusOf } from "../../bots/rules.ts";
import { transactOnce } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { QUEUED_LADDERS, type LadderKind, type QueueMode } from "../rules/ladders.ts";
import { refuseJoin, type JoinRefusal } from "../rules/queue.ts";
import { candidate, joinWaiting, leaveWaiting } from "../store.ts";

type Reuse = "IDEMPOTENCY_KEY_REUSED" | "ALREADY_DONE" | "BAD_INPUT";
type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
export type JoinQueue = {
  botId: string;
  ladder: LadderKind;
  mode: QueueMode;
  sealed: boolean;
  idempotencyKey?: string | null;
};

/** Puts one of the viewer's online bots into a ladder's queue. */
export async function joinQueue(
  platform: Platform,
  viewer: SignedIn,
  input: JoinQueue,
): Promise<Outcome<{ entryId: string }, OwnRefusal | JoinRefusal | Reuse>> {
  const at = platform.clock.now();
  const request = { principal: viewer.principal, operation: "joinQueue", input, key: input.idempotencyKey, at };
  return transactOnce<{ entryId: string }, OwnRefusal | JoinRefusal>(platform.db, request, async (tx) => {
    const own = await requireBot(tx, viewer, input.botId);
    if (!own.ok) return own;
    const [found] = await tx.query(candidate, [input.botId, input.ladder]);
    const status = statusOf(found?.last_seen_at ?? null, false, at, platform.settings.presenceMs);
    const refusal = refuseJoin(
      { offline: status === "OFFLINE", inContest: found?.in_contest ?? false },
      QUEUED_LADDERS.includes(input.ladder),
    );
    if (refusal) return refuse(refusal, { path: ["input", refusal === "LADDER_CLOSED" ? "ladder" : "botId"] });
    // "A bot waits once" is the partial unique index queue_entry_waiting: two joins at once cannot both pass.
    const entryId = platform.random.id(at);
    const joined = await tx.query(joinWaiting, [entryId, input.botId, input.ladder, input.mode, input.sealed, at]);
    if (joined.length === 0) return refuse("ALREADY_WAITING", { path: ["input", "botId"] });
    tx.afterCommit(() => platform.hub.touch(`queue:${input.ladder}`));
    return { ok: true, entryId };
  });
}

/** Takes a waiting bot out of a queue. */
export async function leaveQueue(
  platform: Platform,
  viewer: SignedIn,
  input: { botId: string; ladder: LadderKind },
): Promise<Outcome<{ entryId: string }, OwnRefusal | "NOT_WAITING">> {
  const own = await requireBot(platform.db, viewer, input.botId);
  if (!own.ok) return own;
  const [left] = await platform.db.query(leaveWaiting, [input.botId, input.ladder, platform.clock.now()]);
  if (!left) return refuse("NOT_WAITING", { path: ["input", "botId"] });
  platform.hub.touch(`queue:${input.ladder}`);
  return { ok: true, entryId: left.id };
}
