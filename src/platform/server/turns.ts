const STEPS_PER_TURN_MAX = 8;
const VISITS_PER_STEP = 32;

/** Work that yields after each step, of which each is short. */
export type Work = Iterator<unknown>;

/** Visits all in steps, also those who come meanwhile; who is taken out before its turn is not visited. */
export function* inSteps<T>(all: Iterable<T>, visit: (each: T) => void): Generator {
  let visited = 0;
  for (const each of all) {
    visit(each);
    if (++visited % VISITS_PER_STEP === 0) yield;
  }
}

/**
 * Long work of this process, a little in each turn of the event loop: whoever else waits is served between two turns,
 * however many pieces of work there are.
 */
export class Turns {
  private readonly queue: { work: Work; done: () => void; failed: (error: unknown) => void }[] = [];

  /** Begins in the next turn; settles when the work is done or has thrown. */
  run(work: Work): Promise<void> {
    return new Promise((done, failed) => {
      if (this.queue.length === 0) setImmediate(() => this.turn());
      this.queue.push({ work, done, failed });
    });
  }

  private turn(): void {
    for (let steps = 0; steps < STEPS_PER_TURN_MAX && this.queue.length > 0; steps++) this.step();
    if (this.queue.length > 0) setImmediate(() => this.turn());
  }

  /** One step of the work that waits the longest, which is then the last in the queue. */
  private step(): void {
    const [first] = this.queue;
    if (!first) return;
    try {
      const { done } = first.work.next();
      if (done) first.done();
      else this.queue.push(first);
    } catch (error) {
      first.failed(error);
    }
    // Only now: whoever adds work meanwhile sees that a turn is under way.
    this.queue.shift();
  }
}
