import type { Platform } from "../../platform/platform.ts";
import { pushEntry } from "../adapter/push.ts";
import { fetchBase } from "../adapter/repositories.ts";
import { importEntry } from "../adapter/collect.ts";
import { SandboxError } from "../adapter/sandbox.ts";
import { isWorking, type BattleState } from "../rules/battle.ts";
import { claimStage, writeArtifact, writePush } from "../store.ts";
import { authorizationOf, repositoryStore, tokenOf } from "./repositories.ts";
import { RunEnded, withRun, type Run } from "./run.ts";
import {
  bundleOf,
  collectAll,
  judgeAll,
  prepare,
  runGladiators,
  seatsOf,
  testBase,
  Void,
  type Places,
} from "./stages.ts";
import { note, step, tell } from "./steps.ts";
import { chunksOf } from "./telling.ts";

type Taking = { battleId: string; node: string; stop: AbortSignal };

/** Takes a battle that waits for a node through all its stages; false when another node has it. */
export async function fightBattle(platform: Platform, taking: Taking): Promise<boolean> {
  return withRun(platform, taking, async (run) => {
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
  let state = begun;
  const court = await prepare(run);
  if (state.phase === "SETUP") {
    await testBase(run, court);
    state = await run.command({ type: "READY" });
  }
  if (state.phase === "RUNNING") {
    await runGladiators(run, court, places);
    state = await run.command({ type: "RAN" });
  }
  if (state.phase === "COLLECTING") {
    await collectAll(run, court, places);
    state = await run.command({ type: "COLLECTED" });
  }
  if (state.phase === "JUDGING") await run.command({ type: "JUDGED" }, { placements: await judgeAll(run, court) });
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

/** Pushes the entries of a completed battle that its owner wants to have. */
export async function pushBattle(platform: Platform, taking: Taking): Promise<boolean> {
  return withRun(platform, taking, async (run) => {
    const { plan } = run;
    const authorization =
      plan.token === null ? null : authorizationOf(platform.vault.open(plan.token, tokenOf(plan.repository_id)));
    const wanted = { url: plan.url, revision: plan.source, authorization };
    for (const seat of await seatsOf(run)) {
      if (seat.push !== "REQUESTED") continue;
      const branch = `agon/${run.battleId}/${seat.name}`;
      const store = repositoryStore(platform);
      const base = await fetchBase(store, wanted);
      const entry = typeof base === "string" ? base : await importEntry(base, await bundleOf(run, seat.id));
      const message = `${seat.name} in code battle ${run.battleId}`;
      const refusal =
        typeof base === "string"
          ? base
          : typeof entry === "string"
            ? "UNSAFE_OBJECTS"
            : await pushEntry(store, base, { url: plan.url, authorization, commit: entry.commit, branch, message });
      await note(platform, run.battleId, "push", `${branch} ${refusal ?? "done"}`);
      await run.write(async (tx) => {
        await tx.query(writePush, [seat.id, refusal ? "REFUSED" : "PUSHED", refusal ? null : branch, refusal]);
        const botId = seat.bot_id;
        const event = refusal
          ? ({ type: "BranchRefused", botId, branch, refusal } as const)
          : ({ type: "BranchPushed", botId, branch } as const);
        await tell(tx, platform, run.battleId, [event]);
      });
    }
  });
}
