import { GraphQLError } from "graphql";
import type { CloseReason, Sink } from "./hub.ts";

const REASONS: Record<CloseReason, string> = {
  SLOW_CONSUMER: "You read too slowly: too many events were waiting. Subscribe again with your last cursor.",
  SERVER_STOPPING: "The server is stopping. Subscribe again with your last cursor.",
  HISTORY_REPLACED: "An older state of the database was restored. Subscribe again with your last cursor.",
};

/**
 * A bounded queue between the hub and one subscriber: it refuses more than `max` undelivered items, and says when half of
 * them are taken.
 */
export class Mailbox<Item> implements Sink<Item>, AsyncIterableIterator<Item> {
  private readonly items: Item[] = [];
  private readonly max: number;
  private readonly leave: () => void;
  private waiting: ((result: IteratorResult<Item>) => void) | null = null;
  private failing: ((error: unknown) => void) | null = null;
  private roomCallback: (() => void) | null = null;
  private closed: CloseReason | "LEFT" | null = null;

  constructor(max: number, leave: () => void) {
    this.max = max;
    this.leave = leave;
  }

  deliver(item: Item): boolean {
    if (this.closed) return false;
    if (this.waiting) this.answer({ done: false, value: item });
    else if (this.items.length >= this.max) return false;
    else this.items.push(item);
    return true;
  }

  /** Whether half of what fits is free: who can wait does so while it is not. */
  hasRoom(): boolean {
    return this.items.length <= this.max / 2;
  }

  onRoom(callback: () => void): void {
    this.roomCallback = callback;
  }

  private tellRoom(): void {
    if (!this.roomCallback || !this.hasRoom()) return;
    const callback = this.roomCallback;
    this.roomCallback = null;
    callback();
  }

  close(reason: CloseReason): void {
    this.closed ??= reason;
    const failing = this.failing;
    [this.waiting, this.failing] = [null, null];
    failing?.(this.error());
  }

  private error(): GraphQLError {
    const reason = this.closed === "LEFT" || !this.closed ? "SERVER_STOPPING" : this.closed;
    return new GraphQLError(REASONS[reason], { extensions: { code: reason } });
  }

  private answer(result: IteratorResult<Item>): void {
    const waiting = this.waiting;
    [this.waiting, this.failing] = [null, null];
    waiting?.(result);
  }

  next(): Promise<IteratorResult<Item>> {
    const item = this.items.shift();
    this.tellRoom();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.closed === "LEFT") return Promise.resolve({ done: true, value: undefined });
    if (this.closed) return Promise.reject(this.error());
    return new Promise((resolve, reject) => ([this.waiting, this.failing] = [resolve, reject]));
  }

  return(): Promise<IteratorResult<Item>> {
    this.closed ??= "LEFT";
    this.leave();
    this.answer({ done: true, value: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
