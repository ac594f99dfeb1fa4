import "./refusals.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { TeamNode } from "../../teams/schema.ts";
import { ProjectNode } from "../../teams/schema/projects.ts";
import { defineWorkflow } from "../service/definitions.ts";
import { cancelWorkflow, pauseWorkflow, resumeWorkflow, startWorkflow } from "../service/workflows.ts";
import { PlanInput, PROJECT } from "./commands.ts";
import { AssignEnum, ComplexityEnum } from "./types.ts";
import { ComparisonEnum, DefinitionNode, FailurePolicyEnum, WorkflowNode, workflowsOf } from "./workflow-types.ts";

const ConditionInput = builder.inputType("WorkflowConditionInput", {
  description: "What must hold for a step to begin; otherwise it is SKIPPED.",
  fields: (t) => ({
    at: t.string({ required: true, description: "A JSON Pointer such as /steps/review/verdict or /input/kind." }),
    is: t.field({ type: ComparisonEnum, required: true, description: "How it is compared." }),
    value: t.field({ type: "JSON", required: false, description: "What it is compared with; null when absent." }),
  }),
});
const CompensationInput = builder.inputType("WorkflowCompensationInput", {
  description:
    "A task that undoes a step under COMPENSATE. Its payload is { input, output }: the payload of the step's task and its result.",
  fields: (t) => ({
    title: t.string({ required: true, description: "Its title, 1 to 200 characters." }),
    capabilities: t.stringList({ required: false, description: "What a bot must be able to do, at most 8." }),
  }),
});
const StepInputType = builder.inputType("WorkflowStepInput", {
  description: "A step: a task, or with forEach one for each item of a list.",
  fields: (t) => ({
    key: t.string({
      required: true,
      description: "Its name: 1 to 40 lower-case letters, digits and -, beginning with a letter; once in a definition.",
    }),
    title: t.string({ required: true, description: "The title of its tasks, 1 to 200 characters." }),
    after: t.stringList({
      required: false,
      description: "Keys of steps that come before, besides those that its pointers name; at most 50.",
    }),
    capabilities: t.stringList({
      required: false,
      description: "What a bot must be able to do: at most 8 words that a bot of yours, or of the team, has.",
    }),
    input: t.field({
      type: "JSON",
      required: false,
      description:
        'The payload of its tasks: an object of at most 20 JSON Pointers (RFC 6901) and { "value": … }. Pointers begin with /input (what the run was started with), /steps/KEY (a step\'s result; for one that fans out the list of results), and with forEach /item or /index. What is not there is null.',
    }),
    when: t.field({ type: ConditionInput, required: false, description: "Only when this holds." }),
    forEach: t.string({
      required: false,
      description: "A JSON Pointer to a list of at most 10,000 items: each gets a task, at most 500 are out at once.",
    }),
    approval: t.boolean({
      required: false,
      description: "A person's step: approveTask or rejectTask decides it. False when absent.",
    }),
    optional: t.boolean({
      required: false,
      description: "What needs it goes on when it failed, with null for its result. False when absent.",
    }),
    compensation: t.field({ type: CompensationInput, required: false, description: "What undoes it." }),
    priority: t.int({ required: false, description: "1 to 5; 5 comes first; 3 when absent." }),
    complexity: t.field({ type: ComplexityEnum, required: false, description: "How hard it is; MEDIUM when absent." }),
    assign: t.field({
      type: AssignEnum,
      required: false,
      description: "How its tasks come to bots; PULL when absent.",
    }),
    plan: t.field({ type: PlanInput, required: false, description: "Attempts and time-outs of its tasks." }),
    resultSchema: t.field({
      type: "JSON",
      required: false,
      description: "A JSON Schema (2020-12, at most 8 KiB) that the result of each of its tasks must fit.",
    }),
  }),
});

