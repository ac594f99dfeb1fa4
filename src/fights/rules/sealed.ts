import { commitmentOf, isNonce } from "./commitment.ts";
import { isLegal } from "./exchange.ts";
import {
  asked,
  bankAfter,
  both,
  type Both,
  type CommandOf,
  type Commitment,
  type Committing,
  type FightDecision,
  type FightState,
  made,
  type OpenedMove,
  refused,
  requestedFighters,
  type RevealRefusal,
  type Revealing,
  sideOf,
  withSide,
} from "./fight-state.ts";
import type { Action } from "./pit-rules-1.ts";
import { resolve } from "./resolution.ts";

/** Takes the hash that a side commits to. The second one asks both for their reveals; a first one tells nobody. */
export function commit(state: FightState, command: CommandOf<"COMMIT">, nowMs: number): FightDecision {
  const side = sideOf(state, command.botId);
  if (side === null) return refused("NOT_IN_FIGHT");
  if (!state.sealed) return refused("FIGHT_NOT_SEALED");
  if (!isOpen(state, command)) return refused("EXCHANGE_CLOSED");
  if (state.phase === "WAITING_FOR_REVEALS")
    return refused(state.commitments[side] === null ? "EXCHANGE_CLOSED" : "ALREADY_COMMITTED");
  const mine = state.commitments[side];
  if (mine && mine.hash !== null) return refused("ALREADY_COMMITTED");
  // What was drawn for a silent side is as closed as a passed deadline.
  if (mine || nowMs > state.deadlinesMs[side]) return refused("EXCHANGE_CLOSED");
  const commitment = { hash: command.hash, bankMs: bankAfter(state, side, nowMs) };
  return whenCommitted({ ...state, commitments: withSide(state.commitments, side, commitment) }, nowMs);
}

/** Opens a commitment. The second one resolves the exchange and publishes both; a first one tells nobody. */
export function reveal(state: FightState, command: CommandOf<"REVEAL">, nowMs: number): FightDecision {
  const side = sideOf(state, command.botId);
  if (side === null) return refused("NOT_IN_FIGHT");
  if (!state.sealed) return refused("FIGHT_NOT_SEALED");
  if (!isOpen(state, command)) return refused("EXCHANGE_CLOSED");
  if (state.phase === "WAITING_FOR_COMMITMENTS") return refused("REVEAL_TOO_EARLY");
  const refusal = refuseReveal(state, side, command, nowMs);
  if (refusal) return refused(refusal);
  const { action, nonce } = command;
  const move: OpenedMove = { action, nonce, timedOut: false, bankMs: bankAfter(state, side, nowMs) };
  return whenRevealed({ ...state, pending: withSide(state.pending, side, move) }, nowMs);
}

function refuseReveal(
  state: Revealing,
  side: 0 | 1,
  { fightId, botId, round, exchange, action, nonce }: CommandOf<"REVEAL">,
  nowMs: number,
): RevealRefusal | null {
  const [commitment, mine] = [state.commitments[side], state.pending[side]];
  if (commitment === null) return "NOT_COMMITTED";
  if (mine && !mine.timedOut) return "ALREADY_REVEALED";
  if (mine || nowMs > state.deadlinesMs[side]) return "EXCHANGE_CLOSED";
  if (!isNonce(nonce)) return "BAD_NONCE";
  if (commitmentOf({ fightId, round, exchange, botId, action, nonce }) !== commitment) return "COMMITMENT_MISMATCH";
  return isLegal(state.fighters[side], action) ? null : "ILLEGAL_REVEAL";
}

const isOpen = (
  state: FightState,
  { round, exchange }: { round: number; exchange: number },
): state is Committing | Revealing =>
  (state.phase === "WAITING_FOR_COMMITMENTS" || state.phase === "WAITING_FOR_REVEALS") &&
  round === state.round &&
  exchange === state.exchange;

/** Time passes in a step of a sealed exchange: whose deadline is over plays what was drawn for it. */
export function passSealedTime(state: Committing | Revealing, defaults: Both<Action>, nowMs: number): FightDecision {
  const late = (side: 0 | 1) => nowMs >= state.deadlinesMs[side];
  if (state.phase === "WAITING_FOR_REVEALS") {
    const pending = both((side) => state.pending[side] ?? (late(side) ? drawn(defaults[side]) : null));
    return whenRevealed({ ...state, pending }, nowMs);
  }
  const commitments = both(
    (side): Commitment | null => state.commitments[side] ?? (late(side) ? { hash: null, drawn: defaults[side] } : null),
  );
  return whenCommitted({ ...state, commitments }, nowMs);
}

const drawn = (action: Action): OpenedMove => ({ action, nonce: null, timedOut: true, bankMs: 0 });

function whenCommitted(state: Committing, nowMs: number): FightDecision {
  const [a, b] = state.commitments;
  if (!a || !b) return made(state, []);
  if (a.hash === null && b.hash === null)
    return resolve(state, [drawn(a.drawn), drawn(b.drawn)], [UNSEALED, UNSEALED], nowMs);
  return requestReveals(state, [a, b], nowMs);
}

const UNSEALED = { commitment: null, nonce: null };

function requestReveals(state: Committing, given: Both<Commitment>, nowMs: number): FightDecision {
  const bankMs = (side: 0 | 1) => (given[side].hash === null ? 0 : given[side].bankMs);
  const fighters = both((side) => ({ ...state.fighters[side], bankMs: bankMs(side) }));
  const revealing: Revealing = {
    ...asked({ ...state, fighters }, nowMs),
    phase: "WAITING_FOR_REVEALS",
    commitments: both((side) => given[side].hash),
    pending: both((side) => (given[side].hash === null ? drawn(given[side].drawn) : null)),
  };
  const { round, exchange, commitments } = revealing;
  const shown = requestedFighters(revealing);
  const revealers = both((side) => ({ ...shown[side], commitment: commitments[side] }));
  return made(revealing, [{ type: "RevealRequested", round, exchange, fighters: revealers }]);
}

function whenRevealed(state: Revealing, nowMs: number): FightDecision {
  const [a, b] = state.pending;
  if (!a || !b) return made(state, []);
  const seals = both((side) => ({ commitment: state.commitments[side], nonce: [a, b][side]?.nonce ?? null }));
  return resolve(state, [a, b], seals, nowMs);
}
