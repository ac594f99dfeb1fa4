import { GraphQLError } from "graphql";
import { builder } from "../../platform/graphql/builder.ts";
import { openFeed } from "../../platform/subscribe.ts";
import { isSignedIn } from "../../platform/viewer.ts";
import { TeamNode } from "../../teams/schema.ts";
import { boardTopic } from "../events.ts";
import { FilterInput, filtered, type Filter } from "./reads.ts";
import { NOBODY, TaskNode } from "./types.ts";

const BOARD_TASKS_MAX = 50;

/** A board as one listens to it: one's own, or a team's. */
type Board = { teamId: string | null; filterBy: Filter };

const BoardRef = builder.objectRef<Board>("TaskBoard").implement({
  description: "A board of tasks as it stands now.",
  access: "owner",
  fields: (t) => ({
    tasks: t.prismaField({
      type: [TaskNode],
      description: `Its newest tasks, at most ${BOARD_TASKS_MAX}; none once you left the team. More are in viewer { tasks }.`,
      // Asked anew each time: who is in a team may have left it since.
      resolve: (query, { teamId, filterBy }, _args, { platform, viewer }) => {
        const userId = isSignedIn(viewer) ? viewer.userId : NOBODY;
        const whose = teamId === null ? { creatorId: userId } : { teamId, team: { members: { some: { userId } } } };
        return platform.prisma.task.findMany({
          ...query,
          where: { ...filtered(filterBy), ...whose },
          orderBy: { id: "desc" },
          take: BOARD_TASKS_MAX,
        });
      },
    }),
  }),
});

const refused = (code: string, message: string) =>
  new GraphQLError(message, { extensions: { code, hint: "Use the id of a team that you are in, or none." } });

builder.subscriptionField("taskBoardEvents", (t) =>
  t.field({
    type: BoardRef,
    access: "viewer",
    description:
      "Your board of tasks, or a team's of yours: at once, and whenever a task of it is made, claimed, goes on, comes back or ends, or a run goes on, so that nobody need ask again and again. A feed: the newest state wins, and after a break the first thing is the present state; what happened to one task, in order, is in taskEvents. Refuses with NOT_IN_TEAM.",
    args: {
      teamId: t.arg.globalID({
        required: false,
        for: [TeamNode],
        description: "A team that you are in; your own tasks without it.",
      }),
      filterBy: t.arg({ type: FilterInput, required: false, description: "Which tasks; all when absent." }),
    },
    authScopes: { signedIn: true },
    subscribe: async (_root, { teamId, filterBy }, { platform, viewer }) => {
      if (!isSignedIn(viewer)) throw refused("NOT_AUTHENTICATED", "Sign in first.");
      const board = { teamId: teamId?.id ?? null, filterBy: filterBy ?? {} };
      if (board.teamId === null) return boards(openFeed(platform, boardTopic("user", viewer.userId)), board);
      const where = { teamId: board.teamId, userId: viewer.userId };
      if ((await platform.prisma.teamMember.count({ where })) === 0)
        throw refused("NOT_IN_TEAM", "There is no such team, or you are not in it.");
      return boards(openFeed(platform, boardTopic("team", board.teamId)), board);
    },
    resolve: (board) => board,
  }),
);

/** The same board whenever its feed moves. */
function boards(moves: AsyncIterableIterator<null>, board: Board): AsyncIterableIterator<Board> {
  const told = (moved: IteratorResult<null>): IteratorResult<Board> =>
    moved.done ? { done: true, value: undefined } : { done: false, value: board };
  const iterator: AsyncIterableIterator<Board> = {
    next: async () => told(await moves.next()),
    return: async () => {
      await moves.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
