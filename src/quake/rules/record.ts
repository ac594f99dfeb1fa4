import { hexToBytes } from "@noble/hashes/utils.js";
import { mapOf, type MatchPhase } from "./match.ts";
import type {
  MatchAnnounced,
  MatchCompleted,
  MatchEvent,
  MatchJoining,
  MatchKill,
  MatchPlayerReplaced,
  MatchScored,
} from "./match-events.ts";
import { accountFor, placedOf, standingOf, type Kill, type Placed } from "./score.ts";

/** What a match's signed record says of it before its events. */
export type RecordHeader = {
  id: string;
  ladder: string;
  rated: boolean;
  /** COMPLETED, or VOIDED: without a result, or with one that was taken back. */
  status: string;
  map: string;
  startedAt: string | null;
  endedAt: string;
  seedHash: string;
  seed: string;
  /** By side. */
  participants: { side: number; botId: string; name: string }[];
  /** The best first; null of a match that is void. */
  results: Placed[] | null;
  /** SHA-256, in hex, of what it looked like as it is downloaded; null where there was nothing to see. */
  framesSha256: string | null;
};

/** Where a record does not fit together: the event's index from 0, and how; behind the last one is its header. */
export type Misfit = { index: number; reason: string };

type Stage = MatchPhase | "NONE";
/** What the events told so far. */
type Told = {
  stage: Stage;
  attempts: number;
  ladder: string;
  rated: boolean;
  map: string;
  /** By side. */
  botIds: readonly string[];
  kills: readonly Kill[];
  scores: ReadonlyMap<string, number>;
  completed: MatchCompleted | null;
};

const NOTHING: Told = {
  stage: "NONE",
  attempts: 0,
  ladder: "",
  rated: false,
  map: "",
  botIds: [],
  kills: [],
  scores: new Map(),
  completed: null,
};

/** At which stages an event may come. */
const COMES_AT: Record<MatchEvent["type"], readonly Stage[]> = {
  MatchAnnounced: ["NONE"],
  MatchJoining: ["ANNOUNCED"],
  MatchPostponed: ["JOINING", "COUNTDOWN"],
  MatchPlayerReplaced: ["JOINING"],
  MatchRosterFrozen: ["JOINING"],
  MatchStarted: ["COUNTDOWN"],
  MatchKill: ["LIVE"],
  MatchScored: ["LIVE"],
  MatchCompleted: ["LIVE"],
  MatchVoided: ["ANNOUNCED", "JOINING", "COUNTDOWN", "LIVE"],
};

/**
 * Goes through a match's events again; null when each may follow the others, deaths and scores give the result, and the
 * header says the same. Ratings and when things happened are not checked.
 */
export function checkRecord(header: RecordHeader, events: readonly MatchEvent[]): Misfit | null {
  let told = NOTHING;
  for (const [index, event] of events.entries()) {
    if (!COMES_AT[event.type].includes(told.stage))
      return { index, reason: `${event.type} does not come while the match is ${told.stage}` };
    const next = hear(told, event);
    if (typeof next === "string") return { index, reason: next };
    told = next;
  }
  const reason = disagreement(header, told);
  return reason === null ? null : { index: events.length, reason };
}

/** What is told with one event more, or why that cannot be. */
function hear(told: Told, event: MatchEvent): Told | string {
  switch (event.type) {
    case "MatchAnnounced":
      return announced(event);
    case "MatchJoining":
      return joining(told, event);
    case "MatchPostponed":
      return { ...told, stage: "ANNOUNCED" };
    case "MatchPlayerReplaced":
      return replaced(told, event);
    case "MatchRosterFrozen":
      return same(event.botIds, told.botIds) ? { ...told, stage: "COUNTDOWN" } : "other bots play than were announced";
    case "MatchStarted":
      return { ...told, stage: "LIVE" };
    case "MatchKill":
      return killed(told, event);
    case "MatchScored":
      return scored(told, event);
    case "MatchCompleted":
      return completed(told, event);
    case "MatchVoided":
      return { ...told, stage: "VOIDED" };
  }
}

