import { resolveExchange } from "./exchange.ts";
import type { EndPhase, EndReason, FightEvent, ResolvedSide, RoundReason, Seal } from "./fight-events.ts";
import {
  asked,
  type Base,
  baseOf,
  both,
  type Both,
  type Fighter,
  type FightDecision,
  type FightState,
  iso,
  made,
  type Move,
  requestedFighters,
} from "./fight-state.ts";
import {
  EXCHANGES_MAX,
  ROUND_WINS_NEEDED,
  ROUNDS_MAX,
  SILENT_EXCHANGES_END_FIGHT,
  TIMEOUTS_IN_A_ROW_LOSE_ROUND,
  TIMEOUTS_LOSE_FIGHT,
} from "./pit-rules-1.ts";

/** Asks for the next exchange: for both actions, or in a sealed fight for what both commit to. */
export function request(base: Base, nowMs: number, last: ResolvedSide[] | null): [FightState, FightEvent] {
  const open = asked(base, nowMs);
  const { round, exchange, sealed } = base;
  const event: FightEvent = {
    type: "ExchangeRequested",
    round,
    exchange,
    ...(sealed && { sealed }),
    fighters: requestedFighters(open),
    last,
  };
  return sealed
    ? [{ ...open, phase: "WAITING_FOR_COMMITMENTS", commitments: [null, null] }, event]
    : [{ ...open, phase: "WAITING_FOR_ACTIONS", pending: [null, null] }, event];
}

/** Resolves an exchange of which both moves are in. `seals` are what sealed sides committed to and opened; null in an open fight. */
export function resolve(base: Base, moves: Both<Move>, seals: Both<Seal> | null, nowMs: number): FightDecision {
  const effects = resolveExchange(base.fighters[0], base.fighters[1], moves[0].action, moves[1].action);
  const fighters = both((side): Fighter => {
    const [fighter, move] = [base.fighters[side], moves[side]];
    return {
      ...fighter,
      hp: effects[side].hp,
      stamina: effects[side].stamina,
      bankMs: move.bankMs,
      timeouts: fighter.timeouts + (move.timedOut ? timeoutsOf(seals?.[side]) : 0),
      timeoutsInARow: move.timedOut ? fighter.timeoutsInARow + 1 : 0,
      played: [...fighter.played, move.action],
    };
  });
  const sides = both((side) => ({
    botId: fighters[side].botId,
    action: moves[side].action,
    timedOut: moves[side].timedOut,
    ...effects[side],
    ...seals?.[side],
  }));
  const { round, exchange } = base;
  const resolved: FightEvent = { type: "ExchangeResolved", round, exchange, sides };
  const silent = moves[0].timedOut && moves[1].timedOut ? base.silent + 1 : 0;
  const [next, events] = goOn({ ...base, fighters, silent }, sides, nowMs);
  return made(next, [resolved, ...events]);
}

/** A commitment that is not opened counts double: who sees it coming may not choose whether its move counts. */
const timeoutsOf = (seal: Seal | undefined) => (seal && seal.commitment !== null ? 2 : 1);

/** After an exchange, in the order of precedence: both silent, fight forfeit, round loss, the bars, the next exchange. */
function goOn(state: Base, sides: ResolvedSide[], nowMs: number): [FightState, FightEvent[]] {
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

function roundResult({ fighters: [a, b], exchange }: Base): RoundResult | null {
  const sleeps = [a, b].map((fighter) => fighter.timeoutsInARow >= TIMEOUTS_IN_A_ROW_LOSE_ROUND);
  if (sleeps[0] !== sleeps[1]) return { winner: sleeps[0] ? 1 : 0, reason: "TIMEOUTS" };
  if (a.hp === 0 && b.hp === 0) return { winner: null, reason: "DRAWN" };
  if (a.hp === 0 || b.hp === 0) return { winner: a.hp === 0 ? 1 : 0, reason: "KNOCKOUT" };
  if (exchange < EXCHANGES_MAX) return null;
  return a.hp === b.hp ? { winner: null, reason: "DRAWN" } : { winner: a.hp > b.hp ? 0 : 1, reason: "HIGHER_HP" };
}

function endRound(state: Base, { winner, reason }: RoundResult, nowMs: number): [FightState, FightEvent[]] {
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

/** Ends a fight. */
export function end(
  state: Base,
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
