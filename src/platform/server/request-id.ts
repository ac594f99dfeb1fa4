import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

const current = new AsyncLocalStorage<string>();

/** Sixteen hex digits that name one request in its answer and in the log. */
export const newRequestId = (): string => randomBytes(8).toString("hex");

/** Runs a request under its id, so that whatever fails inside can name it. */
export const withRequestId = <T>(id: string, work: () => T): T => current.run(id, work);

/** The id of the request that runs; a fresh one outside of any, such as for an event on a socket. */
export const requestId = (): string => current.getStore() ?? newRequestId();
