import { NO_AWARDS, withAward, type Awards, type WeaponAim } from "./aim.ts";
import type { ConsoleLine, Slot } from "./console.ts";
import { isDeparture, judge, type Blindness, type Kill, type Obituary, type Placed, type Result } from "./score.ts";

/** A bot in a round: the guid is what the server tells it by, the slot is known once it is there. */
export type Seat = { botId: string; guid: string; slot: Slot | null; inGame: boolean };

export const VOID_REASONS = [
  "NO_SERVER",
  "JOIN_FAILED",
  "START_FAILED",
  "SERVER_LOST",
  "PLAYER_LOST",
  "NEVER_ENDED",
  "SCORES_MISSING",
  "SCORE_MISMATCH",
  "STOPPED",
] as const;
export type VoidReason = (typeof VOID_REASONS)[number];

type Waiting = { deadlineMs: number; seats: readonly Seat[] };
/** What was counted while it was live. */
export type Tally = {
  startedAtMs: number;
  kills: readonly Kill[];
  /** The last `PlayerScore` of each slot. */
  scores: ReadonlyMap<Slot, number>;
  awards: ReadonlyMap<Slot, Awards>;
  obituaries: readonly Obituary[];
  blindness: readonly Blindness[];
  /** How often each slot has died, where its own client was told. */
  died: ReadonlyMap<Slot, number>;
};

/** What the server tells when the game is over, and what it answers the participants about their shots. */
type Told = {
  finals: ReadonlyMap<Slot, number>;
  aims: ReadonlyMap<string, WeaponAim[]>;
  /** What was judged already, of a round that was ended while its game went on: that changes nothing any more. */
  placed: readonly Placed[] | null;
  endedAtMs: number;
};

export type Round =
  | ({ phase: "ACQUIRE" } & Waiting)
  | ({ phase: "JOIN" } & Waiting)
  | ({ phase: "COUNTDOWN" } & Waiting)
  | ({ phase: "START" } & Waiting)
  | ({ phase: "LIVE" } & Waiting & Tally)
  | ({ phase: "FINISHED" } & Waiting & Tally & Told)
  | { phase: "COMPLETED"; results: readonly Result[] }
  | { phase: "VOIDED"; reason: VoidReason; requeue: readonly string[] };

type Testimony =
  /** A death that clients saw first, where there is no log. Their scores say what it gave. */
  | { type: "DEATH"; death: Death; nowMs: number }
  /** A participant's own client saw this death. */
  | { type: "OBITUARY"; obituary: Obituary }
  /** How often a participant has died, as the game told its own client. */
  | { type: "DIED"; slot: Slot; times: number }
  /** A participant's own client was sent nothing for longer than a death stays in sight. */
  | { type: "BLIND"; blindness: Blindness }
  /** What the game told a participant's own client of its shots. */
  | { type: "AIM"; botId: string; aim: WeaponAim[] };

export type Command =
  | { type: "SERVER_READY"; nowMs: number }
  | { type: "NO_SERVER" }
  | { type: "SERVER_LOST" }
  /** Whoever runs the round cannot go on with it. */
  | { type: "STOP" }
  | { type: "LINE"; line: ConsoleLine; nowMs: number }
  | Testimony
  /** A participant's client was refused, or has lost its connection. */
  | { type: "PLAYER_GONE"; botId: string; nowMs: number }
  /** Somebody from the queue takes a missing participant's place; null when nobody waits. */
  | { type: "REPLACEMENT"; for: string; by: { botId: string; guid: string } | null; nowMs: number }
  | { type: "TIME"; nowMs: number };

/** What is to be done, and to be told. */
export type Event =
  | { type: "CONNECT"; seats: readonly Seat[] }
  | { type: "FIND_REPLACEMENT"; for: string }
  | { type: "ROSTER_FROZEN"; botIds: readonly string[] }
  | { type: "RESTART_MAP" }
  | { type: "STARTED" }
  | { type: "KILL"; kill: Kill }
  | { type: "SCORE"; botId: string; score: number }
  /** Everybody's client is to ask the game for its shots. */
  | { type: "ASK_AIM" }
  | { type: "COMPLETED"; results: readonly Result[] }
  /** Who is absent keeps no place in the queue; all others do, and whoever is about to take a place here. */
  | { type: "VOIDED"; reason: VoidReason; absent: readonly string[] };

export type Step = { round: Round; events: readonly Event[] };

/**
 * How long a round is live, in milliseconds of this machine. While two share the first place at its end, the game goes on
 * until one has a point more; after the sudden death they share it.
 */
