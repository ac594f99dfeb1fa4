import type { Platform } from "../../platform/platform.ts";
import { withEntry } from "../adapter/collect.ts";
import { pushEntry } from "../adapter/push.ts";
import { fetchBase, type Base, type RepositoryStore } from "../adapter/repositories.ts";
import type { GitHubRefusal } from "../rules/github.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import { writePush } from "../store.ts";
import { reach, refusedBy } from "./access.ts";
import type { Taking } from "./fighting.ts";
import { withRun, type Run } from "./run.ts";
import { bundleOf, LIMITS_WAIT_MAX_MS, seatsOf } from "./stages.ts";
import { note, tell } from "./steps.ts";

type Seat = Awaited<ReturnType<typeof seatsOf>>[number];
type Refused = RepositoryRefusal | GitHubRefusal;

/** Pushes the entries of a completed battle that its owner wants to have. */
export async function pushBattle(platform: Platform, taking: Taking): Promise<boolean> {
  return withRun(platform, taking, async (run) => {
    const { plan, stop, battleId } = run;
    const asked = (await seatsOf(run)).filter(({ push }) => push === "REQUESTED");
    const patience = { waitMaxMs: LIMITS_WAIT_MAX_MS, stop };
    const way = { repositoryId: plan.repository_id, purpose: "push" as const, patience };
    try {
      await reach(platform, way, async ({ authorization, noted, store }) => {
        if (noted !== null) await note(platform, battleId, "token", noted);
        const base = await fetchBase(store, {
          url: plan.url,
          revision: plan.source,
          authorization,
        });
        for (const seat of asked) await written(run, seat, await pushOne(run, { seat, base, authorization, store }));
      });
    } catch (error) {
      const { code } = refusedBy(error);
      await note(platform, battleId, "token", `push refused: ${code}`);
      for (const seat of asked) await written(run, seat, code);
    }
  });
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

async function written(run: Run, seat: Seat, refusal: Refused | null): Promise<void> {
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
