/** Does many things at once, all or none, and answers each in its order. */
type Run<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;
type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

/** More waits than may: nothing was done. */
export class BatchingFull extends Error {
  override readonly name = "BatchingFull";
}

const IN_FLIGHT_MAX = 2;

/**
 * Gathers what comes in bursts. At most two runs are in flight; what arrives meanwhile forms the next, without any timer,
 * so that one alone waits for nobody. Each caller is answered after the run that holds its item. A run that throws is
 * tried again item by item, so that only the guilty hear of it: what it does must bear being repeated.
 */
export class Batching<Item, Result> {
  private readonly run: Run<Item, Result>;
  private readonly itemsMax: number;
  private readonly waitingMax: number;
  private readonly waiting: Waiting<Item, Result>[] = [];
  private inFlight = 0;

  constructor(run: Run<Item, Result>, { itemsMax, waitingMax }: { itemsMax: number; waitingMax: number }) {
    this.run = run;
    this.itemsMax = itemsMax;
    this.waitingMax = waitingMax;
  }

  /** Adds one item to the next run; rejects with BatchingFull when too many wait. */
  add(item: Item): Promise<Result> {
    if (this.waiting.length >= this.waitingMax)
      return Promise.reject(new BatchingFull(`${this.waiting.length} wait already`));
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.waiting.push({ item, resolve, reject });
    this.start();
    return promise;
  }

  private start(): void {
    while (this.inFlight < IN_FLIGHT_MAX && this.waiting.length > 0)
      void this.next(this.waiting.splice(0, this.itemsMax));
  }

  private async next(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    this.inFlight++;
    await this.settle(batch);
    this.inFlight--;
    this.start();
  }

  private async settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const each of batch) await this.settle([each]);
    }
  }
}
