import { BotNode } from "../../bots/schema.ts";
import type { TaskWhereInput } from "../../generated/prisma/models/Task.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { readHeads } from "../../platform/streams.ts";
import { cursorOf } from "../../platform/subscribe.ts";
import { isSignedIn } from "../../platform/viewer.ts";
import { taskStream } from "../events.ts";
import { ofOwnTeam, TeamNode } from "../../teams/schema.ts";
import { ProjectNode } from "../../teams/schema/projects.ts";
import { mayDecide } from "../rules/people.ts";
import type { FailureReason, TaskState } from "../rules/task.ts";
import { rolesIn } from "../service/tasks.ts";
import { FailureEnum, madeBy, TaskNode, TaskStateEnum, visibleTo } from "./types.ts";

/** Which tasks of a list one wants. */
export const FilterInput = builder.inputType("TaskFilter", {
  description: "Which tasks; every field narrows.",
  fields: (t) => ({
    states: t.field({ type: [TaskStateEnum], required: false, description: "Only in one of these states." }),
    failure: t.field({
      type: FailureEnum,
      required: false,
      description: "Only failed for this reason; ATTEMPTS_EXHAUSTED gives the dead letters.",
    }),
    capability: t.string({ required: false, description: "Only those that need this capability." }),
    botId: t.globalID({ required: false, for: [BotNode], description: "Only those that this bot has or did." }),
    projectId: t.globalID({ required: false, for: [ProjectNode], description: "Only those of this project." }),
  }),
});
export type Filter = {
  states?: readonly TaskState[] | null;
  failure?: FailureReason | null;
  capability?: string | null;
  botId?: { id: string } | null;
  projectId?: { id: string } | null;
};

/** Only FAILED tasks have a reason: with another state beside it, nothing is asked for, and nothing is looked for. */
function statesOf({ states, failure }: Filter): readonly TaskState[] | null {
  if (!failure) return states ?? null;
  return !states || states.includes("FAILED") ? ["FAILED"] : [];
}

/** The same as the store understands it. */
export function filtered(filter: Filter): TaskWhereInput {
  const { failure, capability, botId, projectId } = filter;
  const states = statesOf(filter);
  return {
    ...(states && { state: { in: [...states] } }),
    ...(failure && { failure }),
    ...(capability != null && { capabilities: { has: capability } }),
    ...(botId && { botId: botId.id }),
    ...(projectId && { projectId: projectId.id }),
  };
}

builder.prismaObjectField(TaskNode, "cursor", (t) =>
  t.field({
    type: "Cursor",
    description: "Where its stream stands: query it with what you show, then follow taskEvents behind it.",
    select: { id: true },
    resolve: ({ id }, _args, { platform, loaders }) =>
      batched(loaders, "heads of tasks", taskStream(id), async (streams) => {
        const heads = await readHeads(platform.db, streams);
        return streams.map((stream) => cursorOf(platform, stream, heads.get(stream) ?? 0));
      }),
  }),
);

/** Whether the viewer may decide about what somebody made, of a team or of none; of the rows of a list in one look. */
export async function decides(
  { platform, viewer, loaders }: Pick<Context, "platform" | "viewer" | "loaders">,
  creatorId: string,
  teamId: string | null,
): Promise<boolean> {
  if (!isSignedIn(viewer)) return false;
  const { userId } = viewer;
  const role = teamId
    ? await batched(loaders, "roles in teams of work", teamId, (ids) => rolesIn(platform, userId, ids))
    : null;
  return mayDecide({ creatorId, teamId, role }, userId);
}

builder.prismaObjectField(TaskNode, "mayDecide", (t) =>
  t.boolean({
    description:
      "Whether you may say yes or no to it, cancel it and try it again, where its state allows that: you made it, or lead its team. Others get NOT_YOUR_TASK.",
    select: { creatorId: true, teamId: true },
    resolve: ({ creatorId, teamId }, _args, context) => decides(context, creatorId, teamId),
  }),
);

builder.queryFields((t) => ({
  task: t.prismaField({
    type: TaskNode,
    nullable: true,
    access: "viewer",
    description: "A task by its id; null when there is none that you may see.",
    args: { id: t.arg.globalID({ required: true, for: [TaskNode], description: "The task's id." }) },
    authScopes: { signedIn: true },
    resolve: (query, _root, { id }, { platform, viewer }) =>
      platform.prisma.task.findFirst({ ...query, where: { id: id.id, ...visibleTo(viewer) } }),
  }),
  tasks: t.prismaConnection({
    type: TaskNode,
    cursor: "id",
    access: "viewer",
    description: "The board of public tasks, newest first. At most 100 a page. Your own are in viewer { tasks }.",
    args: { filterBy: t.arg({ type: FilterInput, required: false, description: "Which ones; all when absent." }) },
    authScopes: { signedIn: true },
    resolve: (query, _root, { filterBy }, { platform }) =>
      platform.prisma.task.findMany({
        ...query,
        where: { ...filtered(filterBy ?? {}), visibility: "PUBLIC" },
        orderBy: { id: "desc" },
      }),
  }),
}));

builder.objectField(ViewerRef, "tasks", (t) =>
  t.prismaConnection({
    type: TaskNode,
    cursor: "id",
    description:
      "The tasks that the viewer made, newest first; not those of teams that the viewer has left. At most 100 a page.",
    args: { filterBy: t.arg({ type: FilterInput, required: false, description: "Which ones; all when absent." }) },
    resolve: (query, { userId }, { filterBy }, { platform }) =>
      platform.prisma.task.findMany({
        ...query,
        where: { ...filtered(filterBy ?? {}), ...madeBy(userId) },
        orderBy: { id: "desc" },
      }),
  }),
);

builder.prismaObjectField(ProjectNode, "tasks", (t) =>
  t.relatedConnection("tasks", {
    cursor: "id",
    description: "The project's tasks, newest first, for its team's members only. At most 100 a page.",
    args: { filterBy: t.arg({ type: FilterInput, required: false, description: "Which ones; all when absent." }) },
    query: ({ filterBy }, context) => ({
      where: { ...filtered(filterBy ?? {}), ...ofOwnTeam(context) },
      orderBy: { id: "desc" as const },
    }),
  }),
);

builder.prismaObjectField(TeamNode, "tasks", (t) =>
  t.relatedConnection("tasks", {
    cursor: "id",
    description: "The team's tasks, newest first, for its members only. At most 100 a page.",
    args: { filterBy: t.arg({ type: FilterInput, required: false, description: "Which ones; all when absent." }) },
    query: ({ filterBy }, context) => ({
      where: { ...filtered(filterBy ?? {}), ...ofOwnTeam(context) },
      orderBy: { id: "desc" as const },
    }),
  }),
);
