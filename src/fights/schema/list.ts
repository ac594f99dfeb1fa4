import { botAsked, contestConnection } from "../../ladder/schema/contests.ts";
import { contestsOf, nodesQuery } from "../../ladder/schema/rows.ts";
import { ContestStatusEnum, LadderEnum } from "../../ladder/schema/types.ts";
import type { LadderKind } from "../../ladder/rules/ladders.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { pageAsked, UUID_KEY } from "../../platform/graphql/keyset.ts";
import { contestPageFor } from "../../ladder/service/record.ts";
import { FIGHT_LADDERS } from "../service/list.ts";
import { FightNode } from "./fight.ts";

const FightsFilter = builder.inputType("FightsFilter", {
  description: "Which fights; what is left out does not matter.",
  fields: (t) => ({
    status: t.field({ type: ContestStatusEnum, required: false, description: "Only those that stand so." }),
    bot: t.string({
      required: false,
      description: "Only those of this bot, by its name, whatever the case, or by its id. Neither is BAD_INPUT.",
    }),
    ladder: t.field({ type: LadderEnum, required: false, description: "PIT or PIT_SLOW; others are BAD_INPUT." }),
  }),
});

function laddersAsked(ladder: LadderKind | null | undefined): readonly LadderKind[] {
  if (ladder == null) return FIGHT_LADDERS;
  if (FIGHT_LADDERS.includes(ladder)) return [ladder];
  throw badInput(["filterBy", "ladder"], "Bots fight on PIT and PIT_SLOW.");
}

builder.queryField("fights", (t) =>
  t.connection({
    type: FightNode,
    access: "public",
    cache: () => ["contests"],
    description: "Fights, newest first. At most 100 a page.",
    args: { filterBy: t.arg({ type: FightsFilter, required: false, description: "Only some of them." }) },
    resolve: async (_root, args, context, info) => {
      const { status, bot, ladder } = args.filterBy ?? {};
      const filter = { status: status ?? null, bot: botAsked(bot), ladders: laddersAsked(ladder) };
      const [page, query] = [pageAsked(args, UUID_KEY), nodesQuery(context, info)];
      const cut = await contestPageFor(context.platform, filter, page);
      return contestConnection(cut, await contestsOf(context, query, cut.rows));
    },
  }),
);
