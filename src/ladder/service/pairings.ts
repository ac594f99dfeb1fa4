import type { Row } from "../../platform/statement.ts";
import type { Pairing } from "../events.ts";
import { group, type GroupSize } from "../rules/grouping.ts";
import { LADDER_RULES, type LadderKind, type QueueMode } from "../rules/ladders.ts";
import { pair, type Waiting } from "../rules/pairing.ts";
import type { waitingEntries } from "../store/queue.ts";

/** A waiting entry as it was read. */
export type Entry = Row<typeof waitingEntries>;

type Waiter = Waiting & { entry: Entry };

const PRACTICE_PATIENCE_MS = 5_000;
/** How long a game for more than two waits for whoever may still come. */
const GROUP_PATIENCE_MS = 5_000;

function waitersOf(entries: readonly Entry[], mode: QueueMode): Waiter[] {
  return entries
    .filter((entry) => entry.mode === mode)
    .map((entry) => ({
      entry,
      entryId: entry.id,
      botId: entry.bot_id,
      ownerId: entry.owner_id,
      teams: entry.teams,
      elo: entry.elo,
      joinedAtMs: entry.joined_at.getTime(),
      lastOpponentId: entry.last_opponent_id,
    }));
}

type Met = { members: readonly Waiter[]; allied: boolean };

/** Who meets whom: pairs, or where a game takes more, groups. */
function met(ladder: LadderKind, waiters: Waiter[], nowMs: number): Met[] {
  const { playersMin: min, playersMax: max } = LADDER_RULES[ladder];
  const size: GroupSize = { min, max, patienceMs: GROUP_PATIENCE_MS };
  if (max > 2) return group(waiters, nowMs, size) as Met[];
  const pairs = pair(waiters, nowMs) as { first: Waiter; second: Waiter; allied: boolean }[];
  return pairs.map(({ first, second, allied }) => ({ members: [first, second], allied }));
}

/** Sides of a duel alternate: whoever had side 0 last has side 1 now, where both cannot have their turn the longer wait has it. */
function seated(entries: readonly Entry[]): string[] {
  const ids = entries.map(({ bot_id }) => bot_id);
  const [first, second] = entries;
  if (entries.length !== 2 || !first || !second) return ids;
  const secondLeads = first.last_side === 0 || (first.last_side === null && second.last_side === 1);
  return secondLeads ? ids.toReversed() : ids;
}

function meeting(ladder: LadderKind, mode: QueueMode, { members }: Met, rated: boolean): Pairing {
  const entries = members.map(({ entry }) => entry);
  return {
    ladder,
    origin: `${mode}_QUEUE`,
    rated,
    sealed: entries.some(({ sealed }) => sealed),
    botIds: seated(entries),
    entryIds: entries.map(({ id }) => id),
    stakes: null,
  };
}

/** Who meets whom in the rated queue; bots of one owner, or of one team, meet unrated. */
export function ratedPairings(ladder: LadderKind, entries: readonly Entry[], nowMs: number): Pairing[] {
  return met(ladder, waitersOf(entries, "RATED"), nowMs).map((each) => meeting(ladder, "RATED", each, !each.allied));
}

/** Who meets whom in the practice queue, and who has waited there alone for so long that a house bot comes. */
export function practicePairings(
  ladder: LadderKind,
  entries: readonly Entry[],
  nowMs: number,
): { pairings: Pairing[]; lonely: Entry[] } {
  const waiters = waitersOf(entries, "PRACTICE");
  const meetings = met(ladder, waiters, nowMs);
  const gone = new Set(meetings.flatMap(({ members }) => members.map(({ entryId }) => entryId)));
  const lonely = waiters.filter(
    ({ entryId, joinedAtMs }) => !gone.has(entryId) && nowMs - joinedAtMs >= PRACTICE_PATIENCE_MS,
  );
  return {
    pairings: meetings.map((each) => meeting(ladder, "PRACTICE", each, false)),
    lonely: lonely.map(({ entry }) => entry),
  };
}

/** A lonely entry against one of the house; which one follows from the entry, so that a repeated round chooses the same. */
export function housePairing(ladder: LadderKind, entry: Entry, houseIds: readonly string[]): Pairing | null {
  const houseId = houseIds[Number.parseInt(entry.id.slice(-6), 16) % Math.max(1, houseIds.length)];
  if (!houseId) return null;
  return {
    ladder,
    origin: "PRACTICE_QUEUE",
    rated: false,
    sealed: entry.sealed,
    botIds: entry.last_side === 0 ? [houseId, entry.bot_id] : [entry.bot_id, houseId],
    entryIds: [entry.id],
    stakes: null,
  };
}
