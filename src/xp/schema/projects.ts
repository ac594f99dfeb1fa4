import { BotNode } from "../../bots/schema.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { ProjectNode } from "../../teams/schema/projects.ts";
import { membersOf, ranked, type ProjectBot, type TeamRow } from "../rules/team.ts";
import { projectBots } from "../service/insight.ts";
import { readerId } from "../service/reads.ts";
import { orderBy, rowFields, TeamMemberRowRef, totals } from "./standings.ts";

/** How many rows a project's board shows; its sums are over all. */
const ROWS_MAX = 200;

type ProjectRow = TeamRow & Pick<ProjectBot, "tries" | "successes">;
const ProjectBotRowRef = builder.objectRef<ProjectRow>("ProjectBotStanding").implement({
  description: "A bot on the board of a project, by what it earned with the project's tasks.",
  access: "owner",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot; it may have left the team since.",
      resolve: (query, { id }, _args, context) => botOf(context, query, id),
    }),
    ...rowFields(t),
    tasks: t.exposeInt("tries", { description: "How many of the project's tasks it ended." }),
    successes: t.exposeInt("successes", { description: "How many of these it completed." }),
  }),
});

type ProjectXp = { bots: readonly ProjectBot[] };
const ProjectXpRef = builder.objectRef<ProjectXp>("ProjectXp").implement({
  description:
    "The XP that bots earned by a project's tasks, whoever of the team made them. Bots of a member whose profile or statistics are PRIVATE are on it for that member alone.",
  access: "owner",
  fields: (t) => ({
    ...totals(t, {
      sum: "Of all bots together.",
      mean: "Of the bots that ended a task of it, rounded down; 0 without any.",
      growth7: "Earned in the last 7 days.",
      growth30: "Earned in the last 30 days.",
    }),
    bots: t.field({
      type: [ProjectBotRowRef],
      description: `The bots that ended tasks of it, the first ${ROWS_MAX}, the most first.`,
      args: { orderBy: orderBy(t) },
      resolve: ({ bots }, args) => ranked(bots.map(rowOf), args.orderBy ?? "SUM").slice(0, ROWS_MAX),
    }),
    members: t.field({
      type: [TeamMemberRowRef],
      description: `Whose bots these are, the first ${ROWS_MAX}, the most first.`,
      args: { orderBy: orderBy(t) },
      resolve: ({ bots }, args) => ranked(membersOf(bots), args.orderBy ?? "SUM").slice(0, ROWS_MAX),
    }),
  }),
});

const rowOf = ({ botId: id, ownerId: _owner, ...row }: ProjectBot): ProjectRow => ({ id, ...row });

builder.prismaObjectField(ProjectNode, "xp", (t) =>
  t.field({
    type: ProjectXpRef,
    cost: 50,
    description: "Its board, for the team's members only.",
    select: { id: true },
    resolve: async ({ id }, _args, { loaders, platform, viewer }) => ({
      bots: await batched(loaders, "XP of projects", id, (ids) => projectBots(platform, ids, readerId(viewer))),
    }),
  }),
);
