import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Batch, Receiver } from "./frames.ts";

/** What may wait for one reader in this process. */
export const BUFFERED_BYTES_MAX = 1_024 * 1_024;
/** How long a reader that was let go has to read on to the reason. */
export const FAREWELL_MS = 5_000;

const STALLED_MS = 10_000;
const LOOK_MS = 20;

/** A reader that stalls is closed with a reason, never fed without bound and never skipped. */
export abstract class BoundedReceiver implements Receiver {
  protected readonly wire: Duplex;

  constructor(wire: Duplex) {
    this.wire = wire;
  }

  protected abstract isOpen(): boolean;
  protected abstract write(batch: Batch): void;
  protected abstract closeSlow(): void;

  give(batch: Batch): boolean {
    if (!this.isOpen()) return false;
    if (this.wire.writableLength > BUFFERED_BYTES_MAX) {
      this.closeSlow();
      return false;
    }
    this.write(batch);
    return true;
  }

  async drained(): Promise<boolean> {
    for (let waitedMs = 0; this.isOpen() && this.wire.writableNeedDrain; waitedMs += LOOK_MS) {
      if (waitedMs >= STALLED_MS) this.closeSlow();
      else await sleep(LOOK_MS, undefined, { ref: false });
    }
    return this.isOpen();
  }
}
