import { areAllied } from "./allies.ts";
import { FreeRow, gapMax, NEIGHBOURS_MAX, NOBODY, type Waiting } from "./pairing.ts";

/** Of how many a group is, and how long a smaller one waits for more. */
export type GroupSize = { min: number; max: number; patienceMs: number };

/** Those that meet, the longest wait first; with allies among them they are never rated. */
export type Group = { members: readonly Waiting[]; allied: boolean };

/**
 * Gathers groups greedily from the longest wait, which decides how wide the gap may be: whoever is nearest to its rating,
 * no two of them allied. A group that is not full is let go when its first has waited out the patience; one's own bots and
 * those of team-mates are met only when nobody else is there.
 */
export function group(waiting: readonly Waiting[], nowMs: number, size: GroupSize): Group[] {
  const row = new FreeRow(waiting);
  const groups: Group[] = [];
  for (const place of row.longestWaitFirst) {
    const first = row.entries[place];
    if (!first || !row.isFree(place)) continue;
    const late = nowMs - first.joinedAtMs >= size.patienceMs;
    const found = membersFor(row, place, { gapAllowed: gapMax(first.joinedAtMs, nowMs), size, late });
    if (!found) continue;
    for (const member of found.places) row.take(member);
    const members = found.places.flatMap((member) => row.entries[member] ?? []);
    groups.push({ members: members.toSorted(byWait), allied: found.allied });
  }
  return groups;
}

const byWait = (a: Waiting, b: Waiting) => a.joinedAtMs - b.joinedAtMs || (a.entryId < b.entryId ? -1 : 1);

type Search = { gapAllowed: number; size: GroupSize; late: boolean };

function membersFor(
  row: FreeRow,
  place: number,
  { gapAllowed, size, late }: Search,
): { places: number[]; allied: boolean } | null {
  const near = nearest(row, place, gapAllowed);
  const strangers = strangersAmong(row, [place, ...near], size.max);
  if (strangers.length === size.max || (late && strangers.length >= size.min))
    return { places: strangers, allied: false };
  const own = [place, ...near].slice(0, size.max);
  return late && strangers.length === 1 && own.length >= size.min ? { places: own, allied: true } : null;
}

/** The first of some places, and whoever of the next is no ally of one before. */
function strangersAmong(row: FreeRow, places: readonly number[], max: number): number[] {
  const strangers: number[] = [];
  for (const place of places) {
    if (strangers.length === max) break;
    if (!strangers.some((taken) => alliedAt(row, taken, place))) strangers.push(place);
  }
  return strangers;
}

function alliedAt({ entries }: FreeRow, a: number, b: number): boolean {
  const [one, other] = [entries[a], entries[b]];
  return one !== undefined && other !== undefined && areAllied(one, other);
}

/** Free places within the gap, the nearest rating first. */
function nearest(row: FreeRow, place: number, gapAllowed: number): number[] {
  const found: number[] = [];
  for (const links of [row.lower, row.higher]) {
    let candidate = links[place] ?? NOBODY;
    for (let seen = 0; seen < NEIGHBOURS_MAX && candidate !== NOBODY; seen++) {
      if (row.gap(place, candidate) > gapAllowed) break;
      found.push(candidate);
      candidate = links[candidate] ?? NOBODY;
    }
  }
  return found.toSorted((a, b) => row.gap(place, a) - row.gap(place, b) || a - b);
}
