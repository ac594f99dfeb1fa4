import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

const current = new AsyncLocalStorage<string>();

const BYTES = 8;
const DRAWN_AT_ONCE = 512;
let drawn = Buffer.alloc(0);

/** Sixteen hex digits that name one request in its answer and in the log. */
export function newRequestId(): string {
  // Drawing a few bytes costs as much as drawing many.
  if (drawn.length < BYTES) drawn = randomBytes(BYTES * DRAWN_AT_ONCE);
  const id = drawn.toString("hex", 0, BYTES);
  drawn = drawn.subarray(BYTES);
  return id;
}

/** Runs a request under its id, so that whatever fails inside can name it. */
export const withRequestId = <T>(id: string, work: () => T): T => current.run(id, work);

/** The id of the request that runs; a fresh one outside of any, such as for an event on a socket. */
export const requestId = (): string => current.getStore() ?? newRequestId();
