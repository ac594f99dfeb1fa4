import type { Feats } from "./aim.ts";
import type { Result } from "./score.ts";
import type { MatchVoidReason } from "./match.ts";

/** People may bet until `startsAt`; then a node with a free server begins it. */
export type MatchAnnounced = {
  type: "MatchAnnounced";
  ladder: string;
  rated: boolean;
  map: string;
  startsAt: string;
  botIds: string[];
};
/** A server is there; the bots connect. */
export type MatchJoining = { type: "MatchJoining"; attempt: number };
/** The node that ran it is gone; it waits for another. */
export type MatchPostponed = { type: "MatchPostponed" };
/** Somebody from the queue took the place of one who could not come. */
export type MatchPlayerReplaced = { type: "MatchPlayerReplaced"; botId: string; byBotId: string; rated: boolean };
/** Everybody is in the game; nobody else comes. */
export type MatchRosterFrozen = { type: "MatchRosterFrozen"; botIds: string[] };
export type MatchStarted = { type: "MatchStarted"; endsAt: string };
export type MatchKill = {
  type: "MatchKill";
  number: number;
  killerBotId: string | null;
  victimBotId: string;
  means: number;
  suicide: boolean;
  atMs: number;
};
/** A bot's score as the server counts it now. */
export type MatchScored = { type: "MatchScored"; botId: string; score: number };
/** Those of before shots were counted have neither aim nor awards. */
export type MatchResult = Omit<Result, keyof Feats> &
  Partial<Feats> & { ratingBefore: number | null; ratingAfter: number | null };
/** `framesSha256` is of what it looked like, as it is downloaded: null where it was not filmed; older ones do not say it. */
export type MatchCompleted = {
  type: "MatchCompleted";
  results: MatchResult[];
  seed: string;
  framesSha256?: string | null;
};
/** Without a result; `requeuedBotIds` wait again, at their place. */
export type MatchVoided = { type: "MatchVoided"; reason: MatchVoidReason; requeuedBotIds: string[]; seed: string };

/** What a match tells, in order. */
export type MatchEvent =
  | MatchAnnounced
  | MatchJoining
  | MatchPostponed
  | MatchPlayerReplaced
  | MatchRosterFrozen
  | MatchStarted
  | MatchKill
  | MatchScored
  | MatchCompleted
  | MatchVoided;