const same = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index]);

function announced({ ladder, rated, map, botIds }: MatchAnnounced): Told | string {
  if (new Set(botIds).size !== botIds.length) return "a bot is in it twice";
  return { ...NOTHING, stage: "ANNOUNCED", ladder, rated, map, botIds };
}

/** The next attempt, or the last one again: what a node hands back before it could begin is not counted. */
function joining(told: Told, { attempt }: MatchJoining): Told | string {
  const isAgain = attempt === told.attempts && attempt > 0;
  if (!isAgain && attempt !== told.attempts + 1) return `attempt ${attempt} comes after ${told.attempts}`;
  return { ...told, stage: "JOINING", attempts: attempt };
}

function replaced(told: Told, { botId, byBotId, rated }: MatchPlayerReplaced): Told | string {
  if (!told.botIds.includes(botId)) return `${botId} is not in the match`;
  return { ...told, rated, botIds: told.botIds.map((each) => (each === botId ? byBotId : each)) };
}

function scored(told: Told, { botId, score }: MatchScored): Told | string {
  if (!told.botIds.includes(botId)) return `${botId} does not play`;
  return { ...told, scores: new Map(told.scores).set(botId, score) };
}

function killed(told: Told, event: MatchKill): Told | string {
  const { number, killerBotId: killer, victimBotId: victim, means, suicide, atMs } = event;
  if (number !== told.kills.length + 1) return `death ${number} comes after ${told.kills.length}`;
  if (!told.botIds.includes(victim)) return `${victim} does not play`;
  if (killer !== null && !told.botIds.includes(killer)) return `${killer} does not play`;
  if (suicide !== (killer === null || killer === victim)) return "a suicide is a death by nobody else";
  return { ...told, kills: [...told.kills, { killer, victim, means, suicide, atMs }] };
}

/** The result has to be what the deaths give, by the rule by which a round is judged. */
function completed(told: Told, event: MatchCompleted): Told | string {
  const standings = told.botIds.map((botId) => {
    const score = event.results.find((result) => result.botId === botId)?.score ?? NaN;
    return standingOf(botId, told.kills, { score, told: told.scores.get(botId) ?? 0 });
  });
  if (!accountFor(standings)) return "the deaths do not give these scores";
  if (!samePlaces(event.results, placedOf(standings))) return "deaths and scores do not give this result";
  return { ...told, stage: "COMPLETED", completed: event };
}

const placesOf = (results: readonly Placed[]): string[] =>
  results
    .map(({ botId, placement, score, kills, deaths }) => [botId, placement, score, kills, deaths].join(" "))
    .toSorted();
const samePlaces = (some: readonly Placed[], others: readonly Placed[]): boolean =>
  same(placesOf(some), placesOf(others));

/** Where the header says something else than the events; null where nowhere. */
function disagreement(header: RecordHeader, told: Told): string | null {
  if (told.stage !== "COMPLETED" && told.stage !== "VOIDED") return "the log stops before the match's end";
  if (header.ladder !== told.ladder || header.rated !== told.rated) return "the header counts it for something else";
  if (header.map !== told.map || told.map !== mapOf(hexToBytes(header.seed))) return "the map is not that of the seed";
  const seated = header.participants.toSorted((a, b) => a.side - b.side).map(({ botId }) => botId);
  if (!same(seated, told.botIds)) return "the header names other participants";
  return otherEnd(header, told);
}

function otherEnd({ status, results, framesSha256 }: RecordHeader, { stage, completed: end }: Told): string | null {
  const isVoid = status === "VOIDED";
  if (!isVoid && stage === "VOIDED") return "the match is void by its log";
  if ((results === null) !== isVoid) return "what is void has no result, and what is not has one";
  if (results && !samePlaces(results, end?.results ?? [])) return "the header has another result";
  return framesSha256 === (end?.framesSha256 ?? null) ? null : "the header names other frames";
}
