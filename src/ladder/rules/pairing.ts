import { areAllied, type Side } from "./allies.ts";

/** A bot that waits, as the matchmaker sees it. */
export type Waiting = Side & {
  entryId: string;
  botId: string;
  elo: number;
  joinedAtMs: number;
  lastOpponentId: string | null;
};

/** Two that meet; allies are never rated. */
export type Pair = { first: Waiting; second: Waiting; allied: boolean };

const GAP_START = 100;
const GAP_GROWTH_PER_S = 10;
const GAP_FREE_AFTER_S = 60;
/** How far along each side of a rating is looked for a partner. */
export const NEIGHBOURS_MAX = 16;
/** Characters of an id that its mark is made of. */
const MARKED = 8;

/** The widest rating gap a bot accepts: patience widens it, so that a lone strong bot is paired late rather than never. */
export function gapMax(joinedAtMs: number, nowMs: number): number {
  const waitedS = Math.floor((nowMs - joinedAtMs) / 1_000);
  return waitedS >= GAP_FREE_AFTER_S ? Infinity : GAP_START + GAP_GROWTH_PER_S * waitedS;
}

/**
 * Pairs greedily from the longest wait. The one that waits longest decides how wide the gap may be; among the nearest 16
 * on each side of its rating it prefers a stranger, then another opponent than the last, then the nearest rating. One's
 * own bot, or a team-mate's, is met only when no other choice exists.
 */
export function pair(waiting: readonly Waiting[], nowMs: number): Pair[] {
  const row = new FreeRow(waiting);
  const pairs: Pair[] = [];
  for (const place of row.longestWaitFirst) {
    const first = row.entries[place];
    if (!first || !row.isFree(place)) continue;
    const found = bestFor(row, place, gapMax(first.joinedAtMs, nowMs));
    const second = row.entries[found];
    if (!second) continue;
    row.take(place);
    row.take(found);
    pairs.push({ first, second, allied: !row.areStrangers(place, found) && areAllied(first, second) });
  }
  return pairs;
}

/**
 * Indices by whole numbers, equals in their order. Number and index are packed into one float, which the engine sorts
 * without calling back: exact while range × length < 2^53, such as 100,000 that wait up to two years.
 */
function orderOf(numbers: Float64Array): Uint32Array {
  const { length } = numbers;
  const least = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const packed = numbers.map((number, index) => (number - least) * length + index).toSorted();
  const order = new Uint32Array(length);
  for (let place = 0; place < length; place++) {
    const key = packed[place] ?? 0;
    order[place] = key - Math.floor(key / length) * length;
  }
  return order;
}

function permuted(entries: readonly Waiting[], order: Uint32Array): Waiting[] {
  const sorted: Waiting[] = [];
  for (const index of order) sorted.push(entries[index] as Waiting);
  return sorted;
}

/** One number of each entry. A loop, as Float64Array.from() takes ten times as long. */
function column(entries: readonly Waiting[], numberOf: (entry: Waiting) => number): Float64Array {
  const numbers = new Float64Array(entries.length);
  for (let index = 0; index < entries.length; index++) numbers[index] = numberOf(entries[index] as Waiting);
  return numbers;
}

/** A whole number of an id's end: ids of different marks are different, and to compare marks takes no look at the entries. */
function markOf(id: string): number {
  let mark = 0;
  for (let at = Math.max(0, id.length - MARKED); at < id.length; at++) mark = (mark * 31 + id.charCodeAt(at)) | 0;
  return mark;
}

export const NOBODY = -1;
const NO_PENALTY = 0;

