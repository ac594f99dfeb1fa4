import { GraphQLError } from "graphql";
import type { TaskWhereInput } from "../../generated/prisma/models/Task.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { loadRow } from "../../platform/graphql/row-loader.ts";
import type { Platform } from "../../platform/platform.ts";
import { takePoints } from "../../platform/points.ts";
import { isSignedIn } from "../../platform/viewer.ts";
import { teamTopic } from "../../teams/events.ts";
import { TeamNode } from "../../teams/schema.ts";
import { boardTopic, PUBLIC_BOARD_TOPIC } from "../events.ts";
import type { BoardChange, BoardChangeKind, Standing } from "../rules/board.ts";
import type { TaskState } from "../rules/task.ts";
import { openBoard, type Look } from "../service/boards.ts";
import { FilterInput, filtered } from "./reads.ts";
import { madeBy, TaskNode, TaskStateEnum, visibleTo } from "./types.ts";

const BOARD_TASKS_MAX = 50;

const KindEnum = builder.enumType("TaskBoardChangeKind", {
  description: "What happened to a task on a board.",
  values: valuesOf<BoardChangeKind>({
    APPEARED: "It stands on the board now, and did not before: it was made, or fits the filter now.",
    CHANGED: "It is in another state, or got further in the one that it is in.",
    LEFT: "It stands on the board no more: it fits the filter no more, or newer ones took its place.",
  }),
});

/** A task, read together with its siblings, as far as the viewer may see it now. */
const taskOf = (context: Context, query: object, id: string) =>
  loadRow(context, "task of a board", query, id, (ids) =>
    context.platform.prisma.task.findMany({
      ...query,
      where: { AND: [{ id: { in: ids } }, visibleTo(context.viewer)] },
    }),
  );

const ChangeRef = builder.objectRef<BoardChange>("TaskBoardChange").implement({
  description: "What happened to a task on a board since the last look at it.",
  access: "owner",
  fields: (t) => ({
    kind: t.field({ type: KindEnum, description: "What happened.", resolve: ({ kind }) => kind }),
    state: t.field({
      type: TaskStateEnum,
      description: "Where it stands; of one that LEFT, where it stood on the board last.",
      resolve: ({ state }) => state,
    }),
    task: t.prismaField({
      type: TaskNode,
      nullable: true,
      description: "The task as it is now, also one that LEFT; null when you may not see it any more.",
      resolve: (query, { taskId }, _args, context) => taskOf(context, query, taskId),
    }),
  }),
});

const BoardRef = builder.objectRef<Look>("TaskBoard").implement({
  description: "A board of tasks as it stands now.",
  access: "owner",
  fields: (t) => ({
    tasks: t.prismaField({
      type: [TaskNode],
      description: `Its newest tasks, at most ${BOARD_TASKS_MAX}. More are in viewer { tasks }, team { tasks } and tasks.`,
      resolve: async (query, { taskIds }, _args, context) => {
        const rows = await Promise.all(taskIds.map((id) => taskOf(context, query, id)));
        return rows.filter((row) => row !== null);
      },
    }),
    changes: t.field({
      type: [ChangeRef],
      description: `What happened on it since you were last told, at most ${2 * BOARD_TASKS_MAX}: what left first. None at first, and where only a run went on. What happened in between is not told.`,
      resolve: ({ changes }) => [...changes],
    }),
  }),
});

/** Whose board it is: the viewer's own, that of public tasks, or a team's. */
type Whose = "MINE" | "PUBLIC" | { teamId: string };
type Looking = { of: Whose; viewerId: string; wanted: TaskWhereInput };

/** The feeds that move a board. */
function topicsOf({ of, viewerId }: Looking): string[] {
  if (of === "MINE") return [boardTopic("user", viewerId)];
  return of === "PUBLIC" ? [PUBLIC_BOARD_TOPIC] : [boardTopic("team", of.teamId), teamTopic(of.teamId)];
}

/** What stands on a board; null for a team's when the viewer is not in it, asked with each look. */
async function look({ prisma }: Platform, { of, viewerId, wanted }: Looking): Promise<Standing[] | null> {
  const isTeams = typeof of === "object";
  if (isTeams && (await prisma.teamMember.count({ where: { ...of, userId: viewerId } })) === 0) return null;
  const on = isTeams ? of : of === "MINE" ? madeBy(viewerId) : { visibility: "PUBLIC" };
  const tasks = await prisma.task.findMany({
    where: { ...wanted, ...on },
    orderBy: { id: "desc" },
    take: BOARD_TASKS_MAX,
    select: { id: true, state: true, updatedAt: true },
  });
  return tasks.map(({ id, state, updatedAt }) => ({ id, state: state as TaskState, version: updatedAt.getTime() }));
}

const refused = (code: string, message: string) =>
  new GraphQLError(message, { extensions: { code, hint: "Use the id of a team that you are in, or none." } });

builder.subscriptionField("taskBoardEvents", (t) =>
  t.field({
    type: BoardRef,
    access: "viewer",
    description:
      "Your board of tasks, a team's of yours, or the public one: at once, and whenever a task of it is made, claimed, goes on, comes back or ends, or a run goes on, so that nobody need ask again and again; four times a second at most. Each time costs as many points as the subscription did; where none are left of the minute, the next one is told when there are. A feed: the newest state wins, and after a break the first thing is the present state; what happened to one task, in order, is in taskEvents. Ends when you leave the team. Refuses with NOT_IN_TEAM.",
    args: {
      teamId: t.arg.globalID({
        required: false,
        for: [TeamNode],
        description: "A team that you are in; your own tasks without it.",
      }),
      public: t.arg.boolean({
        required: false,
        defaultValue: false,
        description: "The board of public tasks in place of your own; not together with teamId. False when absent.",
      }),
      filterBy: t.arg({ type: FilterInput, required: false, description: "Which tasks; all when absent." }),
    },
    authScopes: { signedIn: true },
    subscribe: async (_root, { teamId, public: isPublic, filterBy }, { platform, viewer, charge }) => {
      if (!isSignedIn(viewer)) throw refused("NOT_AUTHENTICATED", "Sign in first.");
      if (teamId && isPublic) throw badInput(["public"], "A team's board, or the public one.");
      const of = teamId ? { teamId: teamId.id } : isPublic ? "PUBLIC" : "MINE";
      const looking: Looking = { of, viewerId: viewer.userId, wanted: filtered(filterBy ?? {}) };
      const first = await look(platform, looking);
      if (first === null) throw refused("NOT_IN_TEAM", "There is no such team, or you are not in it.");
      return openBoard(platform, {
        topics: topicsOf(looking),
        look: () => look(platform, looking),
        pay: () => takePoints(platform, viewer, charge?.requested ?? 1),
      });
    },
    resolve: (seen) => seen,
  }),
);