export type Limits = { liveMs: number; suddenDeathMs: number };

/** How long each other step may take. */
export const DEADLINES_MS = {
  acquire: 20_000,
  join: 10_000,
  countdown: 3_000,
  start: 5_000,
  scores: 5_000,
} as const;

/** A new round of 2 to 4, which waits for a server. */
export function newRound(participants: readonly { botId: string; guid: string }[], nowMs: number): Round {
  const seats = participants.map(({ botId, guid }) => ({ botId, guid, slot: null, inGame: false }));
  return { phase: "ACQUIRE", deadlineMs: nowMs + DEADLINES_MS.acquire, seats };
}

/** Each is kept to the end: a server that shows its players so little, so often, has no game. */
const BLINDNESS_MAX = 5_000;

const TESTIMONIES: Record<Testimony["type"], true> = {
  DEATH: true,
  OBITUARY: true,
  DIED: true,
  BLIND: true,
  AIM: true,
};
const isTestimony = (command: Command): command is Testimony => command.type in TESTIMONIES;

/** The whole machine of a round: what becomes of it by a command, and what follows. */
export function decide(round: Round, command: Command, limits: Limits): Step {
  if (round.phase === "COMPLETED" || round.phase === "VOIDED") return stay(round);
  if (isTestimony(command)) return witness(round, command);
  switch (command.type) {
    case "SERVER_READY":
      return connect(round, command.nowMs);
    case "NO_SERVER":
      return round.phase === "ACQUIRE" ? voided(round, "NO_SERVER") : stay(round);
    case "SERVER_LOST":
      return broken(round, "SERVER_LOST");
    case "STOP":
      return broken(round, "STOPPED");
    case "LINE":
      return hear(round, command.line, command.nowMs, limits);
    case "PLAYER_GONE":
      return gone(round, command.botId);
    case "REPLACEMENT":
      return replace(round, command);
    case "TIME":
      return late(round, command.nowMs);
  }
}

type Open = Exclude<Round, { phase: "COMPLETED" | "VOIDED" }>;

const stay = (round: Round): Step => ({ round, events: [] });

/** What a client saw, or could not see, or was told. */
function witness(round: Open, told: Testimony): Step {
  if (told.type === "DEATH")
    return round.phase === "LIVE" ? died(round, killOf(round, told.death, told.nowMs)) : stay(round);
  if (!("obituaries" in round)) return stay(round);
  if (told.type === "AIM") {
    if (round.phase !== "FINISHED") return stay(round);
    return settle({ ...round, aims: new Map(round.aims).set(told.botId, told.aim) });
  }
  if (told.type === "DIED") return stay({ ...round, died: new Map(round.died).set(told.slot, told.times) });
  if (told.type === "OBITUARY") return stay({ ...round, obituaries: [...round.obituaries, told.obituary] });
  if (round.blindness.length === BLINDNESS_MAX) return broken(round, "SERVER_LOST");
  return stay({ ...round, blindness: [...round.blindness, told.blindness] });
}

/** Everybody keeps its place in the queue, but who could not come. */
function voided(round: Open, reason: VoidReason, absent: readonly string[] = []): Step {
  const requeue = round.seats.map(({ botId }) => botId).filter((botId) => !absent.includes(botId));
  return { round: { phase: "VOIDED", reason, requeue }, events: [{ type: "VOIDED", reason, absent }] };
}

function connect(round: Open, nowMs: number): Step {
  if (round.phase !== "ACQUIRE") return stay(round);
  const { seats } = round;
  return {
    round: { phase: "JOIN", deadlineMs: nowMs + DEADLINES_MS.join, seats },
    events: [{ type: "CONNECT", seats }],
  };
}

/** What the passing of a deadline means. */
function late(round: Open, nowMs: number): Step {
  if (nowMs < round.deadlineMs) return stay(round);
  switch (round.phase) {
    case "ACQUIRE":
      return voided(round, "NO_SERVER");
    case "JOIN":
      return voided(
        round,
        "JOIN_FAILED",
        round.seats.filter(({ inGame }) => !inGame).map(({ botId }) => botId),
      );
    case "COUNTDOWN":
      return {
        round: { phase: "START", deadlineMs: nowMs + DEADLINES_MS.start, seats: round.seats },
        events: [{ type: "RESTART_MAP" }],
      };
    case "START":
      return voided(round, "START_FAILED");
    case "LIVE":
      return share(round, nowMs);
    case "FINISHED":
      return broken(round, "SCORES_MISSING");
  }
}

