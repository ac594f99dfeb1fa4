import { Batch, type Frame } from "./frames.ts";
import type { Parked } from "./parked.ts";
import { inSteps, type Turns } from "./turns.ts";

const BYTES_MAX = 64 * 1_024;

/** What a group hears of its outbox: a reader that takes no more, and a fault on our side. */
type Ends = { gone(reader: Parked): void; failed(error: unknown): void };

/**
 * A group's readers and the frames that are on their way to them. Readers are served in turns of the event loop; each gets
 * every frame that was pushed after it was added, once and in order. Frames that come while others are being written leave
 * together in the next round.
 */
export class Outbox {
  /** By reader, the number of the first frame that it was not given. */
  private readonly nextOf = new Map<Parked, number>();
  private frames: Frame[] = [];
  private bytes = 0;
  private pushed = 0;
  private sending: Promise<void> | null = null;
  private onRoom: (() => void) | null = null;
  private readonly turns: Turns;
  private readonly ends: Ends;

  constructor(turns: Turns, ends: Ends) {
    this.turns = turns;
    this.ends = ends;
  }

  /** A reader is given what is pushed from now on. */
  add(reader: Parked): void {
    this.nextOf.set(reader, this.pushed);
  }

  delete(reader: Parked): void {
    this.nextOf.delete(reader);
  }

  /** Settles when there is room for another, which is when the one who pushes may go on. */
  async push(frame: Frame): Promise<void> {
    this.frames.push(frame);
    this.pushed++;
    this.bytes += frame.payload.length;
    this.sending ??= this.turns.run(this.rounds()).catch((error: unknown) => this.ends.failed(error));
    // The source is bounded: what comes while nothing is taken from it is read from the log later.
    if (this.bytes > BYTES_MAX) await new Promise<void>((room) => (this.onRoom = room));
  }

  /** Settles when everybody was given what was pushed so far. */
  async settled(): Promise<void> {
    await this.sending;
  }

  private *rounds(): Generator {
    try {
      while (this.frames.length > 0) yield* this.round(this.take());
    } finally {
      // Here and not behind the promise: what is pushed from now on needs rounds of its own.
      this.sending = null;
    }
  }

  private take(): Frame[] {
    const { frames } = this;
    [this.frames, this.bytes] = [[], 0];
    this.onRoom?.();
    return frames;
  }

  /** Gives the frames, the newest that there are, to whoever lacks them. */
  private *round(frames: readonly Frame[]): Generator {
    const end = this.pushed;
    const begin = end - frames.length;
    const batches = new Map<number, Batch>();
    yield* inSteps(this.nextOf, ([reader, next]) => {
      // Who was added later has them from elsewhere.
      if (next >= end) return;
      const batch = batches.get(next) ?? new Batch(frames.slice(next - begin));
      batches.set(next, batch);
      this.nextOf.set(reader, end);
      if (!reader.receiver.give(batch)) this.ends.gone(reader);
    });
  }
}
