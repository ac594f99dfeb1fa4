import type { Row } from "../../platform/statement.ts";
import type { Pairing } from "../events.ts";
import type { LadderKind, QueueMode } from "../rules/ladders.ts";
import { pair, type Waiting } from "../rules/pairing.ts";
import type { waitingEntries } from "../store/queue.ts";

/** A waiting entry as it was read. */
export type Entry = Row<typeof waitingEntries>;

type Waiter = Waiting & { entry: Entry };

const PRACTICE_PATIENCE_MS = 5_000;

function waitersOf(entries: readonly Entry[], mode: QueueMode): Waiter[] {
  return entries
    .filter((entry) => entry.mode === mode)
    .map((entry) => ({
      entry,
      entryId: entry.id,
      botId: entry.bot_id,
      ownerId: entry.owner_id,
      elo: entry.elo,
      joinedAtMs: entry.joined_at.getTime(),
      lastOpponentId: entry.last_opponent_id,
    }));
}

const paired = (waiters: Waiter[], nowMs: number) =>
  pair(waiters, nowMs) as { first: Waiter; second: Waiter; sameOwner: boolean }[];

/** Sides alternate: whoever had side 0 last has side 1 now, where both cannot have their turn the longer wait has it. */
function seated(first: Entry, second: Entry): [string, string] {
  const secondLeads = first.last_side === 0 || (first.last_side === null && second.last_side === 1);
  return secondLeads ? [second.bot_id, first.bot_id] : [first.bot_id, second.bot_id];
}

function meeting(ladder: LadderKind, mode: QueueMode, first: Entry, second: Entry, rated: boolean): Pairing {
  return {
    ladder,
    origin: `${mode}_QUEUE`,
    rated,
    sealed: first.sealed || second.sealed,
    botIds: seated(first, second),
    entryIds: [first.id, second.id],
    stakes: null,
  };
}

/** Who meets whom in the rated queue; two of one owner meet unrated. */
export function ratedPairings(ladder: LadderKind, entries: readonly Entry[], nowMs: number): Pairing[] {
  return paired(waitersOf(entries, "RATED"), nowMs).map(({ first, second, sameOwner }) =>
    meeting(ladder, "RATED", first.entry, second.entry, !sameOwner),
  );
}

/** Who meets whom in the practice queue, and who has waited there alone for so long that a house bot comes. */
export function practicePairings(
  ladder: LadderKind,
  entries: readonly Entry[],
  nowMs: number,
): { pairings: Pairing[]; lonely: Entry[] } {
  const waiters = waitersOf(entries, "PRACTICE");
  const pairs = paired(waiters, nowMs);
  const met = new Set(pairs.flatMap(({ first, second }) => [first.entryId, second.entryId]));
  const lonely = waiters.filter(
    ({ entryId, joinedAtMs }) => !met.has(entryId) && nowMs - joinedAtMs >= PRACTICE_PATIENCE_MS,
  );
  return {
    pairings: pairs.map(({ first, second }) => meeting(ladder, "PRACTICE", first.entry, second.entry, false)),
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
