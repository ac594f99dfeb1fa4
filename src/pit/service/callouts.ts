import { requireBot } from "../../bots/service/bots.ts";
import { createContests } from "../../ladder/events.ts";
import type { LadderKind } from "../../ladder/rules/ladders.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import { formatAmount, north, type Amount } from "../../platform/money.ts";
import { eachAlone } from "../../platform/each.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import type { Row } from "../../platform/statement.ts";
import { append, inOnePiece, type Append } from "../../platform/streams.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { calloutAnswered, calloutReceived, toPit, type PitEvent } from "../events.ts";
import {
  decideCallout,
  needsSealed,
  refuseChallenge,
  waitMs,
  type AnswerRefusal,
  type CalloutCommand,
  type CalloutStatus,
  type Challenge,
  type CreateRefusal,
} from "../rules.ts";
import {
  challengeStanding,
  dueCallouts,
  endCallout,
  insertCallout,
  lockCallout,
  lockPresence,
  pendingCallouts,
} from "../store.ts";
import type { OwnRefusal } from "./lobby.ts";
import { giveStakeBack, takeStake, wagerOf, type StakeRefusal } from "./wagers.ts";

export type CreateCallout = {
  botId: string;
  targetId: string;
  ladder: LadderKind;
  wager: Amount;
  /** Null leaves it to the wager and the target. */
  sealed: boolean | null;
  message?: string | null;
} & Keyed;
type Created = { calloutId: string };
type CreateCode = OwnRefusal | CreateRefusal | StakeRefusal | "IN_CONTEST" | "RATE_LIMITED";

const PATH_OF: Partial<Record<CreateRefusal, string>> = {
  CALLOUT_ONESELF: "targetId",
  TARGET_NOT_IN_PIT: "targetId",
  ALREADY_CALLED: "targetId",
  LADDER_CLOSED: "ladder",
  WAGER_TOO_SMALL: "wager",
  WAGER_TOO_LARGE: "wager",
  WAGER_NEEDS_SEALED: "sealed",
  WAGER_WITH_HOUSE: "wager",
  WAGER_WITH_ONESELF: "wager",
  EMPTY_MESSAGE: "message",
  MESSAGE_TOO_LONG: "message",
  FORBIDDEN_CHARACTERS: "message",
};

/** Calls another bot of the Pit out. It lives 60 s; a house bot accepts at once. One in 30 s and bot. */
export function createCallout(
  platform: Platform,
  viewer: SignedIn,
  input: CreateCallout,
): Promise<Outcome<Created, CreateCode | Reuse>> {
  const { db, clock, settings } = platform;
  const at = clock.now();
  const request = requestOf(platform, viewer, "createCallout", input);
  const attempt = () =>
    transactOnce<Created, CreateCode>(db, request, async (tx) => {
      const own = await requireBot(tx, viewer, input.botId);
      if (!own.ok) return own;
      const [present, [found]] = await Promise.all([
        tx.query(lockPresence, [input.botId]),
        tx.query(challengeStanding, [input.botId, input.targetId, at, input.ladder]),
      ]);
      const wagerMax = north(settings.wagerNorthMax);
      const refusal = refuseChallenge({ ...challengeOf(viewer, input, present.length > 0, found), wagerMax });
      if (refusal) return refuseWith(refusal, wagerMax);
      const retryAfterMs = waitMs(found?.last_at ?? null, settings.calloutIntervalMs, at);
      if (retryAfterMs > 0) return refuse("RATE_LIMITED", { retryAfterMs });
      if (found?.house && found.challenger_busy) return refuse("IN_CONTEST", { path: ["input", "botId"] });
      const calloutId = platform.random.id(at);
      const staker = { calloutId, botId: input.botId, ownerId: viewer.userId, wager: input.wager };
      const unstaked = await takeStake(tx, platform, viewer, staker);
      if (unstaked) return { ...unstaked, path: ["input", "wager"] };
      const created = await writeCallout(tx, platform, calloutId, input, at);
      const accepted = found?.house ? await accept(tx, platform, await locked(tx, calloutId)) : [];
      await tell(tx, platform, [...created, ...accepted], at);
      return { ok: true, calloutId };
    });
  return whileSeatsMove(attempt);
}

