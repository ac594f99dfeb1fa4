import type { Action, Character } from "./pit-rules-1.ts";

/** How a fight stands; the last four are ends. */
export const FIGHT_PHASES = [
  "ANNOUNCED",
  "WAITING_FOR_ACTIONS",
  "WAITING_FOR_COMMITMENTS",
  "WAITING_FOR_REVEALS",
  "ROUND_OVER",
  "COMPLETED",
  "FORFEITED",
  "NO_CONTEST",
  "VOIDED",
] as const;
export type FightPhase = (typeof FIGHT_PHASES)[number];
export const END_PHASES = ["COMPLETED", "FORFEITED", "NO_CONTEST", "VOIDED"] as const satisfies readonly FightPhase[];
export type EndPhase = (typeof END_PHASES)[number];

export const ROUND_REASONS = ["KNOCKOUT", "HIGHER_HP", "DRAWN", "TIMEOUTS"] as const;
export type RoundReason = (typeof ROUND_REASONS)[number];

export const END_REASONS = ["ROUNDS", "DRAW", "TIMEOUTS", "CONCEDED", "BOTH_SILENT", "VOIDED"] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Durations in milliseconds. */
export type Timing = { actionMs: number; bankMs: number; roundPauseMs: number };

export type StartedFighter = { botId: string; character: Character; hp: number; stamina: number };
export type RequestedFighter = {
  botId: string;
  character: Character;
  hp: number;
  stamina: number;
  roundWins: number;
  bankMs: number;
  deadlineAt: string;
};
/** A fighter as its reveal is asked for, with what it committed to; null when it missed that. */
export type RevealingFighter = RequestedFighter & { commitment: string | null };
/** What a sealed side committed to, and the nonce that opened it; null what it missed. */
export type Seal = { commitment: string | null; nonce: string | null };
/** One side of an exchange; of a sealed fight with its seal. */
export type ResolvedSide = Partial<Seal> & {
  botId: string;
  action: Action;
  timedOut: boolean;
  dealt: number;
  taken: number;
  hp: number;
  stamina: number;
};

/** `sealed` stands only in sealed fights: what was logged before there were any still verifies. */
type Opening = {
  ladder: string;
  rated: boolean;
  sealed?: boolean;
  rules: string;
  timing: Timing;
  fighters: StartedFighter[];
};
/** Play begins at `startsAt`; until then there may be bets. */
export type FightAnnounced = Opening & { type: "FightAnnounced"; startsAt: string };
export type FightStarted = Opening & { type: "FightStarted" };
export type ExchangeRequested = {
  type: "ExchangeRequested";
  round: number;
  exchange: number;
  /** Stands only in sealed fights, where the hash of a move is asked for. */
  sealed?: boolean;
  fighters: RequestedFighter[];
  /** The exchange before it in this round; null for a round's first. */
  last: ResolvedSide[] | null;
};
/** Both sides of a sealed exchange have committed, or one has and the other missed it. */
export type RevealRequested = {
  type: "RevealRequested";
  round: number;
  exchange: number;
  fighters: RevealingFighter[];
};
export type ExchangeResolved = { type: "ExchangeResolved"; round: number; exchange: number; sides: ResolvedSide[] };
export type RoundEnded = {
  type: "RoundEnded";
  round: number;
  winnerBotId: string | null;
  reason: RoundReason;
  roundWins: number[];
  nextRoundAt: string | null;
};
export type FightEnded = {
  type: "FightEnded";
  phase: EndPhase;
  winnerBotId: string | null;
  reason: EndReason;
  placements: { botId: string; placement: number }[];
};
export type DeadlineExtended = { type: "DeadlineExtended"; byMs: number; fighters: RequestedFighter[] };

/** What a fight tells, in order; sides are always in the order of the fighters. */
export type FightEvent =
  | FightAnnounced
  | FightStarted
  | ExchangeRequested
  | RevealRequested
  | ExchangeResolved
  | RoundEnded
  | FightEnded
  | DeadlineExtended;
