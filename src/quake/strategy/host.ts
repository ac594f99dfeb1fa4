import { Worker } from "node:worker_threads";
import { readAction } from "./action.ts";
import type { StrategyAction, StrategyView } from "./contract.ts";
import { librarySource } from "./compile.ts";
import { SILENT_MS_MAX } from "./limits.ts";
import type { Answer, Order, Told } from "./messages.ts";
import { NOTHING_OWED, owedOf, withOwed, type Owed } from "./owed.ts";
import { acted, forfeited, logged, missed, NEW_SEAT, type Seat } from "./seat.ts";

/** A strategy that plays in a match. */
export type Entry = {
  /** The bot; its seat is named by it. */
  seat: string;
  /** JavaScript, as `compileStrategy` made it. */
  code: string;
  seed: number;
  /** JSON of `memory.kept` of an earlier round; null when there is none. */
  kept: string | null;
};

/** Strategies of one match, in one worker. */
export type Host = {
  /** Tells a strategy of a view; answers at once with what it does until its own answer is there. */
  brain(seat: string, view: StrategyView): StrategyAction;
  seat(seat: string): Seat;
  /** Settles when a strategy has answered to its last view, or plays no more. */
  settled(seat: string): Promise<Seat>;
  /** Milliseconds that the ticks took which gave an action, newest last; at most the last thousand. */
  readonly costs_ms: readonly number[];
  /** Calls back when one of them plays no more. */
  onForfeit(callback: (seat: string) => void): void;
  /** What each keeps for its next round, by seat; null where that stays as it was, or could not be asked. */
  keep(): Promise<ReadonlyMap<string, string | null>>;
  stop(): Promise<void>;
};

type Playing = {
  entry: Entry;
  seat: Seat;
  isBusy: boolean;
  number: number;
  owed: Owed;
  /** Told once, and again after its engine had to be started anew. */
  facts: StrategyView["facts"];
  waiting: (() => void)[];
};

const COSTS_KEPT = 1_000;
const LOOK_MS = 100;
const HEAP_MB_MAX = 256;
/** Whatever it used: nobody waits longer for a worker. */
const TURN_MS_MAX = 10_000;
/** A worker takes its time to start on a busy machine; an engine in it takes less. */
const START_MS_MAX = 10_000;
const LOAD_MS_MAX = 3_000;
/** Workers in a row that do not come up, after which no other is tried. */
const FAILED_STARTS_MAX = 3;

/**
 * Starts the strategies of a match. It settles when all have run their top level, or have forfeited by it, and throws where
 * no worker comes up.
 */
export async function startHost(entries: readonly Entry[]): Promise<Host> {
  const host = new WorkerHost(entries, await librarySource());
  await host.start();
  return host;
}

class WorkerHost implements Host {
  readonly costs_ms: number[] = [];
  private readonly library: string;
  private readonly playing: ReadonlyMap<string, Playing>;
  private readonly callbacks = new Set<(seat: string) => void>();
  private readonly timer: NodeJS.Timeout;
  private readonly loading = new Set<string>();
  private readonly kept = new Map<string, string | null>();
  private readonly awaited = new Set<string>();
  private worker: Worker;
  private turn: { seat: string; sinceMs: number }[] = [];
  private orders: Order[] = [];
  private settle = (): void => undefined;
  private endKeeping = (): void => undefined;
  private isReady = false;
  private failedStarts = 0;
  /** Of the worker's thread, when it last answered. */
  private usedMs = 0;
  private isLooking = false;
  private isStopped = false;

  constructor(entries: readonly Entry[], library: string) {
    this.library = library;
    this.playing = new Map(
      entries.map((entry) => [
        entry.seat,
        { entry, seat: NEW_SEAT, isBusy: false, number: 0, owed: NOTHING_OWED, facts: null, waiting: [] },
      ]),
    );
    this.worker = this.hire();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
  }

  async start(): Promise<void> {
    await this.loadAll();
    if (this.failedStarts >= FAILED_STARTS_MAX) throw new Error(NO_WORKER);
  }

