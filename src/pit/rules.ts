import type { LadderKind } from "../ladder/rules/ladders.ts";

/** Unicode characters (code points) after trimming. */
export const CHAT_LENGTH_MAX = 280;
export const CALLOUT_MESSAGE_LENGTH_MAX = 280;

export const CHAT_KEPT_MAX = 1_000;
export const CHAT_KEPT_DAYS = 7;

/** Why a bot is out of the Pit: it left, or it was silent for too long. */
export const LEAVE_REASONS = ["LEFT", "SILENT"] as const;
export type LeaveReason = (typeof LEAVE_REASONS)[number];

/** The last four are ends. */
export const CALLOUT_STATUSES = ["PENDING", "ACCEPTED", "DECLINED", "CANCELLED", "EXPIRED"] as const;
export type CalloutStatus = (typeof CALLOUT_STATUSES)[number];
export type CalloutEnd = Exclude<CalloutStatus, "PENDING">;

/** Ladders of duels: a callout is for one of them. */
export const CALLOUT_LADDERS = ["PIT", "PIT_SLOW"] as const satisfies readonly LadderKind[];
export type CalloutLadder = (typeof CALLOUT_LADDERS)[number];

export const TEXT_REFUSALS = ["MESSAGE_EMPTY", "MESSAGE_TOO_LONG", "MESSAGE_NOT_PLAIN"] as const;
export type TextRefusal = (typeof TEXT_REFUSALS)[number];

/** Control characters, line and paragraph separators, and the embeddings, overrides and isolates of UAX #9. */
const NOT_PLAIN = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const NOTHING_TO_SEE = /^[\p{Cf}\p{Z}]*$/u;

/** Text as it is kept, trimmed; or why it is refused. Length counts code points; too long is refused, never cut. */
export function readText(typed: string, lengthMax: number): { text: string } | { refusal: TextRefusal } {
  const text = typed.trim();
  if (NOTHING_TO_SEE.test(text)) return { refusal: "MESSAGE_EMPTY" };
  if ([...text].length > lengthMax) return { refusal: "MESSAGE_TOO_LONG" };
  if (NOT_PLAIN.test(text) || !text.isWellFormed()) return { refusal: "MESSAGE_NOT_PLAIN" };
  return { text };
}

/** How long until an act that may be done once per interval is allowed again; 0 when it is. `lastAt` null: never done. */
export function waitMs(lastAt: Date | null, intervalMs: number, now: Date): number {
  return lastAt ? Math.max(0, lastAt.getTime() + intervalMs - now.getTime()) : 0;
}

export type Speaker = { present: boolean; muted: boolean; waitMs: number };
export const CHAT_REFUSALS = ["NOT_IN_PIT", "MUTED", "RATE_LIMITED"] as const;

/** Why this bot may not speak now, or null when it may. */
export function refuseChat(speaker: Speaker): (typeof CHAT_REFUSALS)[number] | null {
  if (!speaker.present) return "NOT_IN_PIT";
  if (speaker.muted) return "MUTED";
  return speaker.waitMs > 0 ? "RATE_LIMITED" : null;
}

export type Challenge = { oneself: boolean; wager: bigint; targetPresent: boolean } & Speaker;
export const CALLOUT_REFUSALS = [
  "CALLOUT_TO_ONESELF",
  "WAGERS_NOT_OPEN",
  "NOT_IN_PIT",
  "MUTED",
  "TARGET_NOT_PRESENT",
  "RATE_LIMITED",
] as const;

/** Why this bot may not call out that one now, or null when it may. */
export function refuseCallout(challenge: Challenge): (typeof CALLOUT_REFUSALS)[number] | null {
  if (challenge.oneself) return "CALLOUT_TO_ONESELF";
  if (challenge.wager > 0n) return "WAGERS_NOT_OPEN";
  const refusal = refuseChat({ ...challenge, waitMs: 0 });
  if (refusal) return refusal;
  if (!challenge.targetPresent) return "TARGET_NOT_PRESENT";
  return challenge.waitMs > 0 ? "RATE_LIMITED" : null;
}

/** A callout with what decides about it: who is in the Pit and who is in a contest of its ladder now. */
export type OpenCallout = {
  challengerId: string;
  targetId: string;
  status: CalloutStatus;
  expiresAt: Date;
  present: readonly string[];
  busy: readonly string[];
};

export type CalloutCommand =
  | { type: "ACCEPT"; botId: string }
  | { type: "DECLINE"; botId: string }
  | { type: "CANCEL"; botId: string }
  | { type: "EXPIRE" };

export const ANSWER_REFUSALS = ["NOT_YOUR_CALLOUT", "CALLOUT_CLOSED", "LEFT_THE_PIT", "IN_CONTEST"] as const;
export type AnswerRefusal = (typeof ANSWER_REFUSALS)[number];
export type CalloutDecision = { ok: true; status: CalloutEnd } | { ok: false; refusal: AnswerRefusal };

const ended = (status: CalloutEnd): CalloutDecision => ({ ok: true, status });
const refused = (refusal: AnswerRefusal): CalloutDecision => ({ ok: false, refusal });

/** The machine of a callout: PENDING and a command give one of the ends, or a refusal. */
export function decideCallout(callout: OpenCallout, command: CalloutCommand, now: Date): CalloutDecision {
  if (command.type !== "EXPIRE" && command.botId !== actorOf(callout, command.type)) return refused("NOT_YOUR_CALLOUT");
  if (callout.status !== "PENDING") return refused("CALLOUT_CLOSED");
  const due = now >= callout.expiresAt;
  switch (command.type) {
    case "ACCEPT":
      return due ? refused("CALLOUT_CLOSED") : accept(callout);
    case "DECLINE":
      return due ? refused("CALLOUT_CLOSED") : ended("DECLINED");
    case "CANCEL":
      return due ? refused("CALLOUT_CLOSED") : ended("CANCELLED");
    case "EXPIRE":
      return due ? ended("EXPIRED") : refused("CALLOUT_CLOSED");
  }
}

function actorOf(callout: OpenCallout, type: "ACCEPT" | "DECLINE" | "CANCEL"): string {
  return type === "CANCEL" ? callout.challengerId : callout.targetId;
}

function accept({ challengerId, targetId, present, busy }: OpenCallout): CalloutDecision {
  if (!present.includes(challengerId) || !present.includes(targetId)) return refused("LEFT_THE_PIT");
  return busy.length > 0 ? refused("IN_CONTEST") : ended("ACCEPTED");
}
