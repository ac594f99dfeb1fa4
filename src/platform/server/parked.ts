import type { Receiver } from "./frames.ts";

/** How a subscription ended: with an error, or because there is no more. */
export type End = { error?: unknown };

const DONE = { done: true, value: undefined } as const;

/** A subscriber of a group. It yields nothing, since the group writes to the receiver itself; returning leaves the group. */
export class Parked implements AsyncIterableIterator<never> {
  readonly receiver: Receiver;
  private readonly leave: (parked: Parked) => void;
  private end: End | null = null;
  private waiting: { resolve: (end: IteratorResult<never>) => void; reject: (error: unknown) => void } | null = null;

  constructor(receiver: Receiver, leave: (parked: Parked) => void) {
    this.receiver = receiver;
    this.leave = leave;
  }

  next(): Promise<IteratorResult<never>> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.end) this.tell(this.end);
    });
  }

  /** Ends the subscription; the first end counts. */
  release(end: End): void {
    if (this.end) return;
    this.end = end;
    this.tell(end);
  }

  private tell(end: End): void {
    if (end.error === undefined) this.waiting?.resolve(DONE);
    else this.waiting?.reject(end.error);
  }

  return(): Promise<IteratorResult<never>> {
    this.leave(this);
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<never>> {
    this.leave(this);
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