  brain(name: string, view: StrategyView): StrategyAction {
    const playing = this.playing.get(name);
    if (!playing) return {};
    if (playing.seat.forfeit || this.isStopped) return playing.seat.action;
    playing.facts = view.facts ?? playing.facts;
    const due = withOwed(view, playing.owed);
    if (playing.isBusy || this.loading.has(name)) {
      playing.owed = owedOf(due);
      return playing.seat.action;
    }
    playing.owed = NOTHING_OWED;
    playing.isBusy = true;
    playing.number++;
    this.order({ type: "TICK", seat: name, number: playing.number, view: JSON.stringify(due) });
    return playing.seat.action;
  }

  seat(name: string): Seat {
    return this.playing.get(name)?.seat ?? NEW_SEAT;
  }

  async settled(name: string): Promise<Seat> {
    const playing = this.playing.get(name);
    if (playing?.isBusy === true && !playing.seat.forfeit)
      await new Promise<void>((resolve) => playing.waiting.push(resolve));
    return this.seat(name);
  }

  onForfeit(callback: (seat: string) => void): void {
    this.callbacks.add(callback);
  }

  async keep(): Promise<ReadonlyMap<string, string | null>> {
    // In a worker that is only starting there is nothing that they do not keep already.
    const isAsking = !this.isStopped && this.isReady && this.loading.size === 0;
    const alive = isAsking ? [...this.playing.values()].filter(({ seat }) => !seat.forfeit) : [];
    const asked = alive.map(({ entry }) => entry.seat);
    const done = new Promise<void>((resolve) => (this.endKeeping = resolve));
    for (const seat of asked) {
      this.awaited.add(seat);
      this.order({ type: "KEEP", seat });
    }
    if (asked.length > 0) await done;
    return new Map([...this.playing.keys()].map((seat) => [seat, this.kept.get(seat) ?? null]));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    this.endKeeping();
    await this.worker.terminate();
  }

  private hire(): Worker {
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      workerData: { library: this.library },
      // No environment, and no more memory than four strategies take.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    worker.on("message", (told: Told) => this.hear(worker, told));
    worker.on("error", (error: Error) => void this.replace(worker, `the worker failed: ${error.message}`));
    return worker;
  }

  /** What is ordered in one turn of the event loop goes in one message: to wake the worker costs more than to tell it. */
  private order(order: Order): void {
    this.turn.push({ seat: order.seat, sinceMs: performance.now() });
    if (this.orders.push(order) === 1) setImmediate(() => this.send());
  }

