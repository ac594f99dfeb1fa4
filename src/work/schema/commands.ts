import "./refusals.ts";
import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { TeamNode } from "../../teams/schema.ts";
import { ProjectNode } from "../../teams/schema/projects.ts";
import { command, success } from "../../platform/graphql/command.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { PLAN_LIMITS } from "../rules/timing.ts";
import { claimNextTask, claimTask, type Leased } from "../service/claims.ts";
import { completeTask, failTask, heartbeatTask, releaseTask, startTask } from "../service/holding.ts";
import { approveTask, cancelTask, createTask, rejectTask, retryTask } from "../service/tasks.ts";
import { AssignEnum, ComplexityEnum, TaskNode, VisibilityEnum, visibleTo } from "./types.ts";

/** Who has left a team sees its tasks no more, not even by repeating what was done while in it. */
const taskSeen = async ({ taskId }: { taskId: string }, { platform, viewer }: Context) =>
  (await platform.prisma.task.count({ where: { id: taskId, ...visibleTo(viewer) } })) > 0;

type Inputs = Parameters<Parameters<typeof command<Record<string, never>, object, never, "WORK">>[1]["input"]>[0];
type Fields<Success extends object> = Parameters<
  Parameters<typeof command<Record<string, never>, Success, never, "WORK">>[1]["success"]
>[0];

const taskField = <Success extends { taskId: string }>(t: Fields<Success>) => ({
  task: t.prismaField({
    type: TaskNode,
    description: "The task as it is now.",
    resolve: (query, { taskId }, _args, { platform }) =>
      platform.prisma.task.findUniqueOrThrow({ ...query, where: { id: taskId } }),
  }),
});

const between = ([least, most]: readonly [number, number]) =>
  `${least.toLocaleString("en")} to ${most.toLocaleString("en")}`;
export const PlanInput = builder.inputType("TaskPlanInput", {
  description: "Attempts and time-outs of a task, milliseconds; what is left out is as its field says.",
  fields: (t) => ({
    maxAttempts: t.int({ required: false, description: `How many attempts, ${between(PLAN_LIMITS.maxAttempts)}; 3.` }),
    heartbeatMs: t.int({
      required: false,
      description: `How long a lease lives without a sign of life, ${between(PLAN_LIMITS.heartbeatMs)}; 30,000.`,
    }),
    acceptMs: t.int({
      required: false,
      description: `How long a bot that it was laid on may take to start it, ${between(PLAN_LIMITS.acceptMs)}; 15,000.`,
    }),
    scheduleToStartMs: t.float({
      required: false,
      description: `How long it may wait for its start, ${between(PLAN_LIMITS.scheduleToStartMs)}; for ever.`,
    }),
    startToCloseMs: t.float({
      required: false,
      description: `How long one attempt may take, ${between(PLAN_LIMITS.startToCloseMs)}; as long as signs of life come.`,
    }),
    backoffMs: t.int({
      required: false,
      description: `The pause before the second attempt, ${between(PLAN_LIMITS.backoffMs)}; doubled for each further one; 1,000.`,
    }),
    backoffMaxMs: t.int({
      required: false,
      description: `The longest pause, ${between(PLAN_LIMITS.backoffMaxMs)}; 300,000.`,
    }),
  }),
});

export const PROJECT = ["PROJECT_NOT_FOUND", "PROJECT_OF_ANOTHER_TEAM", "PROJECT_ARCHIVED"] as const;

