/** A bot that waits, as the matchmaker sees it. */
export type Waiting = {
  entryId: string;
  botId: string;
  ownerId: string;
  elo: number;
  joinedAtMs: number;
  lastOpponentId: string | null;
};

/** Two that meet; a pair of one owner is never rated. */
export type Pair = { first: Waiting; second: Waiting; sameOwner: boolean };

const GAP_START = 100;
const GAP_GROWTH_PER_S = 10;
const GAP_FREE_AFTER_S = 60;
const NEIGHBOURS_MAX = 16;

/** The widest rating gap a bot accepts: patience widens it, so that a lone strong bot is paired late rather than never. */
export function gapMax(joinedAtMs: number, nowMs: number): number {
  const waitedS = Math.floor((nowMs - joinedAtMs) / 1_000);
  return waitedS >= GAP_FREE_AFTER_S ? Infinity : GAP_START + GAP_GROWTH_PER_S * waitedS;
}

type Candidate = { index: number; gap: number; penalty: number };

/**
 * Pairs greedily from the longest wait. The one that waits longest decides how wide the gap may be; among the nearest 16
 * on each side of its rating it prefers another owner, then another opponent than the last, then the nearest rating.
 * One's own bot is met only when no other choice exists.
 */
export function pair(waiting: readonly Waiting[], nowMs: number): Pair[] {
  const byElo = waiting.toSorted((a, b) => a.elo - b.elo || (a.entryId < b.entryId ? -1 : 1));
  const order = byElo.map((_entry, index) => index).toSorted((a, b) => joined(byElo, a) - joined(byElo, b));
  const row = new FreeRow(byElo.length);
  const pairs: Pair[] = [];
  for (const index of order) {
    const first = byElo[index];
    if (!first || !row.isFree(index)) continue;
    const found = bestFor(byElo, row, index, gapMax(first.joinedAtMs, nowMs));
    const second = found === null ? undefined : byElo[found];
    if (found === null || !second) continue;
    row.take(index);
    row.take(found);
    pairs.push({ first, second, sameOwner: first.ownerId === second.ownerId });
  }
  return pairs;
}

const joined = (entries: readonly Waiting[], index: number) => entries[index]?.joinedAtMs ?? 0;

function bestFor(entries: readonly Waiting[], row: FreeRow, index: number, gap: number): number | null {
  let best: Candidate | null = null;
  for (const candidate of [...row.neighbours(index, -1), ...row.neighbours(index, 1)]) {
    const weighed = weigh(entries, index, candidate);
    if (
      weighed.gap <= gap &&
      (!best || weighed.penalty < best.penalty || (weighed.penalty === best.penalty && weighed.gap < best.gap))
    )
      best = weighed;
  }
  return best?.index ?? null;
}

function weigh(entries: readonly Waiting[], one: number, other: number): Candidate {
  const [a, b] = [entries[one], entries[other]];
  if (!a || !b) return { index: other, gap: Infinity, penalty: Infinity };
  const again = a.lastOpponentId === b.botId || b.lastOpponentId === a.botId;
  return { index: other, gap: Math.abs(a.elo - b.elo), penalty: (a.ownerId === b.ownerId ? 2 : 0) + (again ? 1 : 0) };
}

/** Places in rating order; taken ones are skipped by links that shorten as they are followed. */
class FreeRow {
  private readonly up: Int32Array;
  private readonly down: Int32Array;
  private readonly taken: Uint8Array;

  constructor(length: number) {
    this.up = Int32Array.from({ length: length + 2 }, (_none, index) => index);
    this.down = Int32Array.from({ length: length + 2 }, (_none, index) => index);
    this.taken = new Uint8Array(length);
  }

  isFree(index: number): boolean {
    return this.taken[index] === 0;
  }

  take(index: number): void {
    this.taken[index] = 1;
    this.up[index + 1] = index + 2;
    this.down[index + 1] = index;
  }

  /** Free places next to one, nearest first, at most 16. */
  neighbours(index: number, step: 1 | -1): number[] {
    const links = step === 1 ? this.up : this.down;
    const found: number[] = [];
    let place = follow(links, index + 1 + step);
    while (found.length < NEIGHBOURS_MAX && place >= 1 && place <= this.taken.length) {
      found.push(place - 1);
      place = follow(links, place + step);
    }
    return found;
  }
}

function follow(links: Int32Array, from: number): number {
  let place = from;
  while (links[place] !== undefined && links[place] !== place) {
    links[place] = links[links[place] ?? place] ?? place;
    place = links[place] ?? place;
  }
  return place;
}
