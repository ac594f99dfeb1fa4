import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { append, appendBatch, storedEvents, type Append } from "../../platform/streams.ts";
import { botXpStream, inboxStream, toXp, userXpStream, XP_BOARD_TOPIC, type XpTold } from "../events.ts";
import type { Counters } from "../rules/achievements.ts";
import {
  award,
  complexityPlace,
  wentWell,
  type Award,
  type BotState,
  type Deed,
  type PersonState,
} from "../rules/award.ts";
import type { EvidenceKind } from "../rules/formula.ts";
import { levelNumber } from "../rules/levels.ts";
import { durationPlace } from "../rules/statistics.ts";
import {
  addedOn,
  ensureRows,
  eventOf,
  knownOf,
  lockBot,
  lockPeople,
  skillsBefore,
  writeEvent,
} from "../store/record.ts";

export type Evidence = { kind: EvidenceKind; link?: string; taskId?: string; contestId?: string };

/** Something that is to be counted: what a bot did, of whom we know it, and by which name it is counted once. */
export type Seen = {
  source: string;
  externalId: string;
  botId: string;
  ownerId: string;
  /** Who asked for the work; null for contests, and where nobody else did. */
  requesterId: string | null;
  /** The project for whose task it was; null for everything else. */
  projectId: string | null;
  origin: "OBSERVED" | "REPORTED" | "IMPORTED";
  publicly: boolean;
  deed: Deed;
  skills: readonly string[];
  reason: string | null;
  evidence: Evidence | null;
  occurredAt: Date;
};
/** What an event gave; `repeated` when it had been counted before, then with what it gave the first time. */
export type Recorded = { eventId: string; botId: string; computed: number; added: number; repeated: boolean };

const ONCE = "xp_event_source_external_id_key";

/** Counts an event in a transaction of its own, once, however often and from how many nodes it comes. */
export async function record(platform: Platform, seen: Seen): Promise<Recorded> {
  try {
    return await platform.db.transact((tx) => recordWithin(tx, platform, seen));
  } catch (error) {
    // Of two that name the same event with different bots at once, the index lets one through.
    if (violatedConstraint(error) !== ONCE) throw error;
    return platform.db.transact((tx) => recordWithin(tx, platform, seen));
  }
}

/** The same in the caller's transaction: everything that follows is written by one statement, under the bot's and its people's locks. */
export async function recordWithin(tx: Tx, platform: Platform, seen: Seen): Promise<Recorded> {
  const held = await hold(tx, seen);
  if (held.known) {
    const { id, bot_id: botId, computed, added } = held.known;
    return { eventId: id, botId, computed, added, repeated: true };
  }
  const given = award(seen.deed, { publicly: seen.publicly }, held.bot, held.people);
  const at = platform.clock.now();
  const eventId = platform.random.id(at);
  const appends = toldBy(seen, { eventId, given, people: held.peopleIds, skills: held.skills });
  const values = [eventRow(seen, eventId, given), peopleRows(held.peopleIds, given), appendBatch(appends, at), at];
  const stored = storedEvents(appends, at, await tx.query(writeEvent, values));
  tx.afterCommit(() => {
    platform.hub.publish(stored);
    if (seen.publicly) platform.hub.touch(XP_BOARD_TOPIC);
  });
  return { eventId, botId: seen.botId, computed: given.computed, added: given.added, repeated: false };
}

/** Which event is to be counted, of whom, and when it happened. */
type Held = Pick<Seen, "botId" | "ownerId" | "requesterId" | "source" | "externalId" | "occurredAt" | "skills">;

const dayOf = (at: Date) => at.toISOString().slice(0, 10);

/** Locks the bot, then its people, and reads what the award is decided on; one flight, each statement seeing what its locks waited for. */
export async function hold(tx: Tx, held: Held) {
  const { botId, ownerId, requesterId, source, externalId, occurredAt, skills } = held;
  const peopleIds = requesterId === null || requesterId === ownerId ? [ownerId] : [ownerId, requesterId];
  const [, [bot], people, [known], [day], knowing, raised] = await Promise.all([
    tx.query(ensureRows, [botId, peopleIds, ownerId]),
    tx.query(lockBot, [botId]),
    tx.query(lockPeople, [peopleIds]),
    tx.query(eventOf, [source, externalId]),
    tx.query(addedOn, [botId, dayOf(occurredAt)]),
    tx.query(knownOf, [peopleIds, botId]),
    tx.query(skillsBefore, [botId, skills]),
  ]);
  if (!bot) throw new Error(`bot ${botId} has no XP row`);
  const state: BotState = {
    xp: bot.xp,
    publicXp: bot.public_xp,
    contestXp: bot.contest_xp,
    addedToday: day?.xp ?? 0,
    recent: bot.recent as BotState["recent"],
    runs: bot.runs as Counters,
  };
  const states = peopleIds.map((userId): PersonState => {
    const row = people.find((each) => each.user_id === userId);
    const knows = knowing.find((each) => each.user_id === userId);
    if (!row || !knows) throw new Error(`user ${userId} has no XP row`);
    return {
      xp: row.xp,
      publicXp: row.public_xp,
      contestXp: row.contest_xp,
      counters: row.counters as Counters,
      unlocked: new Set(knows.unlocked),
      uses: knows.uses,
      successes: knows.successes,
      inPublic: {
        counters: row.public_counters as Counters,
        unlocked: new Set(knows.public_unlocked),
        uses: knows.public_uses,
        successes: knows.public_successes,
      },
    };
  });
  const skillXp = new Map(raised.map(({ skill, xp }) => [skill, xp]));
  return { known, bot: state, people: states, peopleIds, skills: skillXp };
}

