import { botAsked, contestConnection } from "../../ladder/schema/contests.ts";
import { contestsOf, nodesQuery } from "../../ladder/schema/rows.ts";
import { ContestStatusEnum } from "../../ladder/schema/types.ts";
import { contestPageFor } from "../../ladder/service/record.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { pageAsked, UUID_KEY } from "../../platform/graphql/keyset.ts";
import { MatchNode } from "./match.ts";

const MatchesFilter = builder.inputType("MatchesFilter", {
  description: "Which matches; what is left out does not matter.",
  fields: (t) => ({
    status: t.field({ type: ContestStatusEnum, required: false, description: "Only those that stand so." }),
    bot: t.string({
      required: false,
      description: "Only those of this bot, by its name, whatever the case, or by its id. Neither is BAD_INPUT.",
    }),
  }),
});

builder.queryField("matches", (t) =>
  t.connection({
    type: MatchNode,
    access: "public",
    cache: () => ["contests"],
    description: "Quake matches, newest first. At most 100 a page.",
    args: { filterBy: t.arg({ type: MatchesFilter, required: false, description: "Only some of them." }) },
    resolve: async (_root, args, context, info) => {
      const { status, bot } = args.filterBy ?? {};
      const [page, query] = [pageAsked(args, UUID_KEY), nodesQuery(context, info)];
      const filter = { status: status ?? null, bot: botAsked(bot), ladders: ["QUAKE"] };
      const cut = await contestPageFor(context.platform, filter, page);
      return contestConnection(cut, await contestsOf(context, query, cut.rows));
    },
  }),
);