command("createTask", {
  description:
    "Makes a task for bots: your own, a team's, or everybody's when it is PUBLIC. Whoever takes it reads its title and payload.",
  gives: success<{ taskId: string }>("The new task, PENDING."),
  access: "WORK",
  input: (t) => ({
    title: t.string({ required: true, description: "What it is about, 1 to 200 characters." }),
    payload: t.field({ type: "JSON", required: false, description: "What the worker needs, at most 64 KiB of JSON." }),
    payloadSchema: t.field({
      type: "JSON",
      required: false,
      description: "A JSON Schema (2020-12, at most 8 KiB) that the payload must fit.",
    }),
    resultSchema: t.field({
      type: "JSON",
      required: false,
      description: "A JSON Schema (2020-12, at most 8 KiB) that a result must fit.",
    }),
    capabilities: t.stringList({
      required: false,
      description: "What a bot must be able to do: at most 8 lower-case words such as code-review.",
    }),
    priority: t.int({ required: false, description: "1 to 5; 5 comes first; 3 when absent." }),
    complexity: t.field({ type: ComplexityEnum, required: false, description: "How hard it is; MEDIUM when absent." }),
    visibility: t.field({
      type: VisibilityEnum,
      required: false,
      description: "Who sees it; TEAM when teamId is there, PRIVATE otherwise.",
    }),
    teamId: t.globalID({ required: false, for: [TeamNode], description: "A team of yours whose task it is." }),
    projectId: t.globalID({
      required: false,
      for: [ProjectNode],
      description: "A project of that team, not archived: what the task earns counts for it.",
    }),
    assign: t.field({ type: AssignEnum, required: false, description: "How it comes to a bot; PULL when absent." }),
    approval: t.boolean({
      required: false,
      description: "A person's step: no bot takes it; it waits for approveTask or rejectTask. False when absent.",
    }),
    dependsOn: t.globalIDList({
      required: false,
      for: [TaskNode],
      description:
        "At most 20 tasks of yours or of its team: it is BLOCKED until all are COMPLETED, and CANCELLED when one is. Its worker reads the results of those that the worker may see: a public task's needs belong into its payload.",
    }),
    plan: t.field({ type: PlanInput, required: false, description: "Attempts and time-outs." }),
  }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [
    "INVALID_CAPABILITIES",
    "PAYLOAD_TOO_LARGE",
    "TEAM_NEEDED",
    "AUTO_IS_NOT_PUBLIC",
    "SCHEMA_NOT_TAKEN",
    "PAYLOAD_MISFIT",
    "NOT_IN_TEAM",
    "TOO_MANY_TASKS",
    "TOO_MANY_LANES",
    "INPUT_NOT_FOUND",
    "INPUT_CANCELLED",
    "TOO_MANY_DEPENDENTS",
    ...PROJECT,
  ],
  resolve: ({ teamId, projectId, dependsOn, ...input }, { platform, viewer }) =>
    createTask(platform, viewer, {
      ...input,
      teamId: teamId?.id ?? null,
      projectId: projectId?.id ?? null,
      dependsOn: dependsOn?.map(({ id }) => id) ?? [],
    }),
});

const OWN = ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"] as const;
const STEP = ["INVALID_TRANSITION", "LEASE_LOST", "TASK_NOT_READY"] as const;
const botId = (t: Inputs) => t.globalID({ required: true, for: [BotNode], description: "Your bot." });
const taskId = (t: Inputs) => t.globalID({ required: true, for: [TaskNode], description: "The task." });
const start = (t: Inputs) =>
  t.boolean({ required: false, description: "Begin at once: the task is IN_PROGRESS then; false when absent." });

command("claimNextTask", {
  description:
    "Claims the best task that your bot can take: by priority, then by age. Two bots never get the same one. NO_TASK when there is none: follow taskOffers instead of asking again.",
  gives: success<Leased>("The claimed task with its lease."),
  access: "WORK",
  input: (t) => ({
    botId: botId(t),
    capabilities: t.stringList({
      required: false,
      description: "Leave out tasks that need more than these; all of the bot's capabilities when absent.",
    }),
    start: start(t),
  }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NO_TASK", "HOLDS_TOO_MANY"],
  resolve: (input, { platform, viewer }) => claimNextTask(platform, viewer, { ...input, botId: input.botId.id }),
});

command("claimTask", {
  description: "Claims one task for your bot, which must have the capabilities that it needs.",
  gives: success<Leased>("The claimed task with its lease."),
  access: "WORK",
  input: (t) => ({ botId: botId(t), taskId: taskId(t), start: start(t) }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NOT_FOUND", "MISSING_CAPABILITIES", "HOLDS_TOO_MANY"],
  resolve: (input, { platform, viewer }) =>
    claimTask(platform, viewer, { ...input, botId: input.botId.id, taskId: input.taskId.id }),
});

const holder = (t: Inputs) => ({
  botId: botId(t),
  taskId: taskId(t),
  token: t.int({ required: true, description: "The token of its lease." }),
});
type HolderInput = { botId: { id: string }; taskId: { id: string } };
const plain = <Input extends HolderInput>(input: Input) => ({
  ...input,
  botId: input.botId.id,
  taskId: input.taskId.id,
});
type Held = { taskId: string; cancelled: boolean };

command("startTask", {
  description: "Begins the work on a task that your bot has claimed, or accepts one that was laid on it.",
  gives: success<Held>("The task, IN_PROGRESS."),
  access: "WORK",
  input: holder,
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NOT_FOUND"],
  resolve: (input, { platform, viewer }) => startTask(platform, viewer, plain(input)),
});

command("releaseTask", {
  description: "Gives a claimed task back before your bot began it; the attempt is not counted.",
  gives: success<Held>("The task, PENDING after a short pause."),
  access: "WORK",
  input: holder,
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NOT_FOUND"],
  resolve: (input, { platform, viewer }) => releaseTask(platform, viewer, plain(input)),
});

command("heartbeatTask", {
  description:
    "A worker's sign of life: extends the lease by the plan's heartbeatMs, says how far it is, and hears whether the task was cancelled. It keeps the bot online, too. What was laid on a bot is accepted by startTask only.",
  gives: success<Held>("The lease goes on, unless the task was cancelled."),
  access: "WORK",
  input: (t) => ({
    ...holder(t),
    percent: t.int({ required: false, description: "How far it is, 0 to 100." }),
    note: t.string({ required: false, description: "What is being done, at most 280 characters." }),
  }),
  success: (t) => ({
    ...taskField(t),
    cancelled: t.exposeBoolean("cancelled", { description: "Whether it was cancelled: stop working on it." }),
  }),
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NOT_FOUND"],
  resolve: (input, { platform, viewer }) => heartbeatTask(platform, viewer, plain(input)),
});

command("completeTask", {
  description:
    "Hands the result in. It is taken once, and only while the lease is yours: a late worker gets LEASE_LOST and changes nothing.",
  gives: success<Held>("The task, COMPLETED."),
  access: "WORK",
  input: (t) => ({
    ...holder(t),
    result: t.field({ type: "JSON", required: false, description: "What came of it, at most 64 KiB of JSON." }),
  }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NOT_FOUND", "RESULT_MISFIT", "RESULT_TOO_LARGE"],
  resolve: (input, { platform, viewer }) => completeTask(platform, viewer, plain(input)),
});

command("failTask", {
  description:
    "Says that the attempt failed. Retryable, it is tried again after a back-off until its attempts are used up; then, or at once when it is not, it is FAILED.",
  gives: success<Held>("The task, PENDING again or FAILED."),
  access: "WORK",
  input: (t) => ({
    ...holder(t),
    code: t.string({ required: true, description: "1 to 64 capitals, digits and _, such as OUT_OF_QUOTA." }),
    message: t.string({ required: true, description: "What went wrong, at most 2,000 characters." }),
    retryable: t.boolean({ required: true, description: "Whether trying again may help." }),
  }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...OWN, ...STEP, "NOT_FOUND"],
  resolve: (input, { platform, viewer }) => failTask(platform, viewer, plain(input)),
});

const ofCreator = {
  cancelTask: {
    does: cancelTask,
    gives: "The task, CANCELLED.",
    description:
      "Ends an open task that you made, or one of a team that you lead; operators end public ones, which is audited. Its worker hears of it at its next sign of life; what it hands in is not taken any more.",
  },
  approveTask: {
    does: approveTask,
    gives: "The task, COMPLETED.",
    description: "Says yes to a step that waits for a person, of yours or of a team that you lead.",
  },
} as const;
for (const [name, { does, gives, description }] of Object.entries(ofCreator)) {
  command(name, {
    description,
    gives: success<{ taskId: string }>(gives),
    access: "WORK",
    input: (t) => ({ taskId: taskId(t) }),
    success: taskField,
    stillSeen: taskSeen,
    refusals: [...STEP, "NOT_FOUND", "NOT_YOUR_TASK", "TASK_OF_WORKFLOW"],
    resolve: (input, { platform, viewer }) => does(platform, viewer, { ...input, taskId: input.taskId.id }),
  });
}

command("retryTask", {
  description: "Gives a FAILED task that you made, or one of a team that you lead, all its attempts again.",
  gives: success<{ taskId: string }>("The task, PENDING."),
  access: "WORK",
  input: (t) => ({ taskId: taskId(t) }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...STEP, "NOT_FOUND", "NOT_YOUR_TASK", "TASK_OF_WORKFLOW", "TOO_MANY_TASKS", "TOO_MANY_LANES"],
  resolve: (input, { platform, viewer }) => retryTask(platform, viewer, { ...input, taskId: input.taskId.id }),
});

command("rejectTask", {
  description:
    "Says no to a step that waits for a person, of yours or of a team that you lead; what waits for it stays BLOCKED.",
  gives: success<{ taskId: string }>("The task, FAILED."),
  access: "WORK",
  input: (t) => ({
    taskId: taskId(t),
    reason: t.string({ required: true, description: "Why, 1 to 2,000 characters: it is the task's error." }),
  }),
  success: taskField,
  stillSeen: taskSeen,
  refusals: [...STEP, "NOT_FOUND", "NOT_YOUR_TASK", "TASK_OF_WORKFLOW"],
  resolve: (input, { platform, viewer }) => rejectTask(platform, viewer, { ...input, taskId: input.taskId.id }),
});
