import type { EndPhase, EndReason, FightEvent, RequestedFighter, Timing } from "./fight-events.ts";
import { type Action, type Character, hpMaxOf, STAMINA_START } from "./pit-rules-1.ts";

export const SUBMIT_REFUSALS = [
  "NOT_IN_FIGHT",
  "FIGHT_OVER",
  "FIGHT_SEALED",
  "EXCHANGE_CLOSED",
  "ALREADY_SUBMITTED",
  "INSUFFICIENT_STAMINA",
] as const;
export type SubmitRefusal = (typeof SUBMIT_REFUSALS)[number];

export const COMMIT_REFUSALS = [
  "NOT_IN_FIGHT",
  "FIGHT_OVER",
  "FIGHT_NOT_SEALED",
  "EXCHANGE_CLOSED",
  "ALREADY_COMMITTED",
] as const;
export type CommitRefusal = (typeof COMMIT_REFUSALS)[number];

export const REVEAL_REFUSALS = [
  "NOT_IN_FIGHT",
  "FIGHT_OVER",
  "FIGHT_NOT_SEALED",
  "EXCHANGE_CLOSED",
  "REVEAL_TOO_EARLY",
  "NOT_COMMITTED",
  "ALREADY_REVEALED",
  "BAD_NONCE",
  "COMMITMENT_MISMATCH",
  "ILLEGAL_REVEAL",
] as const;
export type RevealRefusal = (typeof REVEAL_REFUSALS)[number];
export type FightRefusal = SubmitRefusal | CommitRefusal | RevealRefusal;

/** One fighter as the fight stands. `played` holds what was resolved, oldest first. */
export type Fighter = {
  botId: string;
  character: Character;
  hp: number;
  stamina: number;
  roundWins: number;
  bankMs: number;
  timeouts: number;
  timeoutsInARow: number;
  played: Action[];
};
export type Both<T> = [T, T];

/** What one side plays in an exchange, and the bank that is left of it; the default where it timed out. */
export type Move = { action: Action; timedOut: boolean; bankMs: number };
/** The move of a sealed side with the nonce that opened its commitment; null where it was not opened. */
export type OpenedMove = Move & { nonce: string | null };
/** The hash that a side committed to, or the action that was drawn for one that missed it. */
export type Commitment = { hash: string; bankMs: number } | { hash: null; drawn: Action };

export type Base = {
  ladder: string;
  rated: boolean;
  sealed: boolean;
  timing: Timing;
  fighters: Both<Fighter>;
  round: number;
  exchange: number;
  silent: number;
};
/** What both sides are asked for something by. */
export type Asked = Base & { requestedAtMs: number; deadlinesMs: Both<number> };

/** A fight; each variant carries only what its phase has. Plain JSON. */
export type FightState =
  | (Base & { phase: "ANNOUNCED"; startsAtMs: number | null })
  | (Asked & { phase: "WAITING_FOR_ACTIONS"; pending: Both<Move | null> })
  | (Asked & { phase: "WAITING_FOR_COMMITMENTS"; commitments: Both<Commitment | null> })
  | (Asked & { phase: "WAITING_FOR_REVEALS"; commitments: Both<string | null>; pending: Both<OpenedMove | null> })
  | (Base & { phase: "ROUND_OVER"; nextRoundAtMs: number })
  | (Base & { phase: EndPhase; winnerBotId: string | null; reason: EndReason });
type InPhase<Phase extends FightState["phase"]> = Extract<FightState, { phase: Phase }>;
export type Announced = InPhase<"ANNOUNCED">;
export type Waiting = InPhase<"WAITING_FOR_ACTIONS">;
export type Committing = InPhase<"WAITING_FOR_COMMITMENTS">;
export type Revealing = InPhase<"WAITING_FOR_REVEALS">;

type Turn = { botId: string; round: number; exchange: number };
export type FightCommand =
  | { type: "ANNOUNCE"; startsAtMs: number }
  | { type: "START" }
  | (Turn & { type: "SUBMIT"; action: Action })
  | (Turn & { type: "COMMIT"; hash: string })
  | (Turn & { type: "REVEAL"; fightId: string; action: Action; nonce: string })
  /** `defaults` are what a silent side plays; `timePasses` says them. */
  | { type: "DEADLINE"; defaults: Both<Action> }
  | { type: "CONCEDE"; botId: string }
  | { type: "VOID" }
  | { type: "EXTEND"; byMs: number };
export type CommandOf<Type extends FightCommand["type"]> = Extract<FightCommand, { type: Type }>;