const refuseWith = (refusal: CreateRefusal, wagerMax: Amount) =>
  refuse(refusal, {
    path: ["input", PATH_OF[refusal] ?? "botId"],
    ...(refusal === "WAGER_TOO_LARGE" && { message: `A side stakes ${formatAmount(wagerMax)} at most.` }),
  });

function challengeOf(
  { userId }: SignedIn,
  input: CreateCallout,
  challengerPresent: boolean,
  found: Row<typeof challengeStanding> | undefined,
): Omit<Challenge, "wagerMax"> {
  return {
    targetOwner: found?.house ? "HOUSE" : found?.target_owner_id === userId ? "ONESELF" : "ANOTHER",
    challengerId: input.botId,
    targetId: input.targetId,
    ladder: input.ladder,
    wager: input.wager,
    sealed: input.sealed,
    message: input.message ?? null,
    challengerPresent,
    targetPresent: found?.target_present ?? false,
    muted: found?.muted ?? false,
    pending: found?.pending ?? false,
  };
}

/** Writes a callout's row; gives what is to be told. */
async function writeCallout(
  tx: Tx,
  platform: Platform,
  calloutId: string,
  input: CreateCallout,
  at: Date,
): Promise<Append[]> {
  const { botId: challengerId, targetId, ladder } = input;
  const wager = input.wager.toString();
  const sealed = input.sealed === true || needsSealed(input.wager);
  const expiresAt = new Date(at.getTime() + platform.settings.calloutLifeMs);
  const message = input.message?.trim() ?? null;
  await tx.query(insertCallout, [calloutId, challengerId, targetId, ladder, message, wager, sealed, at, expiresAt]);
  const told = {
    calloutId,
    challengerId,
    targetId,
    ladder,
    wager,
    sealed,
    message,
    expiresAt: expiresAt.toISOString(),
  };
  return [toPit({ type: "CalloutCreated", ...told }), calloutReceived(targetId, calloutId)];
}

/** Tells everything of a transaction at once, as its last act: the Pit's head is locked behind the bots', by everybody. */
async function tell(tx: Tx, platform: Platform, appends: readonly Append[], at: Date): Promise<void> {
  await append(tx, platform.hub.publish, inOnePiece(appends), at);
}

type Locked = Row<typeof lockCallout>;

async function locked(tx: Tx, calloutId: string): Promise<Locked> {
  const [callout] = await tx.query(lockCallout, [calloutId]);
  if (!callout) throw new Error(`callout ${calloutId} is gone`);
  return callout;
}

/** Creates the fight and ends the callout with it, all in the caller's transaction; gives what is to be told. */
async function accept(tx: Tx, platform: Platform, callout: Locked): Promise<Append[]> {
  const { id: calloutId, challenger_id: challengerId, target_id: targetId } = callout;
  const ladder = callout.ladder as LadderKind;
  const { sealed } = callout;
  const each = wagerOf(callout);
  const stakes = each > 0n ? { escrowId: calloutId, each } : null;
  const [fightId] = await createContests.call(tx, platform, [
    { ladder, origin: "CALLOUT", rated: false, sealed, botIds: [challengerId, targetId], entryIds: [], stakes },
  ]);
  if (!fightId) throw new Error(`callout ${calloutId} made no fight`);
  return end(tx, platform, callout, "ACCEPTED", {
    type: "CalloutAccepted",
    calloutId,
    challengerId,
    targetId,
    fightId,
  });
}

/** Ends a callout's row, its stake given back where no fight took it; gives what is to be told. */
async function end(
  tx: Tx,
  platform: Platform,
  callout: Locked,
  status: CalloutStatus,
  event: PitEvent,
): Promise<Append[]> {
  const fightId = event.type === "CalloutAccepted" ? event.fightId : null;
  if (fightId === null) await giveStakeBack(tx, platform, callout);
  await tx.query(endCallout, [callout.id, status, platform.clock.now(), fightId, callout.sealed]);
  return [toPit(event), calloutAnswered(callout.challenger_id, callout.id, status)];
}

