import { useSyncExternalStore } from "react";

/** The line to the server: since when it is down, and when it is tried again; nulls while it holds. */
export type Line = { offlineSince: number | null; nextTryAt: number | null };

// A server that restarts is back within this time; nobody has to be told.
const PATIENCE_MS = 800;
const UP: Line = { offlineSince: null, nextTryAt: null };

let line: Line = UP;
let pending: ReturnType<typeof setTimeout> | null = null;
let lostAt: number | null = null;
const listeners = new Set<() => void>();

function tell(next: Line): void {
  line = next;
  for (const listener of listeners) listener();
}

/** The server was heard: everything shown is live again. */
export function lineUp(): void {
  if (pending) clearTimeout(pending);
  [pending, lostAt] = [null, null];
  if (line.offlineSince !== null) tell(UP);
}

/** The server cannot be heard; `nextTryAt` is when somebody listens again. */
export function lineDown(nextTryAt: number | null = null): void {
  lostAt ??= Date.now();
  if (line.offlineSince !== null) {
    if (nextTryAt !== null) tell({ ...line, nextTryAt });
    return;
  }
  pending ??= setTimeout(() => tell({ offlineSince: lostAt ?? Date.now(), nextTryAt }), PATIENCE_MS);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** How the line stands; renders again when that changes. */
export const useLine = (): Line => useSyncExternalStore(subscribe, () => line);
