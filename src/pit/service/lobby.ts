import { requireBot } from "../../bots/service/bots.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { append, type Append } from "../../platform/streams.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { toPit } from "../events.ts";
import { refuseText, waitMs, type LeftReason, type TextRefusal } from "../rules.ts";
import {
  enter,
  insertMessage,
  isPresent,
  leave,
  leaveSilent,
  lockPresence,
  messageExists,
  pruneMessages,
  seatHouse,
  speakerStanding,
} from "../store.ts";

export type OwnRefusal = "NOT_YOUR_BOT" | "BOT_SUSPENDED" | "BOT_ARCHIVED";

type OneBot = { botId: string } & Keyed;
type Moved = { botId: string };

const MESSAGES_KEPT = 1_000;
const MESSAGES_KEPT_MS = 7 * 24 * 3_600_000;

/** Brings an online bot into the Pit. Who is there already stays, and nobody is told twice. */
export function enterPit(
  platform: Platform,
  viewer: SignedIn,
  input: OneBot,
): Promise<Outcome<Moved, OwnRefusal | "BOT_OFFLINE" | Reuse>> {
  const { db, clock, hub, settings } = platform;
  const request = requestOf(platform, viewer, "enterPit", input);
  return transactOnce<Moved, OwnRefusal | "BOT_OFFLINE">(db, request, async (tx) => {
    const { botId } = input;
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const at = clock.now();
    const entered = await tx.query(enter, [botId, at, new Date(at.getTime() - settings.presenceMs)]);
    if (entered.length > 0) await append(tx, hub.publish, [toPit({ type: "AgentEntered", botId })], at);
    else if ((await tx.query(isPresent, [botId])).length === 0)
      return refuse("BOT_OFFLINE", { path: ["input", "botId"] });
    return { ok: true, botId };
  });
}

/** Takes a bot out of the Pit. */
export function leavePit(
  platform: Platform,
  viewer: SignedIn,
  input: OneBot,
): Promise<Outcome<Moved, OwnRefusal | "NOT_IN_PIT" | Reuse>> {
  const request = requestOf(platform, viewer, "leavePit", input);
  return transactOnce<Moved, OwnRefusal | "NOT_IN_PIT">(platform.db, request, async (tx) => {
    const { botId } = input;
    const own = await requireBot(tx, viewer, botId);
    if (!own.ok) return own;
    const left = await tx.query(leave, [[botId]]);
    if (left.length === 0) return refuse("NOT_IN_PIT", { path: ["input", "botId"] });
    await tellLeft(tx, platform, [botId], "LEFT");
    return { ok: true, botId };
  });
}

async function tellLeft(
  tx: Tx,
  { hub, clock }: Platform,
  botIds: readonly string[],
  reason: LeftReason,
): Promise<void> {
  await append(tx, hub.publish, departures(botIds, reason), clock.now());
}

function departures(botIds: readonly string[], reason: LeftReason): Append[] {
  if (botIds.length === 0) return [];
  return [toPit(...botIds.map((botId) => ({ type: "AgentLeft" as const, botId, reason })))];
}

/** Takes bots that may not play any more out of the Pit; gives what is to be told. */
export async function barPresences(tx: Tx, botIds: readonly string[]): Promise<Append[]> {
  const left = await tx.query(leave, [botIds]);
  return departures(
    left.map(({ bot_id }) => bot_id),
    "BARRED",
  );
}

/** Takes out whoever has been silent for 45 s; gives how many left. */
export function sweepSilent(platform: Platform): Promise<number> {
  const since = new Date(platform.clock.now().getTime() - platform.settings.presenceMs);
  return platform.db.transact(async (tx) => {
    const left = await tx.query(leaveSilent, [since]);
    await tellLeft(
      tx,
      platform,
      left.map(({ bot_id }) => bot_id),
      "SILENT",
    );
    return left.length;
  });
}

/** Seats the house bots; they never leave and nobody is told of them. */
export async function seatHouseBots({ db, clock }: Platform): Promise<void> {
  await db.query(seatHouse, [clock.now()]);
}

export type PostMessage = { botId: string; text: string } & Keyed;

type SpeakCode = OwnRefusal | TextRefusal | "NOT_IN_PIT" | "MUTED" | "RATE_LIMITED";
type Spoken = { messageId: string };

/** Says something in the Pit: 1 to 280 characters, one message in 3 s and bot. */
export async function postMessage(
  platform: Platform,
  viewer: SignedIn,
  input: PostMessage,
): Promise<Outcome<Spoken, SpeakCode | Reuse>> {
  const request = requestOf(platform, viewer, "postMessage", input);
  const outcome = await transactOnce<Spoken, SpeakCode>(platform.db, request, (tx) =>
    speak(tx, platform, viewer, input),
  );
  // Chat is pruned by age and number, sooner perhaps than the record of the key.
  if (!outcome.ok || request.key == null) return outcome;
  const found = await platform.db.query(messageExists, [outcome.messageId]);
  return found.length > 0
    ? outcome
    : refuse("ALREADY_DONE", { message: "This was said before, and chat that old is not kept." });
}

async function speak(
  tx: Tx,
  platform: Platform,
  viewer: SignedIn,
  input: PostMessage,
): Promise<Outcome<Spoken, SpeakCode>> {
  const at = platform.clock.now();
  const { botId } = input;
  const own = await requireBot(tx, viewer, botId);
  if (!own.ok) return own;
  const text = refuseText(input.text);
  if (text) return refuse(text, { path: ["input", "text"] });
  const [present, [speaker]] = await Promise.all([
    tx.query(lockPresence, [botId]),
    tx.query(speakerStanding, [botId, at]),
  ]);
  if (present.length === 0) return refuse("NOT_IN_PIT", { path: ["input", "botId"] });
  if (speaker?.muted) return refuse("MUTED", { path: ["input", "botId"] });
  const retryAfterMs = waitMs(speaker?.last_at ?? null, platform.settings.chatIntervalMs, at);
  if (retryAfterMs > 0) return refuse("RATE_LIMITED", { retryAfterMs });
  return { ok: true, messageId: await writeMessage(tx, platform, botId, input.text.trim(), at) };
}

async function writeMessage(tx: Tx, { random, hub }: Platform, botId: string, text: string, at: Date): Promise<string> {
  const messageId = random.id(at);
  await tx.query(insertMessage, [messageId, botId, text, at]);
  await append(tx, hub.publish, [toPit({ type: "MessagePosted", messageId, botId, text })], at);
  return messageId;
}

/** Forgets messages beyond the newest 1,000 and those older than 7 days. */
export async function pruneChat({ db, clock }: Platform): Promise<void> {
  await db.query(pruneMessages, [new Date(clock.now().getTime() - MESSAGES_KEPT_MS), MESSAGES_KEPT]);
}
