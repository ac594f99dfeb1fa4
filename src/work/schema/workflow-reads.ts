import { GraphQLError } from "graphql";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { EventInterface, field, streamItem } from "../../platform/graphql/subscription.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import type { Platform } from "../../platform/platform.ts";
import { readHeads, type StoredEvent } from "../../platform/streams.ts";
import { cursorOf, openStream } from "../../platform/subscribe.ts";
import { isSignedIn, NOBODY } from "../../platform/viewer.ts";
import { leads, type TeamRole } from "../../teams/rules.ts";
import { ofOwnTeam, TeamNode } from "../../teams/schema.ts";
import { ProjectNode } from "../../teams/schema/projects.ts";
import { workflowStream, type ToldOfWorkflow } from "../events.ts";
import type { StepFailure } from "../rules/mapping.ts";
import type { Count, StepState, WorkflowFailure, WorkflowState } from "../rules/workflow.ts";
import { decides } from "./reads.ts";
import { TaskNode } from "./types.ts";
import { whileSeen } from "../service/while-seen.ts";
import {
  DefinitionNode,
  StepFailureEnum,
  StepStateEnum,
  WorkflowFailureEnum,
  WorkflowNode,
  WorkflowStateEnum,
  workflowsOf,
} from "./workflow-types.ts";

const FilterInput = builder.inputType("WorkflowFilter", {
  description: "Which runs; every field narrows.",
  fields: (t) => ({
    states: t.field({ type: [WorkflowStateEnum], required: false, description: "Only in one of these states." }),
  }),
});
type Filter = { states?: readonly WorkflowState[] | null };
const filtered = ({ states }: Filter) => (states ? { state: { in: [...states] } } : {});
const filterArg = { type: FilterInput, required: false, description: "Which ones; all when absent." } as const;
const NEWEST = { id: "desc" } as const;

builder.prismaObjectField(WorkflowNode, "cursor", (t) =>
  t.field({
    type: "Cursor",
    description: "Where its stream stands: query it with what you show, then follow workflowEvents behind it.",
    select: { id: true },
    resolve: ({ id }, _args, { platform, loaders }) =>
      batched(loaders, "heads of workflows", workflowStream(id), async (streams) => {
        const heads = await readHeads(platform.db, streams);
        return streams.map((stream) => cursorOf(platform, stream, heads.get(stream) ?? 0));
      }),
  }),
);
builder.prismaObjectField(WorkflowNode, "mayDecide", (t) =>
  t.boolean({
    description:
      "Whether you may pause, resume and cancel it, where its state allows that, and say yes or no to what waits for a person: you started it, or lead its team. Others get NOT_YOUR_WORKFLOW.",
    select: { creatorId: true, teamId: true },
    resolve: ({ creatorId, teamId }, _args, context) => decides(context, creatorId, teamId),
  }),
);
builder.prismaObjectField(DefinitionNode, "runs", (t) =>
  t.relatedConnection("runs", {
    cursor: "id",
    description: "Its runs that you can see, newest first. At most 100 a page.",
    args: { filterBy: t.arg(filterArg) },
    query: ({ filterBy }, { viewer }) => ({
      where: { ...filtered(filterBy ?? {}), ...workflowsOf(viewer) },
      orderBy: NEWEST,
    }),
  }),
);

/** The same as workflowsOf, with the teams by their ids: each part is in an index of its own. */
async function listedOf({ platform, viewer }: Context) {
  const userId = isSignedIn(viewer) ? viewer.userId : NOBODY;
  const teams = await platform.prisma.teamMember.findMany({ where: { userId }, select: { teamId: true } });
  return { OR: [{ creatorId: userId, teamId: null }, { teamId: { in: teams.map(({ teamId }) => teamId) } }] };
}

builder.queryFields((t) => ({
  workflow: t.prismaField({
    type: WorkflowNode,
    nullable: true,
    access: "viewer",
    description: "A run of a workflow by its id; null when there is none that you may see.",
    args: { id: t.arg.globalID({ required: true, for: [WorkflowNode], description: "The run's id." }) },
    authScopes: { signedIn: true },
    resolve: (query, _root, { id }, { platform, viewer }) =>
      platform.prisma.workflow.findFirst({ ...query, where: { id: id.id, ...workflowsOf(viewer) } }),
  }),
  workflows: t.prismaConnection({
    type: WorkflowNode,
    cursor: "id",
    access: "viewer",
    description: "The runs that you can see, yours and your teams', newest first. At most 100 a page.",
    args: { filterBy: t.arg(filterArg) },
    authScopes: { signedIn: true },
    resolve: async (query, _root, { filterBy }, context) =>
      context.platform.prisma.workflow.findMany({
        ...query,
        where: { ...filtered(filterBy ?? {}), ...(await listedOf(context)) },
        orderBy: NEWEST,
      }),
  }),
  workflowDefinitions: t.prismaConnection({
    type: DefinitionNode,
    cursor: "id",
    access: "viewer",
    description:
      "The definitions that you can see, every version, yours and your teams', newest first. At most 100 a page.",
    authScopes: { signedIn: true },
    resolve: async (query, _root, _args, context) =>
      context.platform.prisma.workflowDefinition.findMany({
        ...query,
        where: await listedOf(context),
        orderBy: NEWEST,
      }),
  }),
}));

