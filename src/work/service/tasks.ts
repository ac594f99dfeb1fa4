import { audit } from "../../identity/service/accounts.ts";
import { continued, type Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import type { Row } from "../../platform/statement.ts";
import { appendBatch, storedEvents } from "../../platform/streams.ts";
import { hasScope, refuseBound, type SignedIn } from "../../platform/viewer.ts";
import type { TeamRole } from "../../teams/rules.ts";
import { refuseProject, type ProjectCode } from "../../teams/service/projects.ts";
import { boardsOf, offersTopic, toTask } from "../events.ts";
import {
  ERROR_LENGTH_MAX,
  OPEN_PER_CREATOR_MAX,
  refuseInputs,
  refuseTask,
  scopeOf,
  type Assign,
  type Complexity,
  type CreateRefusal,
  type NewTask,
  type Visibility,
} from "../rules/input.ts";
import { mayDecide } from "../rules/people.ts";
import { create, type TaskCommand } from "../rules/task.ts";
import {
  ACCEPT_MS,
  ATTEMPTS_DEFAULT,
  BACKOFF_DEFAULT_MS,
  BACKOFF_MAX_DEFAULT_MS,
  HEARTBEAT_DEFAULT_MS,
  type Plan,
} from "../rules/timing.ts";
import {
  holdCreator,
  holdCreatorOf,
  insertTask,
  lockForUser,
  lockInputs,
  makeLane,
  openBy,
  otherPublicLanes,
  roleIn,
  rolesOf,
} from "../store/tasks.ts";
import { faultOfSchema, misfit } from "./json-schemas.ts";
import { columnsOf, refusalOf, step, type Content, type StepRefusal } from "./steps.ts";

export type PlanInput = { [Key in keyof Plan]?: Plan[Key] | null | undefined };
export type CreateTask = {
  title: string;
  payload?: unknown;
  payloadSchema?: unknown;
  resultSchema?: unknown;
  capabilities?: readonly string[] | null;
  priority?: number | null;
  complexity?: Complexity | null;
  visibility?: Visibility | null;
  teamId?: string | null;
  projectId?: string | null;
  assign?: Assign | null;
  approval?: boolean | null;
  dependsOn?: readonly string[] | null;
  plan?: PlanInput | null;
} & Keyed;
type Made = { taskId: string };
type SchemaRefusal = "SCHEMA_NOT_TAKEN" | "PAYLOAD_MISFIT";
type InputRefusal = NonNullable<ReturnType<typeof refuseInputs>>;
type FullCode = "TOO_MANY_TASKS" | "TOO_MANY_LANES";
type BarCode = ProjectCode | "NOT_IN_TEAM" | "NOT_AUTHENTICATED" | FullCode;
type CreateCode = CreateRefusal | SchemaRefusal | InputRefusal | BarCode;

/** What a plan is where nothing is said. */
export function planOf(given: PlanInput): Plan {
  return {
    maxAttempts: given.maxAttempts ?? ATTEMPTS_DEFAULT,
    heartbeatMs: given.heartbeatMs ?? HEARTBEAT_DEFAULT_MS,
    acceptMs: given.acceptMs ?? ACCEPT_MS,
    scheduleToStartMs: given.scheduleToStartMs ?? null,
    startToCloseMs: given.startToCloseMs ?? null,
    backoffMs: given.backoffMs ?? BACKOFF_DEFAULT_MS,
    backoffMaxMs: given.backoffMaxMs ?? BACKOFF_MAX_DEFAULT_MS,
  };
}

type TeamTask = NewTask & { projectId: string | null };

function newTask(input: CreateTask): TeamTask {
  return {
    title: input.title,
    payload: JSON.stringify(input.payload ?? null),
    capabilities: [...new Set(input.capabilities)].toSorted(),
    priority: input.priority ?? 3,
    complexity: input.complexity ?? "MEDIUM",
    visibility: input.visibility ?? (input.teamId ? "TEAM" : "PRIVATE"),
    teamId: input.teamId ?? null,
    projectId: input.projectId ?? null,
    assign: input.assign ?? "PULL",
    approval: input.approval ?? false,
    dependsOn: [...new Set(input.dependsOn)],
    plan: planOf(input.plan ?? {}),
  };
}

/** Makes a task that bots can take: the creator's own, those of a team, or everybody's. */
export async function createTask(
  platform: Platform,
  viewer: SignedIn,
  input: CreateTask,
): Promise<Outcome<Made, CreateCode | "MISSING_SCOPE" | Reuse>> {
  const bound = refuseBound(viewer);
  if (bound) return bound;
  const task = newTask(input);
  const wrong = refuseTask(task);
  if (wrong) return refuse(wrong.code, { path: ["input", ...wrong.path], message: wrong.message });
  const misfitting = refuseSchemas(input);
  if (misfitting) return misfitting;
  const request = requestOf(platform, viewer, "createTask", input);
  return transactOnce<Made, CreateCode>(platform.db, request, async (tx) => {
    const barred = await refuseCreator(tx, platform, viewer, task);
    if (barred) return barred;
    const inputs =
      task.dependsOn.length > 0 ? await tx.query(lockInputs, [task.dependsOn, viewer.userId, task.teamId]) : [];
    const missing = refuseInputs(task.dependsOn.length, inputs);
    if (missing) return refuse(missing, { path: ["input", "dependsOn"] });
    const blocked = inputs.some(({ state }) => state !== "COMPLETED");
    return { ok: true, taskId: await insert(tx, platform, viewer.userId, { ...task, blocked }, input) };
  });
}

function refuseSchemas({ payload, payloadSchema, resultSchema }: CreateTask): Refusal<SchemaRefusal> | null {
  for (const [field, schema] of Object.entries({ payloadSchema, resultSchema })) {
    const fault = schema == null ? null : faultOfSchema(schema);
    if (fault) return refuse("SCHEMA_NOT_TAKEN", { path: ["input", field], message: fault });
  }
  const wrong = payloadSchema == null ? null : misfit(payloadSchema, payload ?? null);
  return wrong === null ? null : refuse("PAYLOAD_MISFIT", { path: ["input", "payload"], message: wrong });
}

/** The creator's row is held, so that the counts of the open tasks and lanes hold. */
async function refuseCreator(
  tx: Tx,
  platform: Platform,
  viewer: SignedIn,
  task: TeamTask,
): Promise<Refusal<BarCode> | null> {
  const { userId } = viewer;
  const { teamId, projectId } = task;
  const role = teamId === null ? [] : await tx.query(roleIn, [teamId, userId]);
  if (teamId !== null && role.length === 0) return refuse("NOT_IN_TEAM", { path: ["input", "teamId"] });
  const barred = projectId === null ? null : await refuseProject(tx, viewer, projectId, teamId);
  if (barred) return barred;
  const [[creator], full] = await Promise.all([
    tx.query(holdCreator, [userId]),
    refuseOpen(tx, platform, userId, { ...task, isPublic: task.visibility === "PUBLIC" }),
  ]);
  return creator && !creator.gone ? full : refuse("NOT_AUTHENTICATED");
}

/** Why a person may not have one more open task. The creator's row is held. */
async function refuseOpen(
  tx: Tx,
  platform: Platform,
  creatorId: string,
  { isPublic, capabilities }: { isPublic: boolean; capabilities: readonly string[] },
): Promise<Refusal<FullCode> | null> {
  const [count] = await tx.query(openBy, [creatorId, OPEN_PER_CREATOR_MAX]);
  if ((count?.open ?? 0) >= OPEN_PER_CREATOR_MAX) return refuse("TOO_MANY_TASKS");
  return isPublic ? refuseLane(tx, platform, creatorId, capabilities) : null;
}

/** Each claim looks at the public lanes that its bot can take: one person opens so many of them at most. The creator's row is held. */
async function refuseLane(
  tx: Tx,
  { settings: { publicLanesPerUserMax: max } }: Platform,
  creatorId: string,
  capabilities: readonly string[],
): Promise<Refusal<"TOO_MANY_LANES"> | null> {
  const [others] = await tx.query(otherPublicLanes, [creatorId, capabilities, max]);
  if ((others?.open ?? 0) < max) return null;
  const message = `You have open public tasks that need ${max} different sets of capabilities, which is as many as may be.`;
  return refuse("TOO_MANY_LANES", { message });
}

const json = (value: unknown) => (value == null ? null : JSON.stringify(value));

async function insert(
  tx: Tx,
  platform: Platform,
  creatorId: string,
  task: TeamTask & { blocked: boolean },
  { payloadSchema, resultSchema }: CreateTask,
): Promise<string> {
  const at = platform.clock.now();
  const taskId = platform.random.id(at);
  const scope = scopeOf(task, creatorId);
  const appends = [toTask(taskId, [{ type: "TaskCreated" }])];
  const made = create(task.plan, at.getTime(), task);
  const [state, ready, , , , , readyAt, startBy, , , deadlineAt] = columnsOf(made);
  const about = [taskId, scope, creatorId, task.teamId, task.visibility, task.title.trim(), task.payload];
  const how = [json(payloadSchema), json(resultSchema), task.capabilities, task.priority, task.assign];
  const machine = [JSON.stringify(task.plan), state, ready, readyAt, startBy, deadlineAt, at];
  const more = [task.approval, task.dependsOn, task.complexity, task.projectId];
  const [, places] = await Promise.all([
    tx.query(makeLane, [scope, task.capabilities]),
    tx.query(insertTask, [...about, ...how, ...machine, appendBatch(appends, at), ...more]),
  ]);
  const stored = storedEvents(appends, at, places);
  tx.afterCommit(() => {
    platform.hub.publish(stored);
    boardsOf({ creatorId, teamId: task.teamId, scope }).forEach(platform.hub.touch);
    if (made.state === "PENDING") platform.hub.touch(offersTopic(scope));
  });
  return taskId;
}

type OfTask = { taskId: string } & Keyed;
type Moved = { taskId: string };
type MoveCode = "MISSING_SCOPE" | "NOT_FOUND" | "NOT_YOUR_TASK" | "TASK_OF_WORKFLOW" | StepRefusal;
type Reopen = FullCode | "NOT_AUTHENTICATED";
type Said<More extends string = never> = Promise<Outcome<Moved, MoveCode | More | Reuse>>;

type Standing = "LEADS" | "MODERATES" | "NOT_FOUND" | "NOT_YOUR_TASK";

/** Operators end what everybody sees. */
function standingTo(row: Row<typeof lockForUser>, viewer: SignedIn, { type }: TaskCommand): Standing {
  const task = { creatorId: row.creator_id, teamId: row.team_id, role: row.role as TeamRole | null };
  if (mayDecide(task, viewer.userId)) return "LEADS";
  if (type === "CANCEL" && row.scope === "public" && hasScope(viewer, "ADMIN")) return "MODERATES";
  return row.role === null && row.scope !== "public" ? "NOT_FOUND" : "NOT_YOUR_TASK";
}

/** Who made a task may end it and try it again, and so may who leads its team. */
async function move(
  platform: Platform,
  viewer: SignedIn,
  operation: string,
  input: OfTask,
  { command, content = {} }: { command: TaskCommand; content?: Content },
): Said<Reopen> {
  const bound = refuseBound(viewer);
  if (bound) return bound;
  const { taskId } = input;
  const request = requestOf(platform, viewer, operation, input);
  return transactOnce<Moved, MoveCode | Reopen>(platform.db, request, async (tx) => {
    const isRetry = command.type === "RETRY";
    // What is tried again is open again, and counts as the creator's, whose row comes before the task's.
    const [creator] = isRetry ? await tx.query(holdCreatorOf, [taskId, viewer.userId]) : [];
    if (creator?.gone && creator.id === viewer.userId) return refuse("NOT_AUTHENTICATED");
    const [row] = await tx.query(lockForUser, [taskId, viewer.userId]);
    const path = ["input", "taskId"];
    const standing = row ? standingTo(row, viewer, command) : "NOT_FOUND";
    if (!row || standing === "NOT_FOUND" || standing === "NOT_YOUR_TASK")
      return refuse(standing === "NOT_YOUR_TASK" ? standing : "NOT_FOUND", { path });
    const barred = isRetry ? await refuseReopening(tx, platform, row, creator) : null;
    if (barred) return barred;
    const decision = await step(continued(tx), platform, row, command, content);
    const { userId: actorId, principal } = viewer;
    const told = { actorId, principal, action: "task.cancelled", subject: `task:${taskId}` };
    if (decision.ok && standing === "MODERATES") await audit(platform, tx, told);
    return decision.ok ? { ok: true, taskId } : refusalOf(decision, "taskId");
  });
}

/** Why a task may not be open again. Who came into its team meanwhile holds nobody's row, and comes again. */
async function refuseReopening(
  tx: Tx,
  platform: Platform,
  { workflow_id: runId, scope, capabilities }: Row<typeof lockForUser>,
  creator: { id: string } | undefined,
): Promise<Refusal<MoveCode | Reopen> | null> {
  const path = ["input", "taskId"];
  // The run has gone on without it.
  if (runId !== null) return refuse("TASK_OF_WORKFLOW", { path });
  if (!creator) return refuse("NOT_FOUND", { path });
  return refuseOpen(tx, platform, creator.id, { isPublic: scope === "public", capabilities });
}

/** The roles of a person in many teams; null where the person is in none of them. */
export async function rolesIn(
  { db }: Platform,
  userId: string,
  teamIds: readonly string[],
): Promise<(TeamRole | null)[]> {
  const roles = new Map((await db.query(rolesOf, [userId, teamIds])).map(({ team_id, role }) => [team_id, role]));
  return teamIds.map((id) => (roles.get(id) ?? null) as TeamRole | null);
}

/** Ends an open task: its worker hears of it at its next sign of life, and its result is not taken any more. */
export const cancelTask = (platform: Platform, viewer: SignedIn, input: OfTask) =>
  move(platform, viewer, "cancelTask", input, { command: { type: "CANCEL" } }) as Said;

/** Gives a failed task all its attempts again. */
export const retryTask = (platform: Platform, viewer: SignedIn, input: OfTask) =>
  move(platform, viewer, "retryTask", input, { command: { type: "RETRY" }, content: { error: null } });

/** A person's yes to a step that waits for one. */
export const approveTask = (platform: Platform, viewer: SignedIn, input: OfTask) =>
  move(platform, viewer, "approveTask", input, { command: { type: "APPROVE" } }) as Said;

/** A person's no, with the reason. */
export async function rejectTask(platform: Platform, viewer: SignedIn, input: OfTask & { reason: string }): Said {
  const message = input.reason.trim();
  if (message === "" || Array.from(message).length > ERROR_LENGTH_MAX)
    return refuse("BAD_INPUT", {
      path: ["input", "reason"],
      message: `A reason has 1 to ${ERROR_LENGTH_MAX} characters.`,
    });
  return move(platform, viewer, "rejectTask", input, {
    command: { type: "REJECT" },
    content: { error: { code: "REJECTED", message } },
  }) as Said;
}