command("defineWorkflow", {
  description:
    "Defines a workflow: steps that are tasks, in an order without cycles. The same name again makes the next version, the same definition again gives the version that is there; runs go on by the version that they were started with.",
  gives: success<{ definitionId: string | null }>("The definition."),
  access: "WORK",
  input: (t) => ({
    name: t.string({ required: true, description: "Its name, 1 to 100 characters." }),
    teamId: t.globalID({ required: false, for: [TeamNode], description: "A team of yours whose workflow it is." }),
    projectId: t.globalID({
      required: false,
      for: [ProjectNode],
      description: "A project of that team, not archived: its runs' tasks count for it where they name no other.",
    }),
    onFailure: t.field({
      type: FailurePolicyEnum,
      required: false,
      description: "What happens when a step failed for good; STOP when absent.",
    }),
    inputSchema: t.field({
      type: "JSON",
      required: false,
      description: "A JSON Schema (2020-12, at most 8 KiB) that a run's input must fit.",
    }),
    steps: t.field({ type: [StepInputType], required: true, description: "1 to 200 steps, in any order." }),
    checkOnly: t.boolean({
      required: false,
      description: "Only say whether it would be taken: nothing is written, definition is null. False when absent.",
    }),
  }),
  success: (t) => ({
    definition: t.prismaField({
      type: DefinitionNode,
      nullable: true,
      description: "The version that it is; null where it was only checked.",
      resolve: (query, { definitionId }, _args, { platform }) =>
        definitionId === null
          ? null
          : platform.prisma.workflowDefinition.findUniqueOrThrow({ ...query, where: { id: definitionId } }),
    }),
  }),
  stillSeen: async ({ definitionId }, { platform, viewer }) =>
    definitionId === null ||
    (await platform.prisma.workflowDefinition.count({ where: { id: definitionId, ...workflowsOf(viewer) } })) > 0,
  refusals: [
    "DUPLICATE_STEP",
    "BAD_POINTER",
    "UNKNOWN_INPUT",
    "WORKFLOW_CYCLE",
    "WORKFLOW_TOO_LARGE",
    "INVALID_CAPABILITIES",
    "SCHEMA_NOT_TAKEN",
    "UNKNOWN_CAPABILITY",
    "NOT_IN_TEAM",
    "TOO_MANY_DEFINITIONS",
    ...PROJECT,
  ],
  resolve: ({ teamId, projectId, ...input }, { platform, viewer }) =>
    defineWorkflow(platform, viewer, {
      ...input,
      teamId: teamId?.id ?? null,
      projectId: projectId?.id ?? null,
    }),
});

type Run = { workflowId: string };
type Fields<Success extends object> = Parameters<
  Parameters<typeof command<Record<string, never>, Success, never, "WORK">>[1]["success"]
>[0];
const workflowField = <Success extends Run>(t: Fields<Success>) => ({
  workflow: t.prismaField({
    type: WorkflowNode,
    description: "The run as it is now.",
    resolve: (query, { workflowId }, _args, { platform }) =>
      platform.prisma.workflow.findUniqueOrThrow({ ...query, where: { id: workflowId } }),
  }),
});

const runSeen = async ({ workflowId }: Run, { platform, viewer }: Context) =>
  (await platform.prisma.workflow.count({ where: { id: workflowId, ...workflowsOf(viewer) } })) > 0;

command("startWorkflow", {
  description:
    "Starts a run of a workflow. Its steps become tasks for the bots of the definition's team, or for yours; follow workflowEvents.",
  gives: success<Run>("The run, PENDING."),
  access: "WORK",
  input: (t) => ({
    definitionId: t.globalID({ required: true, for: [DefinitionNode], description: "The version to run." }),
    input: t.field({
      type: "JSON",
      required: false,
      description: "What its steps' pointers find at /input, at most 64 KiB of JSON; null when absent.",
    }),
    projectId: t.globalID({
      required: false,
      for: [ProjectNode],
      description: "The project that its tasks count for, of the definition's team; the definition's when absent.",
    }),
  }),
  success: workflowField,
  stillSeen: runSeen,
  refusals: ["NOT_FOUND", "INPUT_MISFIT", "PAYLOAD_TOO_LARGE", "TOO_MANY_WORKFLOWS", ...PROJECT],
  resolve: ({ definitionId, projectId, ...input }, { platform, viewer }) =>
    startWorkflow(platform, viewer, { ...input, definitionId: definitionId.id, projectId: projectId?.id ?? null }),
});

const moves = {
  pauseWorkflow: {
    does: pauseWorkflow,
    gives: "The run, PAUSED.",
    description:
      "Holds a run that you started, or one of a team that you lead: no step begins any more. Tasks that are out go on, and what they hand in is kept.",
  },
  resumeWorkflow: {
    does: resumeWorkflow,
    gives: "The run, RUNNING.",
    description: "Lets a paused run go on that you started, or one of a team that you lead.",
  },
  cancelWorkflow: {
    does: cancelWorkflow,
    gives: "The run, CANCELLED.",
    description:
      "Ends a run that you started, or one of a team that you lead: its open tasks are cancelled. Nothing is undone.",
  },
} as const;
for (const [name, { does, gives, description }] of Object.entries(moves)) {
  command(name, {
    description,
    gives: success<Run>(gives),
    access: "WORK",
    input: (t) => ({ workflowId: t.globalID({ required: true, for: [WorkflowNode], description: "The run." }) }),
    success: workflowField,
    stillSeen: runSeen,
    refusals: ["NOT_FOUND", "NOT_YOUR_WORKFLOW", "INVALID_TRANSITION"],
    resolve: (input, { platform, viewer }) => does(platform, viewer, { ...input, workflowId: input.workflowId.id }),
  });
}
