import type { Tx } from "../platform/database.ts";
import type { Job } from "../platform/jobs.ts";
import type { Amount } from "../platform/money.ts";
import type { Platform } from "../platform/platform.ts";
import { port } from "../platform/port.ts";
import type { Append } from "../platform/streams.ts";
import type { ContestOrigin, LadderKind, QueueMode } from "./rules/ladders.ts";

/** Those that are to meet, by side; `entryIds` are the queue entries that this uses up. */
export type Pairing = {
  ladder: LadderKind;
  origin: ContestOrigin;
  rated: boolean;
  sealed: boolean;
  botIds: readonly string[];
  entryIds: readonly string[];
  /** What each side has put into an escrow before they meet; null where nothing is at stake. */
  stakes: { escrowId: string; each: Amount } | null;
};

/** Makes contests of one ladder in the caller's transaction and gives their ids, in order. */
export type CreateContests = (tx: Tx, platform: Platform, pairings: readonly Pairing[]) => Promise<string[]>;

/** The port by which the matchmaker and callouts make contests: the domain of the ladder's game writes them. */
export const createContests = port<CreateContests>("ladder.createContests");

/** A new contest, as a pool is decided for it. */
export type Announced = { contestId: string; origin: ContestOrigin; rated: boolean; withHouse: boolean };

/**
 * Opens pools on new contests in the caller's transaction; gives, for each contest that has one, when it closes: play
 * begins then, and no sooner.
 */
export type OpenPools = (tx: Tx, platform: Platform, contests: readonly Announced[]) => Promise<Map<string, Date>>;

/** The port by which the domains of the games let people bet on what they announce. */
export const openPools = port<OpenPools>("ladder.openPools");

/** Closes a contest's pool in the transaction that begins play; gives what is to be told. */
export type LockPool = (tx: Tx, platform: Platform, contestId: string) => Promise<Append[]>;

/** The port by which play closes a pool: no bet commits after it. */
export const lockPool = port<LockPool>("ladder.lockPool");

/** Moves the close of a contest's open pool in the transaction that moves the start of play; gives what is to be told. */
export type MovePool = (tx: Tx, platform: Platform, contestId: string, closesAt: Date) => Promise<Append[]>;

/** The port by which play that begins later keeps its pool open until then. */
export const movePool = port<MovePool>("ladder.movePool");

/** Jobs that a contest's end enqueues in its transaction, on whatever ladder; app.ts says who hears of them. */
export const CONTEST_JOBS = { completed: "contest-completed", voided: "contest-voided" } as const;

/** The job that tells others of a contest that has a result; `qualities` are the bots' scores where the game has them. */
export function contestCompleted(contestId: string, placements: readonly { botId: string; quality?: number }[]): Job {
  const scored = placements.flatMap(({ botId, quality }) => (quality === undefined ? [] : [[botId, quality] as const]));
  const payload = { contestId, qualities: Object.fromEntries(scored) };
  return { task: CONTEST_JOBS.completed, payload, key: `${CONTEST_JOBS.completed}:${contestId}` };
}

/** The job that tells others of a contest whose result was taken back. */
export const contestVoided = (contestId: string): Job => ({
  task: CONTEST_JOBS.voided,
  payload: { contestId },
  key: `${CONTEST_JOBS.voided}:${contestId}`,
});

/**
 * Why a wait ended without a contest: its owner took it out, the bot was offline for too long, it may not play any more, or
 * the strategy by which it would have played was deactivated.
 */
export const QUEUE_LEFT_REASONS = ["LEFT", "EXPIRED", "BARRED", "NO_STRATEGY"] as const;
export type QueueLeftReason = (typeof QUEUE_LEFT_REASONS)[number];

/** What a bot's stream says when its wait ended without a contest. */
export type QueueLeft = {
  type: "QueueLeft";
  queueEntryId: string;
  ladder: LadderKind;
  mode: QueueMode;
  reason: QueueLeftReason;
};

/** The event of a wait that ended without a contest, for the bot's own stream. */
export function queueLeft(botId: string, left: Omit<QueueLeft, "type">): Append {
  return { stream: `bot:${botId}`, events: [{ type: "QueueLeft", ...left }] };
}

/** Why nobody can wait on a ladder now, in a sentence for people; null where its domain has nothing to say. */
export type WhyClosed = (platform: Platform, ladder: LadderKind) => Promise<string | null>;

/** The port by which the domain of a ladder's game says what its ladder waits for. */
export const whyClosed = port<WhyClosed>("ladder.whyClosed");
