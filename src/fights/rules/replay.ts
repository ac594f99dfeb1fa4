import { decide, isOver, openFight, type FightCommand, type FightState } from "./fight.ts";
import type { ExchangeResolved, FightAnnounced, FightEvent, FightStarted } from "./fight-events.ts";

/** Where a log leaves the rules: the event's index from 0, and how. */
export type Mismatch = { index: number; reason: string };

type Command = { command: FightCommand; atMs: number };

// What depends on when moves arrived is not in the log; ratings, payouts and the seed are not the rules' business.
const UNCHECKED = new Set([
  "at",
  "deadlineAt",
  "bankMs",
  "nextRoundAt",
  "seed",
  "ratingBefore",
  "ratingAfter",
  "payouts",
]);

/** Plays a fight's events again by the rules; null when every one of them is what the rules make of the moves. */
export function replayFight(events: readonly FightEvent[]): Mismatch | null {
  const [first] = events;
  if (first?.type !== "FightAnnounced" && first?.type !== "FightStarted")
    return { index: 0, reason: "a fight begins with FightAnnounced or FightStarted" };
  let state = opened(first);
  const owed: FightEvent[] = [];
  for (const [index, event] of events.entries()) {
    if (owed.length === 0) {
      const played = playAll(state, commandsFor(state, event));
      if (typeof played === "string") return { index, reason: played };
      state = played.state;
      owed.push(...played.events);
    }
    const expected = owed.shift();
    if (!expected) return { index, reason: `${event.type} is not what comes next` };
    if (checkedText(expected) !== checkedText(event))
      return { index, reason: `the rules give ${checkedText(expected)}` };
  }
  const whole = owed.length === 0 && isOver(state);
  return whole ? null : { index: events.length, reason: "the log stops before the fight's end" };
}

function opened({ ladder, rated, timing, fighters }: FightAnnounced | FightStarted): FightState {
  const [one, two] = fighters;
  if (!one || !two) throw new RangeError("a fight has two fighters");
  return openFight({ ladder, rated, sealed: false, timing, fighters: [one, two] });
}

/** The commands that a log's next event answers; none where nothing could have caused it. */
function commandsFor(state: FightState, event: FightEvent): Command[] {
  switch (event.type) {
    case "FightAnnounced":
      return [{ command: { type: "ANNOUNCE", startsAtMs: Date.parse(event.startsAt) }, atMs: 0 }];
    case "FightStarted":
      return [{ command: { type: "START" }, atMs: 0 }];
    case "ExchangeRequested":
    case "RoundEnded":
      return state.phase === "ROUND_OVER" ? [{ command: { type: "DEADLINE" }, atMs: state.nextRoundAtMs }] : [];
    case "ExchangeResolved":
      return movesOf(state, event);
    case "DeadlineExtended":
      return [{ command: { type: "EXTEND", byMs: event.byMs }, atMs: 0 }];
    case "FightEnded": {
      const loser = state.fighters.find(({ botId }) => botId !== event.winnerBotId);
      if (event.reason === "CONCEDED" && loser) return [{ command: { type: "CONCEDE", botId: loser.botId }, atMs: 0 }];
      return event.reason === "VOIDED" ? [{ command: { type: "VOID" }, atMs: 0 }] : [];
    }
  }
}

function movesOf(state: FightState, { round, exchange, sides }: ExchangeResolved): Command[] {
  if (state.phase !== "WAITING_FOR_ACTIONS") return [];
  const submitted = sides
    .filter(({ timedOut }) => !timedOut)
    .map(
      ({ botId, action }): Command => ({
        command: { type: "SUBMIT", botId, round, exchange, action },
        atMs: state.requestedAtMs,
      }),
    );
  return submitted.length === sides.length
    ? submitted
    : [...submitted, { command: { type: "DEADLINE" }, atMs: Math.max(...state.deadlinesMs) }];
}

function playAll(from: FightState, commands: readonly Command[]): { state: FightState; events: FightEvent[] } | string {
  let state = from;
  const events: FightEvent[] = [];
  for (const { command, atMs } of commands) {
    const decision = decide(state, command, atMs);
    if (!decision.ok) return `the rules refuse this move: ${decision.refusal}`;
    state = decision.state;
    events.push(...decision.events);
  }
  return { state, events };
}

function checkedText(event: FightEvent): string {
  return JSON.stringify(sorted(event));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !UNCHECKED.has(key));
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]));
}
