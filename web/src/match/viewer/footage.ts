import type { Death, Frame } from "./frames.ts";
import type { Span } from "./playhead.ts";

/** Frames a live viewer keeps: more than a round has. */
const KEPT_MAX = 4_000;

/** What can be shown of a round: all of it, or what has come so far. */
export class Footage {
  readonly frames: Frame[] = [];
  live: boolean;

  constructor(frames: readonly Frame[], live: boolean) {
    this.frames.push(...frames);
    this.live = live;
  }

  /** Adds a frame; one that is not newer than the last begins the round anew. */
  add(frame: Frame): void {
    const last = this.frames.at(-1);
    if (last && frame.atMs === last.atMs) return;
    if (last && frame.atMs < last.atMs) this.frames.length = 0;
    this.frames.push(frame);
    if (this.frames.length > KEPT_MAX) this.frames.shift();
  }

  get span(): Span {
    return { fromMs: this.frames[0]?.atMs ?? 0, toMs: this.frames.at(-1)?.atMs ?? 0, live: this.live };
  }
}

/** Each side's score by the deaths up to a time, as the game counts: a kill gives one, a death by nobody else takes one. */
export function scoresAt(deaths: readonly Death[], atMs: number): ReadonlyMap<number, number> {
  const scores = new Map<number, number>();
  const count = (side: number, points: number) => scores.set(side, (scores.get(side) ?? 0) + points);
  for (const death of deaths) {
    if (death.atMs > atMs) continue;
    if (death.killer === null || death.killer === death.victim) count(death.victim, -1);
    else count(death.killer, 1);
  }
  return scores;
}
