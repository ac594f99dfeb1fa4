import { isLegal, resolveExchange } from "./exchange.ts";
import type {
  EndPhase,
  EndReason,
  FightEvent,
  RequestedFighter,
  ResolvedSide,
  RoundReason,
  Timing,
} from "./fight-events.ts";
import {
  type Action,
  type Character,
  DEFAULT_ACTION,
  EXCHANGES_MAX,
  hpMaxOf,
  ROUND_WINS_NEEDED,
  ROUNDS_MAX,
  RULES,
  SILENT_EXCHANGES_END_FIGHT,
  STAMINA_START,
  TIMEOUTS_IN_A_ROW_LOSE_ROUND,
  TIMEOUTS_LOSE_FIGHT,
} from "./pit-rules-1.ts";

export const SUBMIT_REFUSALS = [
  "NOT_IN_FIGHT",
  "FIGHT_OVER",
  "EXCHANGE_CLOSED",
  "ALREADY_SUBMITTED",
  "INSUFFICIENT_STAMINA",
] as const;
export type SubmitRefusal = (typeof SUBMIT_REFUSALS)[number];

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
type Pending = { action: Action; timedOut: boolean; bankMs: number } | null;
type Both<T> = [T, T];
type Base = {
  ladder: string;
  rated: boolean;
  sealed: boolean;
  timing: Timing;
  fighters: Both<Fighter>;
  round: number;
  exchange: number;
  silent: number;
};

/** A fight; each variant carries only what its phase has. Plain JSON. */
export type FightState =
  | (Base & { phase: "ANNOUNCED"; startsAtMs: number | null })
  | (Base & { phase: "WAITING_FOR_ACTIONS"; requestedAtMs: number; deadlinesMs: Both<number>; pending: Both<Pending> })
  | (Base & { phase: "ROUND_OVER"; nextRoundAtMs: number })
  | (Base & { phase: EndPhase; winnerBotId: string | null; reason: EndReason });
type Announced = Extract<FightState, { phase: "ANNOUNCED" }>;
type Waiting = Extract<FightState, { phase: "WAITING_FOR_ACTIONS" }>;

export type FightCommand =
  | { type: "ANNOUNCE"; startsAtMs: number }
  | { type: "START" }
  | { type: "SUBMIT"; botId: string; round: number; exchange: number; action: Action }
  | { type: "DEADLINE" }
  | { type: "CONCEDE"; botId: string }
  | { type: "VOID" }
  | { type: "EXTEND"; byMs: number };

export type FightDecision =
  | { ok: true; state: FightState; events: FightEvent[] }
  | { ok: false; refusal: SubmitRefusal };

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
      return Math.min(...state.deadlinesMs.filter((_deadline, side) => state.pending[side] === null));
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

/** Whether a fight has ended. */
export function isOver(state: FightState): state is Extract<FightState, { phase: EndPhase }> {
  return (
    state.phase === "COMPLETED" ||
    state.phase === "FORFEITED" ||
    state.phase === "NO_CONTEST" ||
    state.phase === "VOIDED"
  );
}

/** The machine of a fight: what a command makes of it, with what is told, or why it is refused. */
export function decide(state: FightState, command: FightCommand, nowMs: number): FightDecision {
  if (isOver(state))
    return command.type === "SUBMIT" || command.type === "CONCEDE" ? refused("FIGHT_OVER") : unchanged(state);
  switch (command.type) {
    case "ANNOUNCE":
      return state.phase === "ANNOUNCED" ? announce(state, command.startsAtMs) : unchanged(state);
    case "START":
      return state.phase === "ANNOUNCED" ? start(state, nowMs) : unchanged(state);
    case "SUBMIT":
      return submit(state, command, nowMs);
    case "DEADLINE":
      return passTime(state, nowMs);
    case "CONCEDE":
      return concede(state, command.botId);
    case "VOID":
      return made(...end(state, "VOIDED", null, "VOIDED"));
    case "EXTEND":
      return extend(state, command.byMs);
  }
}

const refused = (refusal: SubmitRefusal): FightDecision => ({ ok: false, refusal });
const made = (state: FightState, events: FightEvent[]): FightDecision => ({ ok: true, state, events });
const unchanged = (state: FightState) => made(state, []);
const sideOf = (state: FightState, botId: string) => state.fighters.findIndex((fighter) => fighter.botId === botId);
const both = <T>(make: (side: 0 | 1) => T): Both<T> => [make(0), make(1)];
const iso = (ms: number) => new Date(ms).toISOString();

function announce(state: Announced, startsAtMs: number): FightDecision {
  return made({ ...state, startsAtMs }, [{ type: "FightAnnounced", startsAt: iso(startsAtMs), ...opening(state) }]);
}

function opening({ ladder, rated, timing, fighters }: Base) {
  const entering = fighters.map(({ botId, character, hp, stamina }) => ({ botId, character, hp, stamina }));
  return { ladder, rated, rules: RULES, timing, fighters: entering };
}

function start(state: FightState, nowMs: number): FightDecision {
  const [next, requested] = request(state, nowMs, null);
  return made(next, [{ type: "FightStarted", ...opening(state) }, requested]);
}

