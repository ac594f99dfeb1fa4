import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { compileStrategy } from "./compile.ts";
import type { StrategyAction, StrategyView } from "./contract.ts";
import { startHost, type Host } from "./host.ts";
import { LOAD_REFUSALS, type Fault, type LoadRefusal, type Miss } from "./limits.ts";

/** What became of one view of a trial. */
export type TrialTick = { nowMs: number; action: StrategyAction | null; miss: Fault<Miss> | null };

export type Trial =
  | { ok: true; code: string; ticks: readonly TrialTick[]; log: string }
  | { ok: false; fault: Fault<LoadRefusal> };

const SEAT = "trial";
/** Nobody knows the chances of a trial, so that none can behave in it alone. */
const SEED_MAX = 2 ** 32;
let recorded: Promise<readonly StrategyView[]> | null = null;

/** A second of a real round on aggressor, in which somebody is in sight. */
function recordedViews(): Promise<readonly StrategyView[]> {
  recorded ??= readFile(new URL("recorded-views.jsonl", import.meta.url), "utf8").then((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as StrategyView),
  );
  return recorded;
}

/** Compiles a strategy and plays it against recorded views, in a worker of its own that ends with the trial. */
export async function tryStrategy(source: string): Promise<Trial> {
  const compiled = await compileStrategy(source);
  if (!compiled.ok) return compiled;
  const { code } = compiled;
  const views = await recordedViews();
  const host = await startHost([{ seat: SEAT, code, seed: randomInt(SEED_MAX), kept: null }]);
  try {
    const { forfeit } = host.seat(SEAT);
    if (forfeit) return { ok: false, fault: { ...forfeit, reason: loadRefusal(forfeit.reason) } };
    const ticks: TrialTick[] = [];
    for (const view of views) ticks.push(await tickOf(host, view));
    return { ok: true, code, ticks, log: host.seat(SEAT).log };
  } finally {
    await host.stop();
  }
}

async function tickOf(host: Host, view: StrategyView): Promise<TrialTick> {
  const before = host.seat(SEAT);
  if (before.forfeit) return { nowMs: view.nowMs, action: null, miss: before.lastMiss };
  host.brain(SEAT, view);
  const after = await host.settled(SEAT);
  const missed = after.misses > before.misses;
  return { nowMs: view.nowMs, action: missed ? null : after.action, miss: missed ? after.lastMiss : null };
}

/** What did not even come back from its top level has failed there. */
const loadRefusal = (reason: Miss | LoadRefusal): LoadRefusal =>
  LOAD_REFUSALS.find((one) => one === reason) ?? "TOP_LEVEL_FAILED";
