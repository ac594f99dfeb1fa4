import type { Database } from "./database.ts";
import type { Logger } from "./logging.ts";
import { readEvents, readHeads, type StoredEvent } from "./streams.ts";
import { Telling, type Line } from "./telling.ts";

/** Why a subscriber was let go. */
export type CloseReason = "SLOW_CONSUMER" | "SERVER_STOPPING" | "HISTORY_REPLACED";

/**
 * One receiver. `deliver` must not block; false means that it is full. One that tells when it has room again is read on
 * from the log then; any other must go.
 */
export type Sink<Item> = {
  deliver(item: Item): boolean;
  close(reason: CloseReason): void;
  onRoom?(callback: () => void): void;
};

/** Carries what moved to the other nodes and back; without one there is only this process. */
export type Bus = Line & {
  send(names: readonly string[]): void;
  receive(callback: (names: readonly string[]) => void): void;
  close(): Promise<void>;
};

/** Gives committed events to this process's subscribers and, by the bus, to the other nodes'. */
export type Hub = {
  /** Logged events, after their commit. */
  publish(events: readonly StoredEvent[]): void;
  /** Says that a feed's snapshot (queue:PIT, ladder:PIT, contests) moved; newest wins. */
  touch(topic: string): void;
  /** Events of a logged stream after a number, in order, without gap or duplicate. Returns the way to leave. */
  follow(stream: string, afterSeq: number, sink: Sink<StoredEvent>): () => void;
  /** Movements of a feed. Returns the way to leave. */
  watch(topic: string, sink: Sink<null>): () => void;
  /** Calls back with the name of every stream or topic that moved, on this node or another. */
  onMoved(callback: (name: string) => void): () => void;
  /** Says what is of use now or never to those who listen, on this node and others; it may get lost. */
  tell(topic: string, text: string): void;
  /** Hears what is told of a topic from now on. Returns the way to leave. */
  listen(topic: string, callback: (text: string) => void): () => void;
  /** How many listen to a topic on this node. */
  listeners(topic: string): number;
  stop(): Promise<void>;
};

const SWEEP_MS = 1_000;
const READ_MAX = 200;
/** How long a full receiver may take to make room. */
const STALLED_SWEEPS_MAX = 10;

type Follower = {
  seq: number;
  sink: Sink<StoredEvent>;
  reading: boolean;
  missed: boolean;
  /** Sweeps since it was full; null while it has room. */
  full: number | null;
};

/** Opens the hub of a process. */
export function openHub(db: Database, log: Logger, bus?: Bus): Hub {
  const hub = new LocalHub(db, log, bus);
  const telling = new Telling(bus);
  return {
    publish: (events) => hub.publish(events),
    touch: (topic) => hub.touch(topic),
    follow: (stream, afterSeq, sink) => hub.follow(stream, afterSeq, sink),
    watch: (topic, sink) => join(hub.watchers, topic, sink),
    onMoved: (callback) => hub.onMoved(callback),
    tell: (topic, text) => telling.tell(topic, text),
    listen: (topic, callback) => telling.listen(topic, callback),
    listeners: (topic) => telling.listeners(topic),
    stop: () => hub.stop(),
  };
}

function join<T>(rooms: Map<string, Set<T>>, name: string, member: T): () => void {
  const room = rooms.get(name) ?? new Set();
  rooms.set(name, room.add(member));
  return () => {
    room.delete(member);
    if (room.size === 0 && rooms.get(name) === room) rooms.delete(name);
  };
}

class LocalHub {
  readonly watchers = new Map<string, Set<Sink<null>>>();
  private readonly followers = new Map<string, Set<Follower>>();
  private readonly movedCallbacks = new Set<(name: string) => void>();
  private readonly db: Database;
  private readonly log: Logger;
  private readonly bus: Bus | undefined;
  private readonly sweeping: NodeJS.Timeout;

  constructor(db: Database, log: Logger, bus: Bus | undefined) {
    this.db = db;
    this.log = log;
    this.bus = bus;
    this.sweeping = setInterval(() => {
      this.dropStalled();
      void this.sweep();
    }, SWEEP_MS).unref();
    bus?.receive((names) => {
      for (const name of names) this.moved(name);
      void this.sweep(names.filter((name) => this.followers.has(name)));
    });
  }

  publish(events: readonly StoredEvent[]): void {
    for (const event of events) {
      for (const follower of this.followers.get(event.stream) ?? []) this.offer(event.stream, follower, event);
    }
    this.spread([...new Set(events.map(({ stream }) => stream))]);
  }

