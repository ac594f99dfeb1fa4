import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../platform/platform.ts";
import { fightBattle } from "./service/fighting.ts";
import { pushBattle } from "./service/pushing.ts";
import { reapSandboxes } from "./service/sandbox.ts";
import { battlesToPush, workingBattles } from "./store.ts";

const SWEEP_MS = 500;
const REAP_MS = 5_000;
/** Fights and pushes at once; they have places of their own, since a push takes seconds and a fight may take an hour. */
const FIGHTS_AT_ONCE = 2;
const PUSHES_AT_ONCE = 2;

type Running = Map<string, Promise<unknown>>;

/**
 * Works on battles on this node: each by one node at a time, under a lease. What a killed node of this machine left is taken
 * away within seconds, and its battles go on where a lease expires.
 */
export function startBattles(platform: Platform, node: string): { stop(): Promise<void> } {
  const { db, log, clock } = platform;
  const halt = new AbortController();
  const fights: Running = new Map();
  const pushes: Running = new Map();
  const begin = (running: Running, atOnce: number, battleId: string, work: typeof fightBattle) => {
    if (running.size >= atOnce || running.has(battleId)) return;
    const ended = work(platform, { battleId, node, stop: halt.signal })
      .catch((error: unknown) => log.error({ err: error, battleId }, "a run of a code battle failed"))
      .finally(() => running.delete(battleId));
    running.set(battleId, ended);
  };
  const sweep = async () => {
    for (const { id } of await db.query(workingBattles, [clock.now()])) begin(fights, FIGHTS_AT_ONCE, id, fightBattle);
    for (const { id } of await db.query(battlesToPush, [])) begin(pushes, PUSHES_AT_ONCE, id, pushBattle);
  };
  const reap = () => reapSandboxes(platform);
  const loops = [
    every(SWEEP_MS, halt.signal, sweep, (error) => log.warn({ err: error }, "a sweep of code battles failed")),
    every(REAP_MS, halt.signal, reap, (error) => log.warn({ err: error }, "leftovers of sandboxes stay for now")),
  ];
  return {
    stop: async () => {
      halt.abort(new Error("this node stops"));
      await Promise.all([...loops, ...fights.values(), ...pushes.values()]);
    },
  };
}

async function every(
  ms: number,
  halt: AbortSignal,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  while (!halt.aborted) {
    await work().catch(failed);
    await sleep(ms, undefined, { signal: halt }).catch(() => undefined); // it stops
  }
}
