// What a process of matches does while it is measured, seen from beside it: nothing of the matches knows of it.
import { readFileSync } from "node:fs";
import process from "node:process";
import { Session, type SessionEvent } from "../src/quake/protocol/session.ts";
import type { Answer } from "../src/quake/strategy/messages.ts";

/** What was seen since `begin`; times in milliseconds. */
export type Watch = {
  begin(): void;
  /** What each datagram cost that had a snapshot in it. */
  readonly decode_ms: readonly number[];
  /** What each tick of a strategy cost in its sandbox. */
  readonly tick_ms: readonly number[];
  /** Frames of the servers that clients were told of, and those in between of which they were not. */
  readonly frames: { seen: number; missed: number };
};

/** Watches all clients and all sandboxes of this process, whose servers make a frame every so many milliseconds. */
export function watchMatches(frameMs: number): Watch {
  const decode_ms: number[] = [];
  const tick_ms: number[] = [];
  const frames = { seen: 0, missed: 0 };
  const last = new WeakMap<Session, number>();
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its session below
  const { receive } = Session.prototype;
  const count = (session: Session, event: SessionEvent) => {
    if (event.type !== "SNAPSHOT") return;
    const { serverTime } = event.snapshot;
    const passed = Math.round((serverTime - (last.get(session) ?? serverTime - frameMs)) / frameMs);
    last.set(session, serverTime);
    frames.seen++;
    // After a restart of the map the time of a server begins anew.
    frames.missed += Math.max(0, passed - 1);
  };
  Session.prototype.receive = function measured(this: Session, ...given: Parameters<Session["receive"]>) {
    const sinceMs = performance.now();
    const events = receive.apply(this, given);
    const tookMs = performance.now() - sinceMs;
    if (events.some(({ type }) => type === "SNAPSHOT")) decode_ms.push(tookMs);
    for (const event of events) count(this, event);
    return events;
  };
  process.on("worker", (worker) => {
    worker.on("message", (answer: Answer) => {
      if (answer.type === "ACTED") tick_ms.push(answer.tookMs);
    });
  });
  const begin = () => {
    for (const list of [decode_ms, tick_ms]) list.length = 0;
    [frames.seen, frames.missed] = [0, 0];
  };
  return { begin, decode_ms, tick_ms, frames };
}

/** Memory of a process that is in the machine now, in MiB. */
export function memoryOf_MiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
}