export type FightDecision =
  | { ok: true; state: FightState; events: FightEvent[] }
  | { ok: false; refusal: FightRefusal };

export type OpenFight = {
  ladder: string;
  rated: boolean;
  sealed: boolean;
  timing: Timing;
  fighters: Both<{ botId: string; character: Character }>;
};

/** A fight that nobody has heard of yet. */
export function openFight({ fighters, timing, ...rest }: OpenFight): FightState {
  const fresh = ({ botId, character }: { botId: string; character: Character }): Fighter => ({
    botId,
    character,
    hp: hpMaxOf(character),
    stamina: STAMINA_START,
    roundWins: 0,
    bankMs: timing.bankMs,
    timeouts: 0,
    timeoutsInARow: 0,
    played: [],
  });
  return {
    ...rest,
    timing,
    phase: "ANNOUNCED",
    startsAtMs: null,
    fighters: [fresh(fighters[0]), fresh(fighters[1])],
    round: 1,
    exchange: 1,
    silent: 0,
  };
}

/** The next instant at which time alone changes the fight, in milliseconds; null when it never does. */
export function deadlineOf(state: FightState): number | null {
  switch (state.phase) {
    case "WAITING_FOR_ACTIONS":
    case "WAITING_FOR_REVEALS":
      return firstOf(state.deadlinesMs, state.pending);
    case "WAITING_FOR_COMMITMENTS":
      return firstOf(state.deadlinesMs, state.commitments);
    case "ROUND_OVER":
      return state.nextRoundAtMs;
    case "ANNOUNCED":
      return state.startsAtMs;
    case "COMPLETED":
    case "FORFEITED":
    case "NO_CONTEST":
    case "VOIDED":
      return null;
  }
}

const firstOf = (deadlinesMs: Both<number>, given: Both<object | null>) =>
  Math.min(...deadlinesMs.filter((_deadline, side) => given[side] === null));

/** Whether a fight has ended. */
export function isOver(state: FightState): state is Extract<FightState, { phase: EndPhase }> {
  return (
    state.phase === "COMPLETED" ||
    state.phase === "FORFEITED" ||
    state.phase === "NO_CONTEST" ||
    state.phase === "VOIDED"
  );
}

/** Whether both sides are asked for something now. */
export function isAsked(state: FightState): state is Waiting | Committing | Revealing {
  return (
    state.phase === "WAITING_FOR_ACTIONS" ||
    state.phase === "WAITING_FOR_COMMITMENTS" ||
    state.phase === "WAITING_FOR_REVEALS"
  );
}

export const refused = (refusal: FightRefusal): FightDecision => ({ ok: false, refusal });
export const made = (state: FightState, events: FightEvent[]): FightDecision => ({ ok: true, state, events });
export const both = <T>(make: (side: 0 | 1) => T): Both<T> => [make(0), make(1)];
export const iso = (ms: number) => new Date(ms).toISOString();

/** A pair with one side's value changed. */
export const withSide = <T>(pair: Both<T>, side: 0 | 1, value: T): Both<T> =>
  both((each) => (each === side ? value : pair[each]));

/** On which side a bot fights; null when it does not. */
export function sideOf({ fighters }: Base, botId: string): 0 | 1 | null {
  return fighters[0].botId === botId ? 0 : fighters[1].botId === botId ? 1 : null;
}

/** What every phase carries on. */
export function baseOf({ ladder, rated, sealed, timing, fighters, round, exchange, silent }: Base): Base {
  return { ladder, rated, sealed, timing, fighters, round, exchange, silent };
}

/** Asks both sides for something now: each has the action's time and what is left of its bank. */
export function asked(base: Base, nowMs: number): Asked {
  const deadlinesMs = both((side) => nowMs + base.timing.actionMs + base.fighters[side].bankMs);
  return { ...baseOf(base), requestedAtMs: nowMs, deadlinesMs };
}

/** What is left of a side's bank when it answers now. */
export function bankAfter({ requestedAtMs, timing, fighters }: Asked, side: 0 | 1, nowMs: number): number {
  const overMs = Math.max(0, nowMs - requestedAtMs - timing.actionMs);
  return Math.max(0, fighters[side].bankMs - overMs);
}

/** Both fighters as a request shows them. */
export function requestedFighters({ fighters, deadlinesMs }: Asked): Both<RequestedFighter> {
  return both((side) => {
    const { botId, character, hp, stamina, roundWins, bankMs } = fighters[side];
    return { botId, character, hp, stamina, roundWins, bankMs, deadlineAt: iso(deadlinesMs[side]) };
  });
}
