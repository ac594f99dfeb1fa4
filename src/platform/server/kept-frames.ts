import type { Frame } from "./frames.ts";

/** Bytes that all groups of a process keep together. */
export type Budget = { bytes: number };

const FRAMES_MAX = 256;
/** Half of what may wait for one reader: whoever joins is given all of them at once. */
const BYTES_MAX = 512 * 1_024;
const PROCESS_BYTES_MAX = 64 * 1_024 * 1_024;

/** The newest frames of a group, for those who join a little late. Of a feed only the newest counts. */
export class KeptFrames {
  private readonly frames: Frame[] = [];
  private readonly budget: Budget;
  private bytes = 0;
  /** The cursor behind which the oldest kept frame is; null where that is not known. */
  private start: string | null = null;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  beginAt(cursor: string | null): void {
    this.start = cursor;
  }

  push(frame: Frame): void {
    if (frame.cursor === null) this.clear();
    this.frames.push(frame);
    this.count(frame.payload.length);
    while (this.frames.length > 0 && this.isOver()) this.dropOldest();
  }

  find(cursor: string): Frame | null {
    return this.frames.find((frame) => frame.cursor === cursor) ?? null;
  }

  /** Whether everything behind a cursor is here. */
  reaches(cursor: string): boolean {
    return cursor === this.start || this.find(cursor) !== null;
  }

  /** What a joiner has missed: everything behind its cursor, or the newest snapshot of a feed. */
  behind(cursor: string | null): readonly Frame[] {
    if (cursor === null) return this.frames.at(-1)?.cursor === null ? this.frames.slice(-1) : [];
    return this.frames.slice(this.frames.findIndex((frame) => frame.cursor === cursor) + 1);
  }

  clear(): void {
    this.frames.length = 0;
    this.count(-this.bytes);
  }

  private isOver(): boolean {
    return this.frames.length > FRAMES_MAX || this.bytes > BYTES_MAX || this.budget.bytes > PROCESS_BYTES_MAX;
  }

  private dropOldest(): void {
    const oldest = this.frames.shift();
    this.start = oldest?.cursor ?? null;
    this.count(-(oldest?.payload.length ?? 0));
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    this.budget.bytes += bytes;
  }
}