/** After the sudden death the scores so far count, if the first place is shared; otherwise the game should have ended. */
function share(round: Open & { phase: "LIVE" }, nowMs: number): Step {
  const scores = new Map(
    round.seats.flatMap(({ slot }) => (slot === null ? [] : [[slot, round.scores.get(slot) ?? 0]])),
  );
  const [best, second] = [...scores.values()].toSorted((a, b) => b - a);
  if (best !== second) return voided(round, "NEVER_ENDED");
  const placed = judge({ ...round, scores, finals: scores, endedAtMs: nowMs });
  return placed ? finish({ ...round, scores }, nowMs, { finals: scores, placed }) : voided(round, "SCORE_MISMATCH");
}

/** Before the roster is frozen somebody else may come; after that a round without one of its players is none. */
function gone(round: Open, botId: string): Step {
  if (!round.seats.some((seat) => seat.botId === botId)) return stay(round);
  switch (round.phase) {
    case "ACQUIRE":
    case "JOIN":
      return {
        round: withSeat(round, botId, { slot: null, inGame: false }),
        events: [{ type: "FIND_REPLACEMENT", for: botId }],
      };
    case "COUNTDOWN":
    case "START":
    case "LIVE":
      return voided(round, "PLAYER_LOST");
    case "FINISHED":
      return stay(round);
  }
}

function replace(round: Open, { for: botId, by, nowMs }: Command & { type: "REPLACEMENT" }): Step {
  if (round.phase !== "ACQUIRE" && round.phase !== "JOIN") return stay(round);
  if (!round.seats.some((seat) => seat.botId === botId)) return stay(round);
  if (by === null) return voided(round, "JOIN_FAILED", [botId]);
  const seat: Seat = { botId: by.botId, guid: by.guid, slot: null, inGame: false };
  const next = withSeat(round, botId, seat);
  if (next.phase === "ACQUIRE") return stay(next);
  // It has as long to come as anybody else.
  return { round: { ...next, deadlineMs: nowMs + DEADLINES_MS.join }, events: [{ type: "CONNECT", seats: [seat] }] };
}

function withSeat<Phase extends Open>(round: Phase, botId: string, change: Partial<Seat>): Phase {
  return { ...round, seats: round.seats.map((seat) => (seat.botId === botId ? { ...seat, ...change } : seat)) };
}

const seatIn = ({ seats }: Open, slot: Slot): Seat | undefined => seats.find((seat) => seat.slot === slot);

/** What a line of the server's log changes. */
function hear(round: Open, line: ConsoleLine, nowMs: number, limits: Limits): Step {
  switch (round.phase) {
    case "ACQUIRE":
      return stay(round);
    case "JOIN":
      return hearJoin(round, line, nowMs);
    case "COUNTDOWN":
      return hearLeft(round, line);
    case "START":
      return line.type === "GAME_BEGAN" ? begin(round, nowMs, limits) : hearLeft(round, line);
    case "LIVE":
      return hearLive(round, line, nowMs);
    case "FINISHED":
      return line.type === "FINAL_SCORE" ? score(round, line.slot, line.score) : stay(round);
  }
}

function hearJoin(round: Open & { phase: "JOIN" }, line: ConsoleLine, nowMs: number): Step {
  if (line.type === "IDENTIFIED") {
    const seat = round.seats.find(({ guid }) => guid === line.guid);
    return stay(seat ? withSeat(round, seat.botId, { slot: line.slot }) : round);
  }
  if (line.type === "LEFT") {
    const seat = seatIn(round, line.slot);
    return seat ? gone(round, seat.botId) : stay(round);
  }
  const arrived = line.type === "BEGAN" ? seatIn(round, line.slot) : undefined;
  if (!arrived) return stay(round);
  const next = withSeat(round, arrived.botId, { inGame: true });
  if (!next.seats.every(({ inGame }) => inGame)) return stay(next);
  return {
    round: { phase: "COUNTDOWN", deadlineMs: nowMs + DEADLINES_MS.countdown, seats: next.seats },
    events: [{ type: "ROSTER_FROZEN", botIds: next.seats.map(({ botId }) => botId) }],
  };
}

function hearLeft(round: Open, line: ConsoleLine): Step {
  const seat = line.type === "LEFT" ? seatIn(round, line.slot) : undefined;
  return seat ? gone(round, seat.botId) : stay(round);
}

function begin({ seats }: Open, nowMs: number, limits: Limits): Step {
  const deadlineMs = nowMs + limits.liveMs + limits.suddenDeathMs;
  const tally: Tally = {
    startedAtMs: nowMs,
    kills: [],
    scores: new Map(),
    awards: new Map(),
    obituaries: [],
    blindness: [],
    died: new Map(),
  };
  return { round: { phase: "LIVE", deadlineMs, seats, ...tally }, events: [{ type: "STARTED" }] };
}