/** The free place that suits a bot best, or -1. Ratings only move away along a side: its first without a penalty ends it. */
function bestFor(row: FreeRow, place: number, gapAllowed: number): number {
  let best = NOBODY;
  let bestPenalty = Infinity;
  let bestGap = Infinity;
  for (const links of [row.lower, row.higher]) {
    let candidate = links[place] ?? NOBODY;
    for (let seen = 0; seen < NEIGHBOURS_MAX && candidate !== NOBODY; seen++) {
      const gap = row.gap(place, candidate);
      if (gap > gapAllowed) break;
      const penalty = row.areStrangers(place, candidate)
        ? NO_PENALTY
        : penaltyOf(row.entries[place], row.entries[candidate]);
      if (penalty < bestPenalty || (penalty === bestPenalty && gap < bestGap)) {
        best = candidate;
        bestPenalty = penalty;
        bestGap = gap;
      }
      if (penalty === NO_PENALTY) break;
      candidate = links[candidate] ?? NOBODY;
    }
  }
  return best;
}

function penaltyOf(a: Waiting | undefined, b: Waiting | undefined): number {
  if (!a || !b) return Infinity;
  const again = a.lastOpponentId === b.botId || b.lastOpponentId === a.botId;
  return (areAllied(a, b) ? 2 : NO_PENALTY) + (again ? 1 : NO_PENALTY);
}

/**
 * Entries in rating order, equals by how long they wait, each linked to the nearest free place below and above it; -1 where
 * there is none.
 */
export class FreeRow {
  readonly entries: readonly Waiting[];
  /** Places of the entries, the longest wait first. */
  readonly longestWaitFirst: Uint32Array;
  readonly lower: Int32Array;
  readonly higher: Int32Array;
  private readonly elo: Float64Array;
  private readonly bots: Int32Array;
  private readonly owners: Int32Array;
  private readonly opponents: Int32Array;
  private readonly inTeam: Uint8Array;
  private readonly taken: Uint8Array;

  constructor(waiting: readonly Waiting[]) {
    const { length } = waiting;
    const byWait = permuted(waiting, orderOf(column(waiting, ({ joinedAtMs }) => joinedAtMs)));
    const byElo = orderOf(column(byWait, ({ elo }) => elo));
    this.entries = permuted(byWait, byElo);
    this.longestWaitFirst = new Uint32Array(length);
    [this.lower, this.higher] = [new Int32Array(length), new Int32Array(length)];
    [this.elo, this.taken, this.inTeam] = [new Float64Array(length), new Uint8Array(length), new Uint8Array(length)];
    [this.bots, this.owners, this.opponents] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
    for (let place = 0; place < length; place++) {
      this.longestWaitFirst[byElo[place] ?? 0] = place;
      this.lower[place] = place - 1;
      this.higher[place] = place + 1 < length ? place + 1 : NOBODY;
    }
    // By wait, as they mostly stand in memory: to read them by rating takes twice as long.
    for (let turn = 0; turn < length; turn++) this.note(this.longestWaitFirst[turn] ?? 0, byWait[turn] as Waiting);
  }

  private note(place: number, { elo, botId, ownerId, teams, lastOpponentId }: Waiting): void {
    this.elo[place] = elo;
    this.bots[place] = markOf(botId);
    this.owners[place] = markOf(ownerId);
    this.inTeam[place] = Math.min(teams.length, 1);
    this.opponents[place] = lastOpponentId === null ? NOBODY : markOf(lastOpponentId);
  }

  isFree(place: number): boolean {
    return this.taken[place] === 0;
  }

  gap(a: number, b: number): number {
    return Math.abs((this.elo[a] ?? 0) - (this.elo[b] ?? 0));
  }

  /** Whether two are surely no allies and did not just meet; the entries tell of the others. */
  areStrangers(a: number, b: number): boolean {
    if (this.owners[a] === this.owners[b] || (this.inTeam[a] === 1 && this.inTeam[b] === 1)) return false;
    return this.opponents[a] !== this.bots[b] && this.opponents[b] !== this.bots[a];
  }

  take(place: number): void {
    const [below, above] = [this.lower[place] ?? NOBODY, this.higher[place] ?? NOBODY];
    this.taken[place] = 1;
    if (below !== NOBODY) this.higher[below] = above;
    if (above !== NOBODY) this.lower[above] = below;
  }
}
