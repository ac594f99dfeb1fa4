import type { StoredEvent } from "./streams.ts";

/** Why a subscriber was let go. */
export type CloseReason = "SLOW_CONSUMER" | "REVOKED" | "SERVER_STOPPING";

/** One receiver of a stream or feed. `deliver` must not block; it returns false when the receiver is full and must go. */
export type Sink<Item> = { deliver(item: Item): boolean; close(reason: CloseReason): void };

/** Gives committed events to this process's subscribers and, by the bus, to the other nodes'. */
export type Hub = {
  /** Logged events, after their commit. */
  publish(events: readonly StoredEvent[]): void;
  /** Says that a feed's snapshot (queue:PIT, ladder:PIT, contests, bot-status) moved; newest wins. */
  touch(topic: string): void;
  /** Live events of one logged stream in order, without gaps, from `afterSeq` on. Returns the way to leave. */
  follow(stream: string, afterSeq: number, sink: Sink<StoredEvent>): () => void;
  /** Movements of a feed, at most a few a second. Returns the way to leave. */
  watch(topic: string, sink: Sink<null>): () => void;
  /** Calls back for every publish and touch of this or another node, with the stream's or topic's name (byte cache). */
  onMoved(callback: (name: string) => void): () => void;
};