function request(base: Base, nowMs: number, last: ResolvedSide[] | null): [Waiting, FightEvent] {
  const { ladder, rated, sealed, timing, fighters, round, exchange, silent } = base;
  const deadlinesMs = both((side) => nowMs + timing.actionMs + fighters[side].bankMs);
  const common = { ladder, rated, sealed, timing, fighters, round, exchange, silent };
  const state: Waiting = {
    ...common,
    phase: "WAITING_FOR_ACTIONS",
    requestedAtMs: nowMs,
    deadlinesMs,
    pending: [null, null],
  };
  return [state, { type: "ExchangeRequested", round, exchange, fighters: requestedFighters(state), last }];
}

function requestedFighters({ fighters, deadlinesMs }: Waiting): RequestedFighter[] {
  return both((side) => {
    const { botId, character, hp, stamina, roundWins, bankMs } = fighters[side];
    return { botId, character, hp, stamina, roundWins, bankMs, deadlineAt: iso(deadlinesMs[side]) };
  });
}

function submit(
  state: FightState,
  { botId, round, exchange, action }: Extract<FightCommand, { type: "SUBMIT" }>,
  nowMs: number,
): FightDecision {
  const side = sideOf(state, botId) as 0 | 1 | -1;
  if (side === -1) return refused("NOT_IN_FIGHT");
  if (state.phase !== "WAITING_FOR_ACTIONS" || round !== state.round || exchange !== state.exchange)
    return refused("EXCHANGE_CLOSED");
  // A time-out that stands in for a silent side is as closed as a passed deadline.
  if (nowMs > state.deadlinesMs[side] || state.pending[side]?.timedOut) return refused("EXCHANGE_CLOSED");
  if (state.pending[side]) return refused("ALREADY_SUBMITTED");
  const fighter = state.fighters[side];
  if (!isLegal(fighter, action)) return refused("INSUFFICIENT_STAMINA");
  const overMs = Math.max(0, nowMs - state.requestedAtMs - state.timing.actionMs);
  return settle(
    withPending(state, side, { action, timedOut: false, bankMs: Math.max(0, fighter.bankMs - overMs) }),
    nowMs,
  );
}

function withPending(state: Waiting, side: 0 | 1, pending: Pending): Waiting {
  return { ...state, pending: both((each) => (each === side ? pending : state.pending[each])) };
}

function passTime(state: FightState, nowMs: number): FightDecision {
  if (state.phase === "ROUND_OVER") return nowMs < state.nextRoundAtMs ? unchanged(state) : nextRound(state, nowMs);
  if (state.phase === "ANNOUNCED")
    return state.startsAtMs === null || nowMs < state.startsAtMs ? unchanged(state) : start(state, nowMs);
  if (state.phase !== "WAITING_FOR_ACTIONS") return unchanged(state);
  const silent: Pending = { action: DEFAULT_ACTION, timedOut: true, bankMs: 0 };
  const pending = both((side) => state.pending[side] ?? (nowMs >= state.deadlinesMs[side] ? silent : null));
  return settle({ ...state, pending }, nowMs);
}

function settle(state: Waiting, nowMs: number): FightDecision {
  const [a, b] = state.pending;
  return a && b ? resolve(state, [a, b], nowMs) : made(state, []);
}

function resolve(state: Waiting, moves: Both<NonNullable<Pending>>, nowMs: number): FightDecision {
  const effects = resolveExchange(state.fighters[0], state.fighters[1], moves[0].action, moves[1].action);
  const fighters = both((side): Fighter => {
    const [fighter, move] = [state.fighters[side], moves[side]];
    return {
      ...fighter,
      hp: effects[side].hp,
      stamina: effects[side].stamina,
      bankMs: move.bankMs,
      timeouts: fighter.timeouts + (move.timedOut ? 1 : 0),
      timeoutsInARow: move.timedOut ? fighter.timeoutsInARow + 1 : 0,
      played: [...fighter.played, move.action],
    };
  });
  const sides = both((side) => ({
    botId: fighters[side].botId,
    action: moves[side].action,
    timedOut: moves[side].timedOut,
    ...effects[side],
  }));
  const resolved: FightEvent = { type: "ExchangeResolved", round: state.round, exchange: state.exchange, sides };
  const silent = moves[0].timedOut && moves[1].timedOut ? state.silent + 1 : 0;
  const [next, events] = goOn({ ...state, fighters, silent }, sides, nowMs);
  return made(next, [resolved, ...events]);
}

