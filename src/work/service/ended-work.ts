import type { Tx } from "../../platform/database.ts";
import { eachAlone } from "../../platform/each.ts";
import type { Platform } from "../../platform/platform.ts";
import { graphOf, type Definition } from "../rules/definition.ts";
import { decide } from "../rules/workflow.ts";
import { endedWork, endWork, forgetEnded, openRunsOf, openTasksOf } from "../store/tasks.ts";
import { definitionBody, lockWorkflow } from "../store/workflows.ts";
import { runOf, writeRun } from "./runs.ts";
import { apply } from "./steps.ts";

/** How much of one's work a sweep ends. */
const PART = 100;
const FAILED = "what nobody waits for did not end; the next sweep tries again";

/** Nobody waits for what a person wanted who is gone: the own tasks and runs end within moments. A team's are the team's. */
export async function endWorkOfPerson(tx: Tx, { clock }: Platform, userId: string): Promise<void> {
  await tx.query(endWork, [userId, "PERSON", clock.now()]);
}

/** A team that is dissolved has no work: its tasks and runs end within moments. */
export async function endWorkOfTeam(tx: Tx, { clock }: Platform, teamId: string): Promise<void> {
  await tx.query(endWork, [teamId, "TEAM", clock.now()]);
}

/** Ends a part of the work that is to be ended, until none is left; a run that is being undone ends with its tasks. */
export async function sweepEndedWork(platform: Platform): Promise<void> {
  const { db } = platform;
  for (const { id: ended, of } of await db.query(endedWork, [])) {
    const whose = of === "PERSON" ? [ended, null] : [null, ended];
    const [runs, tasks] = await Promise.all([
      db.query(openRunsOf, [...whose, PART]),
      db.query(openTasksOf, [...whose, PART]),
    ]);
    await eachAlone(platform, runs, { work: ({ id }) => cancelRun(platform, id), failed: FAILED });
    await eachAlone(platform, tasks, { work: ({ id }) => apply(platform, id, { type: "CANCEL" }), failed: FAILED });
    if (runs.length + tasks.length === 0) await db.query(forgetEnded, [ended]);
  }
}

function cancelRun(platform: Platform, workflowId: string): Promise<void> {
  return platform.db.transact(async (tx) => {
    const [row] = await tx.query(lockWorkflow, [workflowId]);
    if (!row) return;
    const [definition] = await tx.query(definitionBody, [row.definition_id]);
    const was = await runOf(tx, row);
    const decision = decide(graphOf(definition?.body as Definition), was, { type: "CANCEL" });
    if (!decision.ok) return;
    const { run, events } = decision;
    await writeRun(tx, platform, row, was, { run, events, wakeAt: platform.clock.now() });
  });
}
