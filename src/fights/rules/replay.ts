import { timePasses } from "./commitment.ts";
import { decide } from "./fight.ts";
import type { ExchangeResolved, FightAnnounced, FightEvent, FightStarted, RevealRequested } from "./fight-events.ts";
import { isAsked, isOver, openFight, type FightCommand, type FightState } from "./fight-state.ts";

/** Where a log leaves the rules: the event's index from 0, and how. */
export type Mismatch = { index: number; reason: string };

/** What a sealed fight's commitments and drawn defaults are checked with: the fight's UUID, and the contest's seed. */
export type Secrets = { fightId: string; seed: Uint8Array };

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
export function replayFight(events: readonly FightEvent[], secrets: Secrets): Mismatch | null {
  const [first] = events;
  if (first?.type !== "FightAnnounced" && first?.type !== "FightStarted")
    return { index: 0, reason: "a fight begins with FightAnnounced or FightStarted" };
  let state = opened(first);
  const owed: FightEvent[] = [];
  for (const [index, event] of events.entries()) {
    if (owed.length === 0) {
      const played = playAll(state, commandsFor(state, event, secrets));
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

function opened({ ladder, rated, sealed = false, timing, fighters }: FightAnnounced | FightStarted): FightState {
  const [one, two] = fighters;
  if (!one || !two) throw new RangeError("a fight has two fighters");
  return openFight({ ladder, rated, sealed, timing, fighters: [one, two] });
}

/** The commands that a log's next event answers; none where nothing could have caused it. */
function commandsFor(state: FightState, event: FightEvent, secrets: Secrets): Command[] {
  switch (event.type) {
    case "FightAnnounced":
      return [{ command: { type: "ANNOUNCE", startsAtMs: Date.parse(event.startsAt) }, atMs: 0 }];
    case "FightStarted":
      return [{ command: { type: "START" }, atMs: 0 }];
    case "ExchangeRequested":
    case "RoundEnded":
      return state.phase === "ROUND_OVER" ? [timeUp(state, secrets, state.nextRoundAtMs)] : [];
    case "RevealRequested":
      return commitmentsOf(state, event, secrets);
    case "ExchangeResolved":
      return movesOf(state, event, secrets);
    case "DeadlineExtended":
      return [{ command: { type: "EXTEND", byMs: event.byMs }, atMs: 0 }];
    case "FightEnded": {
      const loser = state.fighters.find(({ botId }) => botId !== event.winnerBotId);
      if (event.reason === "CONCEDED" && loser) return [{ command: { type: "CONCEDE", botId: loser.botId }, atMs: 0 }];
      return event.reason === "VOIDED" ? [{ command: { type: "VOID" }, atMs: 0 }] : [];
    }
  }
}

const timeUp = (state: FightState, { seed }: Secrets, atMs: number): Command => ({
  command: timePasses(state, seed),
  atMs,
});

function commitmentsOf(state: FightState, { round, exchange, fighters }: RevealRequested, secrets: Secrets): Command[] {
  if (state.phase !== "WAITING_FOR_COMMITMENTS") return [];
  const given = fighters.flatMap(({ botId, commitment: hash }): FightCommand[] =>
    hash === null ? [] : [{ type: "COMMIT", botId, round, exchange, hash }],
  );
  return withTime(state, given, given.length < fighters.length, secrets);
}

function movesOf(state: FightState, { round, exchange, sides }: ExchangeResolved, secrets: Secrets): Command[] {
  if (!isAsked(state)) return [];
  const { fightId } = secrets;
  const given = sides.flatMap(({ botId, action, timedOut, nonce }): FightCommand[] => {
    if (nonce != null) return [{ type: "REVEAL", fightId, botId, round, exchange, action, nonce }];
    return timedOut ? [] : [{ type: "SUBMIT", botId, round, exchange, action }];
  });
  const missed = sides.some(({ timedOut, commitment }) => timedOut && commitment !== null);
  return withTime(state, given, missed || given.length === 0, secrets);
}

/** What was given at the request, and then the passing of every deadline where something was missed. */
function withTime(
  state: Extract<FightState, { requestedAtMs: number }>,
  given: readonly FightCommand[],
  missed: boolean,
  secrets: Secrets,
): Command[] {
  const commands = given.map((command): Command => ({ command, atMs: state.requestedAtMs }));
  return missed ? [...commands, timeUp(state, secrets, Math.max(...state.deadlinesMs))] : commands;
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