builder.prismaObjectField(ProjectNode, "workflows", (t) =>
  t.relatedConnection("workflows", {
    cursor: "id",
    description: "The project's runs, newest first, for its team's members only. At most 100 a page.",
    args: { filterBy: t.arg(filterArg) },
    query: ({ filterBy }, context) => ({
      where: { ...filtered(filterBy ?? {}), ...ofOwnTeam(context) },
      orderBy: NEWEST,
    }),
  }),
);

builder.prismaObjectField(TeamNode, "workflows", (t) =>
  t.relatedConnection("workflows", {
    cursor: "id",
    description: "The team's runs, newest first, for its members only. At most 100 a page.",
    args: { filterBy: t.arg(filterArg) },
    query: ({ filterBy }, context) => ({
      where: { ...filtered(filterBy ?? {}), ...ofOwnTeam(context) },
      orderBy: NEWEST,
    }),
  }),
);

/** What mayDecide says of a person, with the teams by their ids: each part is in an index of its own. */
async function decidedBy({ prisma }: Platform, userId: string) {
  const roles = await prisma.teamMember.findMany({ where: { userId }, select: { teamId: true, role: true } });
  const led = roles.filter(({ role }) => leads(role as TeamRole));
  const [teams, ledTeams] = [roles, led].map((of) => ({ in: of.map(({ teamId }) => teamId) }));
  const creatorId = userId;
  return { OR: [{ creatorId, teamId: null }, { creatorId, teamId: teams }, { teamId: ledTeams }] };
}

builder.objectField(ViewerRef, "approvals", (t) =>
  t.prismaConnection({
    type: TaskNode,
    cursor: "id",
    description:
      "The tasks that wait for the viewer's approveTask or rejectTask: those that the viewer made, and those of teams that the viewer leads; newest first. At most 100 a page.",
    resolve: async (query, { userId }, _args, { platform }) =>
      platform.prisma.task.findMany({
        ...query,
        where: { state: "AWAITING_APPROVAL", ...(await decidedBy(platform, userId)) },
        orderBy: NEWEST,
      }),
  }),
);

type Fields = Parameters<
  Parameters<ReturnType<typeof builder.objectRef<StoredEvent>>["implement"]>[0]["fields"] & object
>[0];
const workflowEvent = (name: ToldOfWorkflow["type"], description: string, fields: (t: Fields) => object = () => ({})) =>
  builder.objectRef<StoredEvent>(name).implement({
    description,
    access: "owner",
    interfaces: [EventInterface],
    isTypeOf: (value) => (value as StoredEvent).type === name,
    fields: (t) => fields(t) as never,
  });
const count = (t: Fields, name: keyof Count, description: string) =>
  t.int({ description, resolve: (event) => field<Count>(event, "counts")[name] });

const WORKFLOW_EVENTS = [
  workflowEvent("WorkflowCreated", "The run was started."),
  workflowEvent("WorkflowStateChanged", "The run is in another state.", (t) => ({
    state: t.field({
      type: WorkflowStateEnum,
      description: "Where it stands now.",
      resolve: (event) => field<WorkflowState>(event, "state"),
    }),
    failure: t.field({
      type: WorkflowFailureEnum,
      nullable: true,
      description: "Why it did not complete; null when it did, or goes on.",
      resolve: (event) => field<WorkflowFailure | null>(event, "failure"),
    }),
  })),
  workflowEvent("WorkflowStepChanged", "A step is in another state, or more of its tasks are done.", (t) => ({
    key: t.string({ description: "The step.", resolve: (event) => field<string>(event, "key") }),
    state: t.field({
      type: StepStateEnum,
      description: "Where it stands now.",
      resolve: (event) => field<StepState>(event, "state"),
    }),
    failure: t.field({
      type: StepFailureEnum,
      nullable: true,
      description: "Why it failed; null when it did not.",
      resolve: (event) => field<StepFailure | null>(event, "failure"),
    }),
    total: count(t, "total", "How many tasks it has; of those that undo it where it is being undone."),
    completed: count(t, "completed", "How many of them are done."),
    failed: count(t, "failed", "How many of them failed or were cancelled."),
  })),
];
const WorkflowStreamItemRef = streamItem("Workflow", "a run of a workflow", "owner", WORKFLOW_EVENTS);

builder.subscriptionField("workflowEvents", (t) =>
  t.field({
    type: WorkflowStreamItemRef,
    access: "viewer",
    description:
      "What happens to one run that you can see, in order, without gap or duplicate. Ends when you may not see it any more. Refuses with NOT_FOUND.",
    args: {
      id: t.arg.globalID({ required: true, for: [WorkflowNode], description: "The run." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    authScopes: { signedIn: true },
    subscribe: async (_root, { id: { id }, after }, { platform, viewer }) => {
      const where = { id, ...workflowsOf(viewer) };
      const look = () => platform.prisma.workflow.findFirst({ where, select: { teamId: true } });
      const seen = await look();
      if (!seen)
        throw new GraphQLError("There is no such run, or you may not see it.", {
          extensions: { code: "NOT_FOUND", hint: "Check the id." },
        });
      const items = await openStream(platform, workflowStream(id), after);
      return whileSeen(platform, items, seen.teamId, async () => (await look()) !== null);
    },
    resolve: (item) => item,
  }),
);
