import { isLegal } from "./exchange.ts";
import type { FightEvent } from "./fight-events.ts";
import {
  type Announced,
  type Asked,
  type Base,
  bankAfter,
  both,
  type Both,
  type CommandOf,
  type FightCommand,
  type FightDecision,
  type FightState,
  isAsked,
  isOver,
  iso,
  made,
  type Move,
  refused,
  requestedFighters,
  sideOf,
  type Waiting,
  withSide,
} from "./fight-state.ts";
import { type Action, hpMaxOf, RULES, STAMINA_START } from "./pit-rules-1.ts";
import { end, request, resolve } from "./resolution.ts";
import { commit, passSealedTime, reveal } from "./sealed.ts";

/** The machine of a fight: what a command makes of it, with what is told, or why it is refused. */
export function decide(state: FightState, command: FightCommand, nowMs: number): FightDecision {
  if (isOver(state)) return ASKED_BY_A_BOT.has(command.type) ? refused("FIGHT_OVER") : unchanged(state);
  switch (command.type) {
    case "ANNOUNCE":
      return state.phase === "ANNOUNCED" ? announce(state, command.startsAtMs) : unchanged(state);
    case "START":
      return state.phase === "ANNOUNCED" ? start(state, nowMs) : unchanged(state);
    case "SUBMIT":
      return submit(state, command, nowMs);
    case "COMMIT":
      return commit(state, command, nowMs);
    case "REVEAL":
      return reveal(state, command, nowMs);
    case "DEADLINE":
      return passTime(state, command.defaults, nowMs);
    case "CONCEDE":
      return concede(state, command.botId);
    case "VOID":
      return made(...end(state, "VOIDED", null, "VOIDED"));
    case "EXTEND":
      return extend(state, command.byMs);
  }
}

/** From such an outage on nobody can be held to what was asked before it. */
export const OUTAGE_VOIDS_MS = 10 * 60_000;

/** What an outage of all engines makes of a fight: running deadlines move by its length; after ten minutes the fight is void. */
export function afterOutage(
  state: FightState,
  outageMs: number,
  nowMs: number,
): { state: FightState; events: FightEvent[] } {
  if (outageMs === 0) return { state, events: [] };
  const mended = decide(
    state,
    outageMs < OUTAGE_VOIDS_MS ? { type: "EXTEND", byMs: outageMs } : { type: "VOID" },
    nowMs,
  );
  if (!mended.ok) throw new Error(`an outage was refused: ${mended.refusal}`);
  return mended;
}

const ASKED_BY_A_BOT: ReadonlySet<FightCommand["type"]> = new Set(["SUBMIT", "COMMIT", "REVEAL", "CONCEDE"]);
const unchanged = (state: FightState) => made(state, []);

function announce(state: Announced, startsAtMs: number): FightDecision {
  return made({ ...state, startsAtMs }, [{ type: "FightAnnounced", startsAt: iso(startsAtMs), ...opening(state) }]);
}

function opening({ ladder, rated, sealed, timing, fighters }: Base) {
  const entering = fighters.map(({ botId, character, hp, stamina }) => ({ botId, character, hp, stamina }));
  return { ladder, rated, ...(sealed && { sealed }), rules: RULES, timing, fighters: entering };
}

function start(state: FightState, nowMs: number): FightDecision {
  const [next, requested] = request(state, nowMs, null);
  return made(next, [{ type: "FightStarted", ...opening(state) }, requested]);
}

function submit(
  state: FightState,
  { botId, round, exchange, action }: CommandOf<"SUBMIT">,
  nowMs: number,
): FightDecision {
  const side = sideOf(state, botId);
  if (side === null) return refused("NOT_IN_FIGHT");
  if (state.sealed) return refused("FIGHT_SEALED");
  if (state.phase !== "WAITING_FOR_ACTIONS" || round !== state.round || exchange !== state.exchange)
    return refused("EXCHANGE_CLOSED");
  // A time-out that stands in for a silent side is as closed as a passed deadline.
  if (nowMs > state.deadlinesMs[side] || state.pending[side]?.timedOut) return refused("EXCHANGE_CLOSED");
  if (state.pending[side]) return refused("ALREADY_SUBMITTED");
  if (!isLegal(state.fighters[side], action)) return refused("INSUFFICIENT_STAMINA");
  const move: Move = { action, timedOut: false, bankMs: bankAfter(state, side, nowMs) };
  return settle({ ...state, pending: withSide(state.pending, side, move) }, nowMs);
}

function passTime(state: FightState, defaults: Both<Action>, nowMs: number): FightDecision {
  if (state.phase === "ROUND_OVER") return nowMs < state.nextRoundAtMs ? unchanged(state) : nextRound(state, nowMs);
  if (state.phase === "ANNOUNCED")
    return state.startsAtMs === null || nowMs < state.startsAtMs ? unchanged(state) : start(state, nowMs);
  if (!isAsked(state)) return unchanged(state);
  if (state.phase !== "WAITING_FOR_ACTIONS") return passSealedTime(state, defaults, nowMs);
  const silent = (side: 0 | 1): Move => ({ action: defaults[side], timedOut: true, bankMs: 0 });
  const pending = both((side) => state.pending[side] ?? (nowMs >= state.deadlinesMs[side] ? silent(side) : null));
  return settle({ ...state, pending }, nowMs);
}

function settle(state: Waiting, nowMs: number): FightDecision {
  const [a, b] = state.pending;
  return a && b ? resolve(state, [a, b], null, nowMs) : made(state, []);
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
  if (side === null) return refused("NOT_IN_FIGHT");
  const winner = state.fighters[side === 0 ? 1 : 0].botId;
  return made(...end(state, "FORFEITED", winner, "CONCEDED"));
}

function extend(state: FightState, byMs: number): FightDecision {
  if (state.phase === "ROUND_OVER") return unchanged({ ...state, nextRoundAtMs: state.nextRoundAtMs + byMs });
  if (state.phase === "ANNOUNCED" && state.startsAtMs !== null) return announce(state, state.startsAtMs + byMs);
  if (!isAsked(state)) return unchanged(state);
  const moved = { ...state, ...later(state, byMs) };
  return made(moved, [{ type: "DeadlineExtended", byMs, fighters: requestedFighters(moved) }]);
}

/** The request moves too, so that the outage costs nobody's bank. */
function later({ requestedAtMs, deadlinesMs }: Asked, byMs: number) {
  return { requestedAtMs: requestedAtMs + byMs, deadlinesMs: both((side) => deadlinesMs[side] + byMs) };
}
