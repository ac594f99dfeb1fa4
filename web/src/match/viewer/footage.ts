import type { ReplayScore } from "../../../../src/quake/rules/replay.ts";
import type { Frame } from "./frames.ts";
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

/** Each side's score at a time, as the game told it. */
export function scoresAt(told: readonly ReplayScore[], atMs: number): ReadonlyMap<number, number> {
  return new Map(told.filter((score) => score.atMs <= atMs).map(({ side, score }) => [side, score]));
}