function hearLive(round: Open & { phase: "LIVE" }, line: ConsoleLine, nowMs: number): Step {
  if (line.type === "KILLED") return diedByLog(round, line, nowMs);
  if (line.type === "SCORED") return scored(round, line.slot, line.score);
  if (line.type === "AWARDED") {
    const awards = withAward(round.awards.get(line.slot) ?? NO_AWARDS, line.award);
    return stay({ ...round, awards: new Map(round.awards).set(line.slot, awards) });
  }
  if (line.type !== "GAME_OVER") return hearLeft(round, line);
  return finish(round, nowMs, { finals: new Map(), placed: null });
}

function finish(round: Open & { phase: "LIVE" }, nowMs: number, told: Pick<Told, "finals" | "placed">): Step {
  const deadlineMs = nowMs + DEADLINES_MS.scores;
  const next: Round = { ...round, phase: "FINISHED", deadlineMs, ...told, aims: new Map(), endedAtMs: nowMs };
  return { round: next, events: [{ type: "ASK_AIM" }] };
}

type Death = { killer: Slot; victim: Slot; means: number };

/** Null for what is no death of a participant. */
function killOf(round: Open & { phase: "LIVE" }, death: Death, nowMs: number): Kill | null {
  const victim = seatIn(round, death.victim);
  if (!victim || isDeparture(death)) return null;
  const killer = seatIn(round, death.killer)?.botId ?? null;
  const suicide = killer === null || killer === victim.botId;
  const atMs = Math.floor(nowMs - round.startedAtMs);
  return { killer, victim: victim.botId, means: death.means, suicide, atMs };
}

function died(round: Open & { phase: "LIVE" }, kill: Kill | null): Step {
  return kill ? { round: { ...round, kills: [...round.kills, kill] }, events: [{ type: "KILL", kill }] } : stay(round);
}

function diedByLog(round: Open & { phase: "LIVE" }, death: Death, nowMs: number): Step {
  const kill = killOf(round, death, nowMs);
  if (!kill?.suicide) return died(round, kill);
  const next = { ...round, kills: [...round.kills, kill] };
  const given = pointGiven(next, kill.victim);
  return { round: given.round, events: [{ type: "KILL", kill }, ...given.events] };
}

/** Where only two play, who dies by nobody else gives the other a point, of which the log says nothing. */
function pointGiven(round: Open & { phase: "LIVE" }, victim: string): Step {
  const [other, ...more] = round.seats.filter(({ botId }) => botId !== victim);
  if (!other || other.slot === null || more.length > 0) return stay(round);
  return scored(round, other.slot, (round.scores.get(other.slot) ?? 0) + 1);
}

function scored(round: Open & { phase: "LIVE" }, slot: Slot, points: number): Step {
  const next = { ...round, scores: new Map(round.scores).set(slot, points) };
  const seat = seatIn(round, slot);
  return { round: next, events: seat ? [{ type: "SCORE", botId: seat.botId, score: points }] : [] };
}

function score(round: Open & { phase: "FINISHED" }, slot: Slot, points: number): Step {
  return round.placed ? stay(round) : settle({ ...round, finals: new Map(round.finals).set(slot, points) });
}

const hasFinals = ({ seats, finals }: Open & { phase: "FINISHED" }): boolean =>
  seats.every(({ slot }) => slot !== null && finals.has(slot));

/** Nothing more will be told: a round whose scores are all there counts all the same. */
function broken(round: Open, reason: VoidReason): Step {
  return round.phase === "FINISHED" && hasFinals(round) ? complete(round) : voided(round, reason);
}

/** Ends when everything is told. Shots that stay untold are waited for no longer than scores, and void nothing. */
function settle(round: Open & { phase: "FINISHED" }): Step {
  const isTold = hasFinals(round) && round.seats.every(({ botId }) => round.aims.has(botId));
  return isTold ? complete(round) : stay(round);
}

function complete(round: Open & { phase: "FINISHED" }): Step {
  const placed = round.placed ?? judge(round);
  if (placed === null) return voided(round, "SCORE_MISMATCH");
  const results = placed.map((one): Result => {
    const slot = round.seats.find(({ botId }) => botId === one.botId)?.slot ?? -1;
    return { ...one, aim: round.aims.get(one.botId) ?? null, awards: round.awards.get(slot) ?? NO_AWARDS };
  });
  return { round: { phase: "COMPLETED", results }, events: [{ type: "COMPLETED", results }] };
}
