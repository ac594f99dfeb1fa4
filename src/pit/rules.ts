import { north } from "../platform/money.ts";

/** How long texts of the Pit may be, in Unicode code points after trimming. */
export const PIT_TEXT_LENGTH_MAX = 280;

export const TEXT_REFUSALS = ["EMPTY_MESSAGE", "MESSAGE_TOO_LONG", "FORBIDDEN_CHARACTERS"] as const;
export type TextRefusal = (typeof TEXT_REFUSALS)[number];

// Controls, line and paragraph separators, lone surrogates, and marks that turn the direction of text.
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Why a text may not be said in the Pit, or null. Longer text is refused, not cut. */
export function refuseText(text: string): TextRefusal | null {
  const trimmed = text.trim();
  if (trimmed === "") return "EMPTY_MESSAGE";
  if (Array.from(trimmed).length > PIT_TEXT_LENGTH_MAX) return "MESSAGE_TOO_LONG";
  return FORBIDDEN.test(trimmed) ? "FORBIDDEN_CHARACTERS" : null;
}

/** How long after the last one the next may come, in milliseconds; 0 when it may come now. */
export function waitMs(lastAt: Date | null, intervalMs: number, now: Date): number {
  // The last one may be of another node, whose clock is ahead of this one.
  return lastAt === null ? 0 : Math.min(intervalMs, Math.max(0, lastAt.getTime() + intervalMs - now.getTime()));
}

export const LEFT_REASONS = ["LEFT", "SILENT", "BARRED"] as const;
export type LeftReason = (typeof LEFT_REASONS)[number];

export const CALLOUT_STATUSES = ["PENDING", "ACCEPTED", "DECLINED", "CANCELLED", "EXPIRED"] as const;
export type CalloutStatus = (typeof CALLOUT_STATUSES)[number];

export const CALLOUT_LADDERS: readonly string[] = ["PIT", "PIT_SLOW"];

/** What a side stakes at least, where it stakes anything. */
export const WAGER_MIN = north(50_000);
/** From this wager on every fight is sealed. */
export const WAGER_SEALED_FROM = north(1_000_000);

export const CREATE_REFUSALS = [
  "CALLOUT_ONESELF",
  "LADDER_CLOSED",
  "WAGER_TOO_SMALL",
  "WAGER_TOO_LARGE",
  "WAGER_NEEDS_SEALED",
  "WAGER_WITH_HOUSE",
  "WAGER_WITH_ONESELF",
  "NOT_IN_PIT",
  "MUTED",
  "TARGET_NOT_IN_PIT",
  "ALREADY_CALLED",
] as const;
export type CreateRefusal = (typeof CREATE_REFUSALS)[number] | TextRefusal;

/** A callout about to be made. `muted` counts only where it carries a message. */
export type Challenge = {
  challengerId: string;
  targetId: string;
  ladder: string;
  wager: bigint;
  /** The most that a side may stake here. */
  wagerMax: bigint;
  /** What the challenger says of it; null where it leaves that to the wager. */
  sealed: boolean | null;
  /** Whether the target is the house's, or of the challenger's own owner. */
  targetOwner: "HOUSE" | "ONESELF" | "ANOTHER";
  message: string | null;
  challengerPresent: boolean;
  targetPresent: boolean;
  muted: boolean;
  pending: boolean;
};

/** Why this callout may not be made, or null. */
export function refuseChallenge(challenge: Challenge): CreateRefusal | null {
  if (challenge.challengerId === challenge.targetId) return "CALLOUT_ONESELF";
  if (!CALLOUT_LADDERS.includes(challenge.ladder)) return "LADDER_CLOSED";
  const stake = refuseWager(challenge);
  if (stake) return stake;
  const text = challenge.message === null ? null : refuseText(challenge.message);
  if (text) return text;
  if (!challenge.challengerPresent) return "NOT_IN_PIT";
  if (challenge.muted && challenge.message !== null) return "MUTED";
  if (!challenge.targetPresent) return "TARGET_NOT_IN_PIT";
  if (challenge.wager > 0n && challenge.targetOwner === "HOUSE") return "WAGER_WITH_HOUSE";
  if (challenge.wager > 0n && challenge.targetOwner === "ONESELF") return "WAGER_WITH_ONESELF";
  return challenge.pending ? "ALREADY_CALLED" : null;
}

function refuseWager({ wager, wagerMax, sealed }: Challenge): CreateRefusal | null {
  if (wager > 0n && wager < WAGER_MIN) return "WAGER_TOO_SMALL";
  if (wager > wagerMax) return "WAGER_TOO_LARGE";
  return needsSealed(wager) && sealed === false ? "WAGER_NEEDS_SEALED" : null;
}

/** Whether so much is at stake that not even the server may know a move before both are bound. */
export const needsSealed = (wager: bigint): boolean => wager >= WAGER_SEALED_FROM;

/** What ends a callout. */
export type CalloutCommand = "ACCEPT" | "DECLINE" | "CANCEL" | "EXPIRE";
export const ANSWER_REFUSALS = [
  "CALLOUT_CLOSED",
  "NOT_IN_PIT",
  "CHALLENGER_LEFT",
  "IN_CONTEST",
  "CHALLENGER_BUSY",
] as const;
export type AnswerRefusal = (typeof ANSWER_REFUSALS)[number];

/** A callout as it stands, with where its two sides are. */
export type StandingCallout = {
  status: CalloutStatus;
  expiresAt: Date;
  challengerPresent: boolean;
  targetPresent: boolean;
  challengerBusy: boolean;
  targetBusy: boolean;
};

const ENDS: Record<CalloutCommand, Exclude<CalloutStatus, "PENDING">> = {
  ACCEPT: "ACCEPTED",
  DECLINE: "DECLINED",
  CANCEL: "CANCELLED",
  EXPIRE: "EXPIRED",
};

/** The machine of a callout: what a command makes of it, or why it is refused. */
export function decideCallout(
  callout: StandingCallout,
  command: CalloutCommand,
  now: Date,
): { ok: true; status: CalloutStatus } | { ok: false; refusal: AnswerRefusal } {
  const refusal = refuseAnswer(callout, command, now);
  return refusal ? { ok: false, refusal } : { ok: true, status: ENDS[command] };
}

function refuseAnswer(callout: StandingCallout, command: CalloutCommand, now: Date): AnswerRefusal | null {
  const expired = now >= callout.expiresAt;
  if (callout.status !== "PENDING" || expired !== (command === "EXPIRE")) return "CALLOUT_CLOSED";
  if (command !== "ACCEPT") return null;
  if (!callout.targetPresent) return "NOT_IN_PIT";
  if (!callout.challengerPresent) return "CHALLENGER_LEFT";
  if (callout.targetBusy) return "IN_CONTEST";
  return callout.challengerBusy ? "CHALLENGER_BUSY" : null;
}