  touch(topic: string): void {
    this.spread([topic]);
  }

  private spread(names: string[]): void {
    for (const name of names) this.moved(name);
    if (names.length > 0) this.bus?.send(names);
  }

  private moved(name: string): void {
    for (const callback of this.movedCallbacks) callback(name);
    for (const sink of this.watchers.get(name) ?? []) if (!sink.deliver(null)) sink.close("SLOW_CONSUMER");
  }

  onMoved(callback: (name: string) => void): () => void {
    this.movedCallbacks.add(callback);
    return () => this.movedCallbacks.delete(callback);
  }

  follow(stream: string, afterSeq: number, sink: Sink<StoredEvent>): () => void {
    const follower: Follower = { seq: afterSeq, sink, reading: false, missed: false, full: null };
    const leave = join(this.followers, stream, follower);
    void this.catchUp(stream, follower);
    return leave;
  }

  private offer(stream: string, follower: Follower, event: StoredEvent): void {
    // What comes while it is full is in the log when it has room.
    if (event.seq <= follower.seq || follower.full !== null) return;
    // What is published while the log is being read may be behind the reader's snapshot: it looks again.
    if (follower.reading) return void (follower.missed = true);
    if (event.seq === follower.seq + 1) return this.deliver(stream, follower, event);
    void this.catchUp(stream, follower);
  }

  private deliver(stream: string, follower: Follower, event: StoredEvent): void {
    if (follower.sink.deliver(event)) follower.seq = event.seq;
    else if (follower.sink.onRoom) this.waitForRoom(stream, follower);
    else this.letGo(stream, follower);
  }

  private waitForRoom(stream: string, follower: Follower): void {
    follower.full = 0;
    follower.sink.onRoom?.(() => {
      follower.full = null;
      void this.catchUp(stream, follower);
    });
  }

  private letGo(stream: string, follower: Follower, reason: CloseReason = "SLOW_CONSUMER"): void {
    this.followers.get(stream)?.delete(follower);
    follower.sink.close(reason);
  }

  /** Reads the log until it has no more; what was published meanwhile is in the log too. */
  private async catchUp(stream: string, follower: Follower): Promise<void> {
    if (follower.reading) return void (follower.missed = true);
    follower.reading = true;
    try {
      do {
        follower.missed = false;
        await this.readOn(stream, follower);
      } while (follower.missed);
    } catch (error) {
      this.log.warn({ error, stream }, "the log could not be read; the sweep tries again");
    } finally {
      follower.reading = false;
    }
  }

  private async readOn(stream: string, follower: Follower): Promise<void> {
    const reads = () => follower.full === null && (this.followers.get(stream)?.has(follower) ?? false);
    let more = true;
    while (more && reads()) {
      const events = await readEvents(this.db, stream, follower.seq, READ_MAX);
      for (const event of events) if (reads()) this.deliver(stream, follower, event);
      more = events.length === READ_MAX;
    }
  }

  private dropStalled(): void {
    for (const [stream, room] of this.followers)
      for (const follower of room)
        if (follower.full !== null && ++follower.full > STALLED_SWEEPS_MAX) this.letGo(stream, follower);
  }

  private async sweep(names: readonly string[] = [...this.followers.keys()]): Promise<void> {
    if (names.length === 0) return;
    const given = names.flatMap((stream) =>
      [...(this.followers.get(stream) ?? [])].map((follower) => ({ stream, follower, seq: follower.seq })),
    );
    try {
      const heads = await readHeads(this.db, names);
      for (const [stream, seq] of heads) {
        for (const follower of this.followers.get(stream) ?? [])
          if (follower.seq < seq && follower.full === null) void this.catchUp(stream, follower);
      }
      // Heads never go back but when a dump is restored: who was given more than there is would else hear nothing for long.
      for (const { stream, follower, seq } of given)
        if (seq > (heads.get(stream) ?? 0)) this.letGo(stream, follower, "HISTORY_REPLACED");
    } catch (error) {
      this.log.warn({ error }, "the streams' heads could not be read; the next sweep tries again");
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.sweeping);
    for (const room of [...this.followers.values()]) for (const { sink } of room) sink.close("SERVER_STOPPING");
    for (const room of [...this.watchers.values()]) for (const sink of room) sink.close("SERVER_STOPPING");
    await this.bus?.close();
  }
}
