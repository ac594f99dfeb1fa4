import { parentPort, workerData } from "node:worker_threads";
import { spentMs } from "./engine.ts";
import type { Answer, Order, Told } from "./messages.ts";
import { Sandbox } from "./sandbox.ts";

/** Lines that a strategy may write in one tick. */
const LINES_A_TICK_MAX = 100;

type Played = { sandbox: Sandbox | null; lines: string[] };

const { library } = workerData as { library: string };
const played = new Map<string, Played>();
let queue = Promise.resolve();

function tell(answer: Answer): void {
  const told: Told = { ...answer, usedMs: spentMs() };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort?.postMessage(told);
}

async function load({ seat, code, seed, kept }: Order & { type: "LOAD" }): Promise<void> {
  const lines: string[] = [];
  const say = (line: string) => {
    if (lines.length < LINES_A_TICK_MAX) lines.push(line);
  };
  const loaded = await Sandbox.load({ code, library, seed, kept, say });
  played.set(seat, { sandbox: loaded.ok ? loaded.sandbox : null, lines });
  tell({ type: "LOADED", seat, fault: loaded.ok ? null : loaded.fault });
}

function tick({ seat, number, view }: Order & { type: "TICK" }): void {
  const { sandbox, lines } = played.get(seat) ?? { sandbox: null, lines: [] };
  if (!sandbox) return;
  const sinceMs = performance.now();
  const ticked = sandbox.tick(view);
  const tookMs = performance.now() - sinceMs;
  const said = { seat, number, log: lines.splice(0) };
  if (ticked.ok) tell({ type: "ACTED", ...said, tookMs, value: ticked.value });
  else tell({ type: "MISSED", ...said, miss: ticked.miss, message: ticked.message, overMs: ticked.overMs });
}

async function follow(order: Order): Promise<void> {
  switch (order.type) {
    case "LOAD":
      return load(order);
    case "TICK":
      return tick(order);
    case "KEEP":
      return tell({ type: "KEPT", seat: order.seat, kept: played.get(order.seat)?.sandbox?.kept() ?? null });
  }
}

// One order after the other: a strategy's time is its own, and the match knows whose turn it was when nothing comes back.
parentPort?.on("message", (orders: readonly Order[]) => {
  for (const order of orders) queue = queue.then(() => follow(order));
});
tell({ type: "READY" });
