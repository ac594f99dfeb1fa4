import type { JsonObject } from "./canonical-json.ts";
import type { Tx } from "./database.ts";

/** Durable work: enqueued in the transaction that makes it necessary, run at least once, idempotent. */
export type Jobs = {
  /** `key` makes later enqueues replace an earlier one that did not run yet. */
  enqueue(tx: Tx, task: string, payload: JsonObject, options?: { key?: string; runAt?: Date }): Promise<void>;
};

/** What a task does with its payload; throwing means a retry with back-off. */
export type Task = (payload: JsonObject) => Promise<void>;
