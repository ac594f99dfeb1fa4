import type { Platform } from "../../platform/platform.ts";
import type { Court } from "../adapter/judge.ts";
import { keepUsed } from "../adapter/mirrors.ts";
import { SandboxError } from "../adapter/sandbox.ts";
import { isWorking, type BattleState } from "../rules/battle.ts";
import { isByExitCodeAlone } from "../rules/testing.ts";
import { claimStage, writeArtifact } from "../store.ts";
import { Void } from "./faults.ts";
import { RunEnded, withRun, type Run } from "./run.ts";
import {
  collectAll,
  judgeAll,
  openBallot,
  placeAll,
  prepare,
  runGladiators,
  testBase,
  type Places,
  type Taken,
} from "./stages.ts";
import { note, step } from "./steps.ts";
import { chunksOf } from "./telling.ts";

export type Taking = { battleId: string; node: string; stop: AbortSignal };

/** Takes a battle that waits for a node through all its stages; false when another node has it. */
export async function fightBattle(platform: Platform, taking: Taking): Promise<boolean> {
  return withRun(platform, taking, async (run) => {
    // Votes were opened between the look for battles and this.
    if (run.plan.votes_until !== null && run.plan.votes_until > platform.clock.now()) return;
    const places: Places = new Map();
    try {
      const state = await begin(run);
      if (isWorking(state)) await allStages(run, state, places);
    } catch (error) {
      await fail(run, error);
    } finally {
      await Promise.all([...places.values()].map((sandbox) => sandbox.destroy()));
    }
  });
}

/** A stage that another run has begun, on whatever node, begins anew: what that run held is gone. */
function begin(run: Run): Promise<BattleState> {
  return run.write(async (tx, battle) => {
    if (!isWorking(battle.state)) return battle.state;
    const fence = run.lease.fence;
    if (battle.fence !== null) {
      const again = await step(tx, run.platform, battle, { type: "RESTART" }, { fence });
      if (!again.ok) throw new RunEnded(again.refusal);
      return again.state;
    }
    await tx.query(claimStage, [battle.id, fence]);
    return battle.state;
  });
}

async function allStages(run: Run, begun: BattleState, places: Places): Promise<void> {
  // The votes have been taken: all else was done before, and neither a repository nor a sandbox is needed any more.
  if (run.plan.votes_until !== null) return result(run);
  const court = await prepare(run);
  const kept = keepUsed([court.base.repository, ...(court.layer === null ? [] : [court.layer])]);
  try {
    await stagesFrom(run, begun, { court, places });
  } finally {
    kept.stop();
  }
}

async function stagesFrom(run: Run, begun: BattleState, { court, places }: { court: Court; places: Places }) {
  let state = begun;
  const taken: Taken = new Map();
  if (state.phase === "SETUP") {
    await testBase(run, court);
    const unrated = isByExitCodeAlone(court.plan, court.checks);
    state = await run.command({ type: "READY" }, { unrated });
  }
  if (state.phase === "RUNNING") {
    await runGladiators(run, court, places);
    state = await run.command({ type: "RAN" });
  }
  if (state.phase === "COLLECTING") {
    await collectAll(run, court, { places, taken });
    state = await run.command({ type: "COLLECTED" });
  }
  if (state.phase !== "JUDGING") return undefined;
  await judgeAll(run, court, taken);
  return (await openBallot(run)) ? undefined : result(run);
}

async function result(run: Run): Promise<void> {
  await run.command({ type: "JUDGED" }, { placements: await placeAll(run) });
}

/** What went wrong: a battle that is not ours any more is left alone, one that cannot be fought is void. */
async function fail(run: Run, error: unknown): Promise<void> {
  const { platform, battleId, stop } = run;
  if (stop.aborted || error instanceof RunEnded) return;
  if (!(error instanceof Void) && !(error instanceof SandboxError)) throw error;
  platform.log.warn({ err: error, battleId }, "a code battle is void");
  const failure = error instanceof Void ? error.failure : "SANDBOX_FAILED";
  if (error instanceof Void && error.said !== "")
    await run.write((tx) => tx.query(writeArtifact, [battleId, battleId, "LOG", chunksOf(Buffer.from(error.said)), 0]));
  await note(platform, battleId, "void", `${failure}: ${error.message}`);
  await run.command({ type: "FAIL", failure });
}