/** After an exchange, in the order of precedence: both silent, fight forfeit, round loss, the bars, the next exchange. */
function goOn(state: Waiting, sides: ResolvedSide[], nowMs: number): [FightState, FightEvent[]] {
  const [a, b] = state.fighters;
  if (state.silent >= SILENT_EXCHANGES_END_FIGHT) return end(state, "NO_CONTEST", null, "BOTH_SILENT");
  const forfeits = both((side) => state.fighters[side].timeouts >= TIMEOUTS_LOSE_FIGHT);
  if (forfeits[0] && forfeits[1]) return end(state, "NO_CONTEST", null, "BOTH_SILENT");
  if (forfeits[0] || forfeits[1]) return end(state, "FORFEITED", (forfeits[0] ? b : a).botId, "TIMEOUTS");
  const round = roundResult(state);
  if (round) return endRound(state, round, nowMs);
  const [next, requested] = request({ ...state, exchange: state.exchange + 1 }, nowMs, sides);
  return [next, [requested]];
}

type RoundResult = { winner: 0 | 1 | null; reason: RoundReason };

function roundResult({ fighters: [a, b], exchange }: Waiting): RoundResult | null {
  const sleeps = [a, b].map((fighter) => fighter.timeoutsInARow >= TIMEOUTS_IN_A_ROW_LOSE_ROUND);
  if (sleeps[0] !== sleeps[1]) return { winner: sleeps[0] ? 1 : 0, reason: "TIMEOUTS" };
  if (a.hp === 0 && b.hp === 0) return { winner: null, reason: "DRAWN" };
  if (a.hp === 0 || b.hp === 0) return { winner: a.hp === 0 ? 1 : 0, reason: "KNOCKOUT" };
  if (exchange < EXCHANGES_MAX) return null;
  return a.hp === b.hp ? { winner: null, reason: "DRAWN" } : { winner: a.hp > b.hp ? 0 : 1, reason: "HIGHER_HP" };
}

function endRound(state: Waiting, { winner, reason }: RoundResult, nowMs: number): [FightState, FightEvent[]] {
  const fighters = both((side) => ({
    ...state.fighters[side],
    roundWins: state.fighters[side].roundWins + (winner === side ? 1 : 0),
    // A round lost by silence is paid for: the count in a row starts anew.
    timeoutsInARow: reason === "TIMEOUTS" ? 0 : state.fighters[side].timeoutsInARow,
  }));
  const [a, b] = fighters;
  const over = Math.max(a.roundWins, b.roundWins) >= ROUND_WINS_NEEDED || state.round >= ROUNDS_MAX;
  const nextRoundAtMs = nowMs + state.timing.roundPauseMs;
  const ended: FightEvent = {
    type: "RoundEnded",
    round: state.round,
    winnerBotId: winner === null ? null : fighters[winner].botId,
    reason,
    roundWins: [a.roundWins, b.roundWins],
    nextRoundAt: over ? null : iso(nextRoundAtMs),
  };
  if (!over) return [{ ...baseOf({ ...state, fighters }), phase: "ROUND_OVER", nextRoundAtMs }, [ended]];
  const winnerBotId = a.roundWins === b.roundWins ? null : (a.roundWins > b.roundWins ? a : b).botId;
  const [final, events] = end({ ...state, fighters }, "COMPLETED", winnerBotId, winnerBotId ? "ROUNDS" : "DRAW");
  return [final, [ended, ...events]];
}

function nextRound(state: FightState, nowMs: number): FightDecision {
  const fighters = both((side) => ({
    ...state.fighters[side],
    hp: hpMaxOf(state.fighters[side].character),
    stamina: STAMINA_START,
  }));
  const [next, requested] = request({ ...state, fighters, round: state.round + 1, exchange: 1 }, nowMs, null);
  return made(next, [requested]);
}

function concede(state: FightState, botId: string): FightDecision {
  const side = sideOf(state, botId);
  if (side === -1) return refused("NOT_IN_FIGHT");
  const winner = state.fighters[side === 0 ? 1 : 0].botId;
  return made(...end(state, "FORFEITED", winner, "CONCEDED"));
}

function extend(state: FightState, byMs: number): FightDecision {
  if (state.phase === "ROUND_OVER") return unchanged({ ...state, nextRoundAtMs: state.nextRoundAtMs + byMs });
  if (state.phase === "ANNOUNCED" && state.startsAtMs !== null) return announce(state, state.startsAtMs + byMs);
  if (state.phase !== "WAITING_FOR_ACTIONS") return unchanged(state);
  // The request moves too, so that the outage costs nobody's bank.
  const moved: Waiting = {
    ...state,
    requestedAtMs: state.requestedAtMs + byMs,
    deadlinesMs: both((side) => state.deadlinesMs[side] + byMs),
  };
  return made(moved, [{ type: "DeadlineExtended", byMs, fighters: requestedFighters(moved) }]);
}

function baseOf({ ladder, rated, sealed, timing, fighters, round, exchange, silent }: Base): Base {
  return { ladder, rated, sealed, timing, fighters, round, exchange, silent };
}

function end(
  state: FightState,
  phase: EndPhase,
  winnerBotId: string | null,
  reason: EndReason,
): [FightState, FightEvent[]] {
  const placements = state.fighters.map(({ botId }) => ({
    botId,
    placement: winnerBotId === null || botId === winnerBotId ? 1 : 2,
  }));
  return [
    { ...baseOf(state), phase, winnerBotId, reason },
    [{ type: "FightEnded", phase, winnerBotId, reason, placements }],
  ];
}
