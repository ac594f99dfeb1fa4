import { queryFromInfo } from "@pothos/plugin-prisma";
import { GraphQLError } from "graphql";
import { BotNode, BotStatusEnum } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { BOT_ORDERS } from "../rules/roster.ts";
import { listBots } from "../service/roster.ts";
import { LadderEnum } from "./types.ts";

const BotOrderEnum = builder.enumType("BotOrder", {
  description: "How a list of bots is ordered.",
  values: {
    NEWEST: { description: "The newest first." },
    NAME: { description: "By name, whatever the case; digits before _ before letters." },
    ELO: {
      description: "The highest Elo first, on the ladder that `filterBy` names; only bots with a standing there.",
    },
  } satisfies Record<(typeof BOT_ORDERS)[number], { description: string }>,
});

const BotFilterInput = builder.inputType("BotFilter", {
  description: "Narrows a list of bots; every part that is given must hold.",
  fields: (t) => ({
    capability: t.string({ required: false, description: "Bots that claim this capability, such as code-review." }),
    status: t.field({
      type: BotStatusEnum,
      required: false,
      description: "Bots whose presence is this now. House bots are always online.",
    }),
    ownerHandle: t.string({ required: false, description: "Bots of this user, whatever the handle's case." }),
    ladder: t.field({ type: LadderEnum, required: false, description: "Bots that have a standing on this ladder." }),
    search: t.string({ required: false, description: "Bots whose name begins so, whatever the case." }),
  }),
});

const HINTS = {
  BAD_INPUT: "See the argument's description.",
  INVALID_CURSOR: "Pass a cursor exactly as an answer of this same order gave it.",
} as const;

builder.queryField("bots", (t) =>
  t.connection({
    type: BotNode,
    access: "public",
    // Presence changes by time alone: what is chosen by it is never kept.
    cache: ({ filterBy }) => {
      const { status, ladder } = (filterBy ?? {}) as { status?: unknown; ladder?: unknown };
      if (status != null) return null;
      return ladder == null ? ["bots"] : ["bots", `ladder:${String(ladder)}`];
    },
    description: "Bots that are not archived. At most 100 a page.",
    args: {
      filterBy: t.arg({ type: BotFilterInput, required: false, description: "Which bots; all without it." }),
      orderBy: t.arg({
        type: BotOrderEnum,
        required: false,
        defaultValue: "NEWEST",
        description: "In which order. ELO needs filterBy.ladder.",
      }),
    },
    resolve: async (_root, { filterBy, orderBy, ...page }, context, info) => {
      const { capability = null, status = null, ownerHandle = null, ladder = null, search = null } = filterBy ?? {};
      const filter = { capability, status, ownerHandle, ladder, search };
      const listed = await listBots(context.platform, { ...page, filter, orderBy: orderBy ?? "NEWEST" });
      if (!listed.ok)
        throw new GraphQLError(listed.message ?? "This cursor is of another list.", {
          extensions: { code: listed.code, hint: HINTS[listed.code], path: listed.path },
        });
      const { rows, hasNextPage, hasPreviousPage } = listed;
      const query = queryFromInfo({ context, info, typeName: "Bot", paths: [["nodes"], ["edges", "node"]] });
      const where = { id: { in: rows.map(({ botId }) => botId) } };
      const found = await context.platform.prisma.bot.findMany({ ...query, where });
      const bots = new Map(found.map((bot) => [bot.id, bot]));
      const edges = rows.flatMap(({ cursor, botId }) => {
        const node = bots.get(botId);
        return node ? [{ cursor, node }] : [];
      });
      const [startCursor, endCursor] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null];
      return { edges, pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor } };
    },
  }),
);
