import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { appendBatch, storedEvents } from "../../platform/streams.ts";
import { refuseBound, type SignedIn } from "../../platform/viewer.ts";
import type { TeamRole } from "../../teams/rules.ts";
import { refuseProject, type ProjectCode } from "../../teams/service/projects.ts";
import { toWorkflow, WORKFLOWS_TOPIC } from "../events.ts";
import { graphOf, type Definition } from "../rules/definition.ts";
import { bytesOf, isStorable, TASK_JSON_BYTES_MAX, UNSTORABLE_SAYS } from "../rules/input.ts";
import { mayDecide } from "../rules/people.ts";
import { decide } from "../rules/workflow.ts";
import { holdCreator } from "../store/tasks.ts";
import { definitionBody, definitionFor, insertWorkflow, lockWorkflowFor, workflowsOpenBy } from "../store/workflows.ts";
import { misfit } from "./json-schemas.ts";
import { boardsOfRun, runOf, writeRun } from "./runs.ts";

/** How many runs of one person may be open at once. */
export const OPEN_WORKFLOWS_MAX = 1_000;

export type StartWorkflow = { definitionId: string; input?: unknown; projectId?: string | null } & Keyed;
type Started = { workflowId: string };
type StartCode =
  | "MISSING_SCOPE"
  | "NOT_AUTHENTICATED"
  | "BAD_INPUT"
  | "NOT_FOUND"
  | "INPUT_MISFIT"
  | "PAYLOAD_TOO_LARGE"
  | "TOO_MANY_WORKFLOWS"
  | ProjectCode;

/** Starts a run of a definition; its first tasks are there within a moment. */
export async function startWorkflow(
  platform: Platform,
  viewer: SignedIn,
  input: StartWorkflow,
): Promise<Outcome<Started, StartCode | Reuse>> {
  const bound = refuseBound(viewer);
  if (bound) return bound;
  const text = JSON.stringify(input.input ?? null);
  const path = ["input", "input"];
  if (bytesOf(text) > TASK_JSON_BYTES_MAX) return refuse("PAYLOAD_TOO_LARGE", { path });
  if (!isStorable(text)) return refuse("BAD_INPUT", { path, message: UNSTORABLE_SAYS });
  const request = requestOf(platform, viewer, "startWorkflow", input);
  return transactOnce<Started, StartCode>(platform.db, request, async (tx) => {
    const [[creator], [row], [count]] = await Promise.all([
      tx.query(holdCreator, [viewer.userId]),
      tx.query(definitionFor, [input.definitionId, viewer.userId]),
      tx.query(workflowsOpenBy, [viewer.userId, OPEN_WORKFLOWS_MAX]),
    ]);
    if (!creator || creator.gone) return refuse("NOT_AUTHENTICATED");
    if (!row || (row.team_id === null ? row.creator_id !== viewer.userId : row.role === null))
      return refuse("NOT_FOUND", { path: ["input", "definitionId"] });
    const { inputSchema, steps } = row.body as Definition;
    const message = inputSchema === null ? null : misfit(inputSchema, input.input ?? null);
    if (message !== null) return refuse("INPUT_MISFIT", { path, message });
    if ((count?.open ?? 0) >= OPEN_WORKFLOWS_MAX) return refuse("TOO_MANY_WORKFLOWS");
    const projectId = input.projectId ?? row.project_id;
    const barred = projectId === null ? null : await refuseProject(tx, viewer, projectId, row.team_id);
    if (barred) return barred;
    const at = platform.clock.now();
    const id = platform.random.id(at);
    const appends = [toWorkflow(id, [{ type: "WorkflowCreated" }])];
    const about = [id, row.id, viewer.userId, row.team_id, text, at, steps.map(({ key }) => key)];
    const places = await tx.query(insertWorkflow, [...about, appendBatch(appends, at), projectId]);
    tx.afterCommit(() => {
      platform.hub.publish(storedEvents(appends, at, places));
      [WORKFLOWS_TOPIC, ...boardsOfRun({ creator_id: viewer.userId, team_id: row.team_id })].forEach(
        platform.hub.touch,
      );
    });
    return { ok: true, workflowId: id };
  });
}

type OfWorkflow = { workflowId: string } & Keyed;
type Moved = { workflowId: string };
type MoveCode = "MISSING_SCOPE" | "NOT_FOUND" | "NOT_YOUR_WORKFLOW" | "INVALID_TRANSITION";

/** Who started a run may stop it and let it go on, and so may who leads its team. */
async function move(
  platform: Platform,
  viewer: SignedIn,
  operation: string,
  input: OfWorkflow,
  type: "PAUSE" | "RESUME" | "CANCEL",
): Promise<Outcome<Moved, MoveCode | Reuse>> {
  const bound = refuseBound(viewer);
  if (bound) return bound;
  const { workflowId } = input;
  const path = ["input", "workflowId"];
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<Moved, MoveCode>(platform.db, request, async (tx) => {
    const [row] = await tx.query(lockWorkflowFor, [workflowId, viewer.userId]);
    const role = (row?.role ?? null) as TeamRole | null;
    const may = row && mayDecide({ creatorId: row.creator_id, teamId: row.team_id, role }, viewer.userId);
    if (!row || (!may && role === null)) return refuse("NOT_FOUND", { path });
    if (!may) return refuse("NOT_YOUR_WORKFLOW", { path });
    const [definition] = await tx.query(definitionBody, [row.definition_id]);
    const was = await runOf(tx, row);
    const decision = decide(graphOf(definition?.body as Definition), was, { type });
    if (!decision.ok)
      return refuse("INVALID_TRANSITION", {
        path,
        message: `A workflow that is ${decision.from} cannot become ${decision.to} like this.`,
      });
    await writeRun(tx, platform, row, was, { ...decision, wakeAt: platform.clock.now() });
    tx.afterCommit(() => platform.hub.touch(WORKFLOWS_TOPIC));
    return { ok: true, workflowId };
  });
}

/** Begins no more steps until the run is resumed; tasks that are out go on. */
export const pauseWorkflow = (platform: Platform, viewer: SignedIn, input: OfWorkflow) =>
  move(platform, viewer, "pauseWorkflow", input, "PAUSE");

/** Goes on where a run was paused. */
export const resumeWorkflow = (platform: Platform, viewer: SignedIn, input: OfWorkflow) =>
  move(platform, viewer, "resumeWorkflow", input, "RESUME");

/** Ends a run: its open tasks are cancelled, and what they hand in is not taken any more. */
export const cancelWorkflow = (platform: Platform, viewer: SignedIn, input: OfWorkflow) =>
  move(platform, viewer, "cancelWorkflow", input, "CANCEL");
