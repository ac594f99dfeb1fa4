import type { Platform } from "../../platform/platform.ts";
import { withEntry } from "../adapter/collect.ts";
import { pushEntry } from "../adapter/push.ts";
import { fetchBase, type Base, type RepositoryStore } from "../adapter/repositories.ts";
import { GitHubRefused } from "../adapter/github.ts";
import type { PushRefusal } from "../events.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import { writePush } from "../store.ts";
import { reach } from "./access.ts";
import type { Taking } from "./fighting.ts";
import { RunEnded, withRun, type Run } from "./run.ts";
import { bundleOf, LIMITS_WAIT_MAX_MS, seatsOf } from "./stages.ts";
import { note, tell } from "./steps.ts";

type Seat = Awaited<ReturnType<typeof seatsOf>>[number];

/** Pushes the entries of a completed battle that its owner wants to have. */
export async function pushBattle(platform: Platform, taking: Taking): Promise<boolean> {
  return withRun(platform, taking, async (run) => {
    const open = new Set((await seatsOf(run)).filter(({ push }) => push === "REQUESTED"));
    try {
      await pushAll(run, open);
    } catch (error) {
      const refusal = refusalOf(run, error);
      await note(platform, run.battleId, "token", `push refused: ${refusal}`);
      for (const seat of open) await written(run, seat, refusal);
    }
  });
}

/** Pushes what is open, and takes out of it what has been said of each. */
function pushAll(run: Run, open: Set<Seat>): Promise<void> {
  const { platform, plan, stop, battleId } = run;
  const patience = { waitMaxMs: LIMITS_WAIT_MAX_MS, stop };
  const way = { repositoryId: plan.repository_id, purpose: "push" as const, patience };
  return reach(platform, way, async ({ authorization, noted, store }) => {
    if (noted !== null) await note(platform, battleId, "token", noted);
    const base = await fetchBase(store, { url: plan.url, revision: plan.source, authorization });
    for (const seat of open) {
      await written(run, seat, await pushOne(run, { seat, base, authorization, store }));
      open.delete(seat);
    }
  });
}

/**
 * What a push that broke is refused with. Left as it was asked for it would be tried again for ever, in the place of others;
 * only one that was cut off is another run's.
 */
function refusalOf({ platform, battleId, stop }: Run, error: unknown): PushRefusal {
  stop.throwIfAborted();
  if (error instanceof RunEnded) throw error;
  if (error instanceof GitHubRefused) return error.refusal;
  platform.log.error({ err: error, battleId }, "the entries of a code battle could not be pushed");
  return "PUSH_FAILED";
}

const branchOf = ({ battleId }: Run, { name }: Seat) => `agon/${battleId}/${name}`;

type Pushing = { seat: Seat; base: Base | RepositoryRefusal; authorization: string | null; store: RepositoryStore };

async function pushOne(run: Run, { seat, base, authorization, store }: Pushing): Promise<RepositoryRefusal | null> {
  if (typeof base === "string") return base;
  const message = `${seat.name} in code battle ${run.battleId}`;
  const push = { url: run.plan.url, authorization, branch: branchOf(run, seat), message };
  const pushed = await withEntry(base, await bundleOf(run, seat.id), async ({ commit }, repository) => ({
    refusal: await pushEntry(store, base, { ...push, commit, repository }),
  }));
  return typeof pushed === "string" ? "UNSAFE_OBJECTS" : pushed.refusal;
}

async function written(run: Run, seat: Seat, refusal: PushRefusal | null): Promise<void> {
  const branch = branchOf(run, seat);
  await note(run.platform, run.battleId, "push", `${branch} ${refusal ?? "done"}`);
  await run.write(async (tx) => {
    await tx.query(writePush, [seat.id, refusal ? "REFUSED" : "PUSHED", refusal ? null : branch, refusal]);
    const botId = seat.bot_id;
    const event = refusal
      ? ({ type: "BranchRefused", botId, branch, refusal } as const)
      : ({ type: "BranchPushed", botId, branch } as const);
    await tell(tx, run.platform, run.battleId, [event]);
  });
}
