import { statusOf } from "../../bots/rules.ts";
import { requireBot } from "../../bots/service/bots.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import { append, type Append } from "../../platform/streams.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { queueLeft, type QueueLeftReason } from "../events.ts";
import type { LadderKind, QueueMode } from "../rules/ladders.ts";
import { refuseJoin, type JoinRefusal } from "../rules/queue.ts";
import { isOpen } from "./opening.ts";
import { barWaiting, joinWaiting, leaveWaiting } from "../store/queue.ts";

type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";
export type JoinQueue = {
  botId: string;
  ladder: LadderKind;
  mode: QueueMode;
  sealed: boolean;
} & Keyed;

/** Puts one of the viewer's online bots into a ladder's queue, in one statement. */
export async function joinQueue(
  platform: Platform,
  viewer: SignedIn,
  input: JoinQueue,
): Promise<Outcome<{ entryId: string }, OwnRefusal | JoinRefusal | Reuse>> {
  const { db, clock, hub, random, settings } = platform;
  const at = clock.now();
  const open = await isOpen(platform, input.ladder);
  const request = requestOf(platform, viewer, "joinQueue", input);
  return transactOnce<{ entryId: string }, OwnRefusal | JoinRefusal>(db, request, async (tx) => {
    if (!reachesBot(viewer, input.botId)) return refuse("NOT_YOUR_BOT", { path: ["input", "botId"] });
    const entryId = random.id(at);
    const onlineSince = new Date(at.getTime() - settings.presenceMs);
    const { botId, ladder, mode, sealed } = input;
    const values = [entryId, botId, viewer.userId, ladder, mode, sealed, at, onlineSince, open];
    const [asked] = await tx.finish(joinWaiting, values);
    if (!asked?.joined) return whyNot(asked, at, open, settings.presenceMs);
    tx.afterCommit(() => hub.touch(`queue:${ladder}`));
    return { ok: true, entryId };
  });
}

function whyNot(
  asked: Row<typeof joinWaiting> | undefined,
  at: Date,
  open: boolean,
  presenceMs: number,
): Refusal<OwnRefusal | JoinRefusal> {
  const path = ["input", "botId"];
  if (!asked) return refuse("NOT_YOUR_BOT", { path });
  if (asked.suspended) return refuse("BOT_SUSPENDED", { path });
  if (asked.archived) return refuse("BOT_ARCHIVED", { path });
  const offline = statusOf(asked.last_seen_at, false, at, presenceMs) === "OFFLINE";
  const refusal = refuseJoin({ offline, inContest: asked.in_contest }, open);
  // "A bot waits once" is the partial unique index queue_entry_waiting: two joins at once cannot both pass.
  return refuse(refusal ?? "ALREADY_WAITING", { path: refusal === "LADDER_CLOSED" ? ["input", "ladder"] : path });
}

/** Takes a waiting bot out of a queue; its own stream hears of it. */
export async function leaveQueue(
  platform: Platform,
  viewer: SignedIn,
  input: { botId: string; ladder: LadderKind } & Keyed,
): Promise<Outcome<{ entryId: string }, OwnRefusal | "NOT_WAITING" | Reuse>> {
  const { db, clock, hub } = platform;
  const request = requestOf(platform, viewer, "leaveQueue", input);
  return transactOnce<{ entryId: string }, OwnRefusal | "NOT_WAITING">(db, request, async (tx) => {
    const { botId, ladder } = input;
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const at = clock.now();
    const [left] = await tx.query(leaveWaiting, [botId, ladder, at]);
    if (!left) return refuse("NOT_WAITING", { path: ["input", "botId"] });
    const mode = left.mode as QueueMode;
    await append(tx, hub.publish, [queueLeft(botId, { queueEntryId: left.id, ladder, mode, reason: "LEFT" })], at);
    tx.afterCommit(() => hub.touch(`queue:${ladder}`));
    return { ok: true, entryId: left.id };
  });
}

/** Takes a bot out of one queue for a reason that is not its owner's wish; gives what is to be told, null when it did not wait. */
export async function takeFromQueue(
  tx: Tx,
  { clock, hub }: Platform,
  { botId, ladder, reason }: { botId: string; ladder: LadderKind; reason: QueueLeftReason },
): Promise<Append | null> {
  const [left] = await tx.query(leaveWaiting, [botId, ladder, clock.now()]);
  if (!left) return null;
  tx.afterCommit(() => hub.touch(`queue:${ladder}`));
  return queueLeft(botId, { queueEntryId: left.id, ladder, mode: left.mode as QueueMode, reason });
}

/** Takes bots that may not play any more out of every queue; gives what is to be told. */
export async function barFromQueues(tx: Tx, { clock, hub }: Platform, botIds: readonly string[]): Promise<Append[]> {
  const left = await tx.query(barWaiting, [botIds, clock.now()]);
  for (const ladder of new Set(left.map((entry) => entry.ladder))) tx.afterCommit(() => hub.touch(`queue:${ladder}`));
  return left.map(({ id, bot_id, ladder, mode }) =>
    queueLeft(bot_id, {
      queueEntryId: id,
      ladder: ladder as LadderKind,
      mode: mode as QueueMode,
      reason: "BARRED",
    }),
  );
}