/** Ends what bots that may not play any more asked, or were asked; gives what is to be told. */
export async function barCallouts(tx: Tx, platform: Platform, botIds: readonly string[]): Promise<Append[]> {
  const appends: Append[] = [];
  for (const { id } of await tx.query(pendingCallouts, [botIds])) {
    const callout = await locked(tx, id);
    const command = botIds.includes(callout.challenger_id) ? "CANCEL" : "DECLINE";
    const decision = decideCallout(standing(callout), command, platform.clock.now());
    if (!decision.ok) continue;
    const { status } = decision;
    appends.push(...(await end(tx, platform, callout, status, endedEvent(callout, status))));
  }
  return appends;
}

/** Two contests that begin at once meet at live_participation's primary key: the loser looks again and is refused by name. */
async function whileSeatsMove<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (violatedConstraint(error) !== "live_participation_pkey") throw error;
    return attempt();
  }
}

type Answered = { calloutId: string };
type AnswerCode = "NOT_FOUND" | OwnRefusal | AnswerRefusal | StakeRefusal;
type AnswerCommand = Exclude<CalloutCommand, "EXPIRE">;

const ANSWERS: Record<AnswerCommand, string> = {
  ACCEPT: "acceptCallout",
  DECLINE: "declineCallout",
  CANCEL: "cancelCallout",
};

/** Accepts, declines or cancels a callout: the target answers, the challenger cancels. Who accepts may ask for a sealed fight. */
export function answerCallout(
  platform: Platform,
  viewer: SignedIn,
  input: Answered & { sealed: boolean } & Keyed,
  command: AnswerCommand,
): Promise<Outcome<Answered, AnswerCode | Reuse>> {
  const { calloutId } = input;
  const request = requestOf(platform, viewer, ANSWERS[command], input);
  const attempt = () =>
    transactOnce<Answered, AnswerCode>(platform.db, request, async (tx) => {
      const [callout] = await tx.query(lockCallout, [calloutId]);
      if (!callout) return refuse("NOT_FOUND", { path: ["input", "calloutId"] });
      const own = await requireBot(tx, viewer, command === "CANCEL" ? callout.challenger_id : callout.target_id);
      if (!own.ok) return refuse(own.code, { path: ["input", "calloutId"] });
      const decision = decideCallout(standing(callout), command, platform.clock.now());
      if (!decision.ok) return refuse(decision.refusal, { path: ["input", "calloutId"] });
      const { status } = decision;
      if (status === "ACCEPTED") {
        const staker = { calloutId, botId: callout.target_id, ownerId: viewer.userId, wager: wagerOf(callout) };
        const unstaked = await takeStake(tx, platform, viewer, staker);
        if (unstaked) return { ...unstaked, path: ["input", "calloutId"] };
      }
      const told =
        status === "ACCEPTED"
          ? await accept(tx, platform, { ...callout, sealed: callout.sealed || input.sealed })
          : await end(tx, platform, callout, status, endedEvent(callout, status));
      await tell(tx, platform, told, platform.clock.now());
      return { ok: true, calloutId };
    });
  return whileSeatsMove(attempt);
}

function standing(callout: Locked) {
  return {
    status: callout.status as CalloutStatus,
    expiresAt: callout.expires_at,
    challengerPresent: callout.challenger_present,
    targetPresent: callout.target_present,
    challengerBusy: callout.challenger_busy,
    targetBusy: callout.target_busy,
  };
}

function endedEvent({ id, challenger_id, target_id }: Locked, status: CalloutStatus): PitEvent {
  const between = { calloutId: id, challengerId: challenger_id, targetId: target_id };
  if (status === "DECLINED") return { type: "CalloutDeclined", ...between };
  return status === "CANCELLED" ? { type: "CalloutCancelled", ...between } : { type: "CalloutExpired", ...between };
}

/** Ends what nobody answered in time; gives how many. */
export async function expireCallouts(platform: Platform): Promise<number> {
  const due = await platform.db.query(dueCallouts, [platform.clock.now()]);
  const expire = ({ id }: { id: string }) =>
    platform.db.transact(async (tx) => {
      const callout = await locked(tx, id);
      const decision = decideCallout(standing(callout), "EXPIRE", platform.clock.now());
      if (!decision.ok) return;
      const { status } = decision;
      const at = platform.clock.now();
      await tell(tx, platform, await end(tx, platform, callout, status, endedEvent(callout, status)), at);
    });
  await eachAlone(platform, due, {
    work: expire,
    failed: "a callout did not expire; the next sweep tries again",
    atOnce: 1,
  });
  return due.length;
}