  private send(): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    this.worker.postMessage(this.orders.splice(0));
  }

  private async loadAll(): Promise<void> {
    const alive = [...this.playing.values()].filter(({ seat }) => !seat.forfeit);
    for (const { entry } of alive) this.loading.add(entry.seat);
    const done = new Promise<void>((resolve) => (this.settle = resolve));
    for (const { entry } of alive) this.order({ type: "LOAD", ...entry });
    if (alive.length > 0) await done;
  }

  private hear(worker: Worker, answer: Told): void {
    if (worker !== this.worker) return;
    this.usedMs = answer.usedMs;
    // The time of whoever is next begins now.
    if (answer.type === "READY") {
      this.isReady = true;
      this.failedStarts = 0;
    } else this.turn.shift();
    const [next] = this.turn;
    if (next) next.sinceMs = performance.now();
    switch (answer.type) {
      case "READY":
        return;
      case "LOADED":
        this.loaded(answer);
        return;
      case "KEPT":
        this.kept.set(answer.seat, answer.kept);
        this.awaited.delete(answer.seat);
        if (this.awaited.size === 0) this.endKeeping();
        return;
      case "ACTED":
      case "MISSED":
        this.finish(answer);
    }
  }

  private loaded({ seat, fault }: Answer & { type: "LOADED" }): void {
    if (fault) this.change(seat, (before) => forfeited(before, fault));
    this.loading.delete(seat);
    if (this.loading.size === 0) this.settle();
  }

  private finish(answer: Answer & { type: "ACTED" | "MISSED" }): void {
    const playing = this.playing.get(answer.seat);
    if (!playing || playing.number !== answer.number) return;
    playing.isBusy = false;
    this.change(answer.seat, (seat) => ticked(answer.log.reduce(logged, seat), answer));
    if (answer.type === "ACTED") this.costs_ms.push(answer.tookMs);
    if (this.costs_ms.length > COSTS_KEPT) this.costs_ms.shift();
  }

  private change(name: string, change: (seat: Seat) => Seat): void {
    const playing = this.playing.get(name);
    if (!playing) return;
    const before = playing.seat;
    playing.seat = change(before);
    for (const resolve of playing.waiting.splice(0)) resolve();
    if (playing.seat.forfeit && !before.forfeit) for (const callback of this.callbacks) callback(name);
  }

  /**
   * The second wall: whose turn has lasted too long is out, and the others go on in a new worker. Where the machine was too
   * busy to let the worker run or start, nobody is to blame.
   */
  private async look(): Promise<void> {
    const [first] = this.turn;
    if (!first || this.isLooking) return;
    const allowedMs = !this.isReady ? START_MS_MAX : this.loading.has(first.seat) ? LOAD_MS_MAX : SILENT_MS_MAX;
    const lasted = () => performance.now() - first.sinceMs;
    if (lasted() <= allowedMs) return;
    const { worker } = this;
    this.isLooking = true;
    const usedMs = (await usedBy(worker)) - this.usedMs;
    this.isLooking = false;
    const isOver = usedMs > allowedMs || lasted() > TURN_MS_MAX;
    if (isOver && this.turn[0] === first) await this.replace(worker, `it did not come back for ${allowedMs} ms`);
  }

  private async replace(worker: Worker, message: string): Promise<void> {
    if (worker !== this.worker || this.isStopped) return;
    const guilty = this.isReady ? this.turn[0] : undefined;
    this.turn = [];
    this.orders = [];
    this.loading.clear();
    if (guilty) this.change(guilty.seat, (seat) => missed(seat, "NEVER_ENDED", message));
    // What the others were to keep went with the worker.
    this.awaited.clear();
    this.endKeeping();
    if (!this.isReady && ++this.failedStarts >= FAILED_STARTS_MAX) return this.giveUp();
    for (const playing of this.playing.values()) {
      if (playing.number > 0 && !playing.seat.forfeit) playing.seat = logged(playing.seat, BEGAN_ANEW);
      playing.isBusy = false;
      for (const resolve of playing.waiting.splice(0)) resolve();
      playing.owed = { ...playing.owed, facts: playing.facts };
    }
    this.isReady = false;
    this.usedMs = 0;
    this.worker = this.hire();
    const settle = this.settle;
    await Promise.all([worker.terminate(), this.loadAll()]);
    settle();
  }

  /** Nobody can be played any more. */
  private async giveUp(): Promise<void> {
    const fault = { reason: "SANDBOX_BROKEN", message: NO_WORKER, line: null } as const;
    for (const name of this.playing.keys()) this.change(name, (seat) => forfeited(seat, fault));
    await this.stop();
    this.settle();
  }
}

const BEGAN_ANEW =
  "[BEGAN_ANEW] what ran the round's strategies has failed: yours was loaded anew, with memory as at first";
const NO_WORKER = "no worker could be started";

/** The processor time of a worker's thread; 0 where it does not say. */
async function usedBy(worker: Worker): Promise<number> {
  const said = worker.cpuUsage().then(
    ({ user, system }) => (user + system) / 1_000,
    // It has ended, which its error tells.
    () => 0,
  );
  return Promise.race([said, pause(LOOK_MS).then(() => 0)]);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());

function ticked(seat: Seat, answer: Answer & { type: "ACTED" | "MISSED" }): Seat {
  if (answer.type === "MISSED") return missed(seat, answer.miss, answer.message, answer.overMs);
  const read = readAction(answer.value);
  return read.ok ? acted(seat, read.action) : missed(seat, "NOT_AN_ACTION", read.reason);
}
