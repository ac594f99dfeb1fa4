import { contestConnection } from "../../ladder/schema/contests.ts";
import { contestsOf, nodesQuery } from "../../ladder/schema/rows.ts";
import { ContestStatusEnum, LadderEnum } from "../../ladder/schema/types.ts";
import type { LadderKind } from "../../ladder/rules/ladders.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { pageAsked, UUID_KEY } from "../../platform/graphql/keyset.ts";
import { parseNodeId } from "../../platform/graphql/node-ids.ts";
import { FIGHT_LADDERS, fightPage, type BotAsked } from "../service/list.ts";
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

function botAsked(text: string | null | undefined): BotAsked | null {
  if (text == null) return null;
  if (/^\w{1,15}$/.test(text)) return { name: text };
  const id = parseNodeId(text);
  if (id?.typename === "Bot") return { id: id.uuid };
  throw badInput(["filterBy", "bot"], "Name a bot, or pass its id as the API gave it.");
}

function ladderAsked(ladder: LadderKind | null | undefined): LadderKind | null {
  if (ladder == null || FIGHT_LADDERS.includes(ladder)) return ladder ?? null;
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
      const filter = { status: status ?? null, bot: botAsked(bot), ladder: ladderAsked(ladder) };
      const [page, query] = [pageAsked(args, UUID_KEY), nodesQuery(context, info)];
      const cut = await fightPage(context.platform, filter, page);
      return contestConnection(cut, await contestsOf(context, query, cut.rows));
    },
  }),
);