const DURATION_MAX_MS = 2 ** 31 - 1;

function eventRow(seen: Seen, id: string, { computed, added, publicAdded, bonuses, bot }: Award): string {
  const { deed, publicly, occurredAt } = seen;
  return JSON.stringify({
    ...deedColumns(deed),
    id,
    source: seen.source,
    external_id: seen.externalId,
    bot_id: seen.botId,
    owner_id: seen.ownerId,
    requester_id: seen.requesterId,
    project_id: seen.projectId,
    origin: seen.origin,
    success: wentWell(deed),
    quality: deed.quality,
    reason: seen.reason,
    evidence: seen.evidence,
    skills: seen.skills,
    bonuses,
    computed,
    added,
    publicly,
    occurred_at: occurredAt,
    hour: occurredAt.getUTCHours() + 1,
    public_added: publicAdded,
    contest_added: deed.kind === "BOUT" ? publicAdded : 0,
    recent: bot.recent,
    runs: bot.runs,
  });
}

/** The columns that work and contests fill differently. */
function deedColumns(deed: Deed) {
  if (deed.kind === "BOUT") return { kind: "CONTEST", result: deed.result, custom: 100, work: 0 };
  const { action, complexity, custom } = deed;
  const durationMs = deed.durationMs === null ? null : Math.min(deed.durationMs, DURATION_MAX_MS);
  return {
    kind: action,
    complexity,
    custom,
    work: 1,
    duration_ms: durationMs,
    complexity_place: complexityPlace(complexity),
    duration_place: durationMs === null ? null : durationPlace(durationMs),
  };
}

function peopleRows(ids: readonly string[], { people }: Award): string {
  return JSON.stringify(
    people.map(({ xp, publicXp, contestXp, counters, unlocked, inPublic }, index) => ({
      user_id: ids[index],
      xp,
      public_xp: publicXp,
      contest_xp: contestXp,
      counters,
      unlocked,
      public_counters: inPublic.counters,
      public_unlocked: inPublic.unlocked,
    })),
  );
}

type Given = { eventId: string; given: Award; people: readonly string[]; skills: ReadonlyMap<string, number> };

function toldBy(seen: Seen, { eventId, given, people, skills }: Given): Append[] {
  const { botId } = seen;
  const { computed, added } = given;
  const gained = { type: "XpGained", xpEventId: eventId, botId, computed, added } as const;
  const risen = levelsOf(seen, given, skills);
  const ofBot = [{ ...gained, total: given.bot.xp }, ...risen, ...unlockedBy(given, 0, botId)];
  return [
    toXp(botXpStream(botId), ofBot),
    toXp(inboxStream(botId), ofBot),
    ...people.flatMap((userId, index) => {
      const unlocked = unlockedBy(given, index, botId);
      const owner = given.people[0];
      const told = index === 0 && owner ? [{ ...gained, total: owner.xp }, ...risen, ...unlocked] : unlocked;
      return told.length > 0 ? [toXp(userXpStream(userId), told)] : [];
    }),
  ];
}

const unlockedBy = ({ people }: Award, index: number, botId: string): XpTold[] =>
  (people[index]?.unlocked ?? []).map((key) => ({ type: "AchievementUnlocked", key, botId }));

function levelsOf(
  { botId, skills }: Seen,
  { added, bot, people }: Award,
  before: ReadonlyMap<string, number>,
): XpTold[] {
  const rises = [
    { what: "BOT" as const, skill: null, ...bot.levels },
    ...people.slice(0, 1).map(({ levels }) => ({ what: "USER" as const, skill: null, ...levels })),
    ...skills.map((skill) => {
      const xp = before.get(skill) ?? 0;
      return { what: "SKILL" as const, skill, from: levelNumber(xp), to: levelNumber(xp + added) };
    }),
  ];
  return rises.filter(({ from, to }) => to > from).map((rise) => ({ type: "LeveledUp", botId, ...rise }));
}

/** Tells of an achievement that came without an event, in the caller's transaction. */
export function tellUnlocked(tx: Tx, { hub, clock }: Platform, userId: string, keys: readonly string[], botId: string) {
  const told = keys.map((key): XpTold => ({ type: "AchievementUnlocked", key, botId }));
  return append(tx, hub.publish, told.length > 0 ? [toXp(userXpStream(userId), told)] : [], clock.now());
}
